"""What the demo says on its page and terminal, in both languages side by side."""

from typing import Final, Literal

Language = Literal["ja", "en"]

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Guard デモ", "Guard demo"),
    "lead": (
        "青葉商会の人たちのメールが、Guard を通って社外へ出ていきます。",
        "People of Aoba Trading send mail; all of it passes through Guard on its way out.",
    ),
    "safe": (
        "すべてこのコンピューターの中だけで動いています。どこにも送信されません。",
        "Everything stays on this computer. Nothing is sent anywhere.",
    ),
    "delivered": ("そのまま送信", "delivered"),
    "told": ("送信して知らせた", "delivered, sender told"),
    "held": ("止めて確認", "held, sender asked"),
    "refused": ("受け付けず", "refused"),
    "refresh": ("最新の状態を見る", "Refresh"),
    "live": ("自動で更新する", "Refresh automatically"),
    "still": ("自動更新を止める", "Stop refreshing"),
    "inboxes": ("社内の受信箱", "Inboxes"),
    "inboxes_note": (
        "止めたメールの送信者に、確認のメールが届きます。リンクを開いて答えてみてください。",
        "Guard asks the sender of a held mail by mail. Open a link and answer it.",
    ),
    "left": ("社外へ出たメール", "Left the company"),
    "left_note": (
        "宛先のメールサーバーに届いたものと、一字一句同じ内容です。",
        "Just as the recipient's mail server gets it.",
    ),
    "none_in": ("まだ何も届いていません。", "Nothing has arrived yet."),
    "none_out": ("まだ何も出ていません。", "Nothing has left yet."),
    "notice": ("確認のお願い", "Question"),
    "result": ("結果のお知らせ", "Result"),
    "internal": ("社内のメール", "Internal mail"),
    "open": ("確認ページを開く", "Open the confirm page"),
    "text": ("メールの本文を読む", "Read the mail"),
    "body": ("本文", "Text"),
    "to": ("宛先", "To"),
    "from": ("差出人", "From"),
    "subject": ("件名", "Subject"),
    "attached": ("添付", "Attached"),
    "confirmed": ("確認のうえ送信", "sent after confirming"),
    "log": ("判定の記録", "Decisions"),
    "log_note": (
        "新しい順。どの規則が、なぜそう決めたか。規則は policies/main.yaml にあります。",
        "Latest first: which rule decided, and why. The rules stand in policies/main.yaml.",
    ),
    "time": ("時刻", "Time"),
    "decision": ("判定", "Decision"),
    "reason": ("理由", "Reason"),
    "no_rule": ("どの規則にも当てはまりません", "No rule matched"),
    "deliver": ("送信", "Delivered"),
    "tell": ("送信・お知らせ", "Delivered, sender told"),
    "hold": ("保留", "Held"),
    "refuse": ("拒否", "Refused"),
    "waiting": ("送信者の答えを待っています", "waiting for its sender"),
    "sent": ("送信者が確認して送信しました", "its sender confirmed and sent it"),
    "returned": ("送信をやめて原文を返しました", "not sent; the original went back"),
    "try": ("自分で書いて送ってみる", "Send a mail of your own"),
    "try_note": (
        "本物の SMTP で Guard に渡します。sato@kita-shoji.example を一文字だけ変えてみてください。",
        "It is handed to Guard by real SMTP. Change one letter of sato@kita-shoji.example.",
    ),
    "attach": ("添付ファイル", "Attachment"),
    "attach_none": ("なし", "none"),
    "attach_list": ("顧客 48 件のブック", "a workbook with 48 customers"),
    "attach_locked": ("パスワード付き ZIP", "a ZIP with a password"),
    "send": ("Guard に渡す", "Hand it to Guard"),
    "subject_given": ("お見積りの件", "Your quotation"),
    "text_given": (
        "いつもお世話になっております。\nお見積りをお送りします。\n",
        "Hello,\n\nplease find our quotation below.\n",
    ),
    "bad_to": ("この宛先は読み取れません", "This is no mail address"),
    "no_to": ("宛先を書いてください", "Say whom it goes to"),
    "too_long": ("長すぎます", "This is too long"),
    "refusal": ("Guard の返答", "Guard answered"),
    "line_deliver": ("送信", "delivered"),
    "line_tell": ("送信・お知らせ", "delivered, sender told"),
    "line_hold": ("保留", "HELD"),
    "line_refuse": ("拒否", "REFUSED"),
    "recipients": ("件の宛先", "recipients"),
    "mail_in": ("受け口", "mail in"),
    "mail_in_note": ("(あなたの Guard)", "(your guard)"),
    "mail_out": ("出口", "mail out"),
    "mail_out_note": (
        "(届いたものをためるだけの、見せかけのメールサーバー)",
        "(a pretend mail server that keeps what it gets)",
    ),
    "look": ("画面", "look"),
    "stock": (
        "住所録 {contacts} 件、顧客 {customers} 件、規則 {rules} 個",
        "{contacts} contacts, {customers} customers, {rules} rules",
    ),
    "open_page": ("ブラウザーで開く:", "Open in a browser:"),
    "end": ("終わるには端末で Ctrl-C を押します。", "Ctrl-C in the terminal ends the demo."),
}
"""For each name the Japanese and the English text."""


def words(language: Language) -> dict[str, str]:
    """Give every text in *language*."""
    return {name: pair[language == "en"] for name, pair in WORDS.items()}
