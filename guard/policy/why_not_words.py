"""How it is said that a condition does not hold."""

from collections.abc import Iterator, Mapping
from typing import Final

from guard.policy.ground import Ground


def said(ground: Ground, language: str) -> str:
    """Say in *language* (``ja`` or ``en``) that a condition does not hold."""
    words = WORDS[language]
    fact, value, wanted = ground.fact, ground.value, ground.wanted
    if isinstance(wanted, bool):
        sentence = words.get(f"{fact} {'no' if wanted else 'yes'}")
    else:
        sentence = words.get(fact)
    if sentence is None:
        number = is_number(value) and is_number(wanted)
        sentence = words["few" if number else "not_so"]
    shown = words["none"] if value is None or value is False else _number(value)
    return sentence.format(value=shown, wanted=_number(wanted), fact=fact)


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def is_number(value: object) -> bool:
    """Whether a value is a count or a share, not yes or no."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def facts_with_words() -> Iterator[str]:
    """Give the facts that have words of their own."""
    yield from dict.fromkeys(key.partition(" ")[0] for key in WORDS["en"] if "." in key)


WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "between": ", ",
        "none": "none",
        "excepted": "an exception takes it out: {}",
        "until": " (until {})",
        "watched": "it matches, and only records (mode: watch)",
        "no_list": "the list {} holds nothing: guard lists import",
        "few": "{fact}: {value} of {wanted}",
        "not_so": "{fact}: {value}; the rule wants {wanted}",
        "recipient.resembles": "it resembles nobody whom the sender may have meant instead",
        "recipient.suspicion": "suspicion {value} of {wanted}",
        "recipient.closeness": "closeness {value} of {wanted}",
        "recipient.first_time no": "the sender has written to it before",
        "recipient.first_time yes": "the sender never wrote to it",
        "recipient.outside no": "it is one of us",
        "recipient.outside yes": "it is not one of us",
        "recipient.address": "the address is not like {wanted}",
        "recipient.group": "it is not in {wanted}",
        "recipient.free_mail no": "it is no free-mail address",
        "recipient.free_mail yes": "it is a free-mail address",
        "recipient.role no": "it is a person's address",
        "recipient.role yes": "it is a shared address",
        "recipient.new_domain no": "its domain is known",
        "recipient.new_domain yes": "its domain is new",
        "recipient.mistyped_provider no": "its domain is no misspelt provider",
        "recipient.mistyped_provider yes": "its domain is a misspelt provider: {value}",
        "recipient.joins_thread no": "it is no newcomer in the thread",
        "recipient.joins_thread yes": "it is a newcomer in the thread",
        "recipients.never_together": "nobody of another party is among the recipients",
        "attachment.name": "no file is called {wanted}",
        "attachment.kind": "no file is of the kind {wanted}",
        "attachment.contains": "{value} of {wanted} rows in a file that are not the recipient's",
        "attachment.looks_like_list": "{value} of {wanted} people listed in one file",
        "attachment.numbers": "{value} of {wanted} protected numbers in one file",
        "attachment.marked": "no file is marked",
        "attachment.unreadable": "no file is {wanted}",
        "attachment.of_another_company": "no file seems to be another company's",
        "subject.words": "the subject does not say {wanted}",
        "body.contains": "{value} of {wanted} rows in the text that are not the recipient's",
        "body.looks_like_list": "{value} of {wanted} people listed in the text",
        "body.numbers": "{value} of {wanted} protected numbers in the text",
        "body.marked": "subject and text are not marked",
        "body.words": "the text does not say {wanted}",
        "body.quotes_others no": "it quotes no outside people but the recipients' own",
        "body.quotes_others yes": "it quotes others: {value}",
        "visible_outside_domains": "{value} of {wanted} outside domains in To and Cc",
        "visible_outside_recipients": "{value} of {wanted} outside addresses in To and Cc",
        "greeting.names_someone_else no": "the text greets nobody else",
        "greeting.names_other_company": "the text is addressed to no other company",
        "sender.not_theirs no": "it is sent as an address of whoever logged in, or without a login",
        "sender.from_outside no": "From is one of us",
        "sender.from_outside yes": "From is not one of us: {value}",
        "sender.address": "the sender is not like {wanted}",
        "sender.group": "the sender is not in {wanted}",
        "time.between": "it is {value}, not {wanted}",
        "time.days": "it is {value}, not {wanted}",
    },
    "ja": {
        "between": "、",
        "none": "なし",
        "excepted": "例外です: {}",
        "until": " ({} まで)",
        "watched": "当てはまりますが、記録するだけです (mode: watch)",
        "no_list": "名簿 {} にはまだ何もありません: guard lists import",
        "few": "{fact}: {wanted} のうち {value}",
        "not_so": "{fact}: {value}。規則が求めるのは {wanted}",
        "recipient.resembles": "送信者が取り違えそうな、よく似た相手はいません",
        "recipient.suspicion": "疑い {value} (基準 {wanted})",
        "recipient.closeness": "近さ {value} (基準 {wanted})",
        "recipient.first_time no": "送信者は以前にも送っています",
        "recipient.first_time yes": "送信者は一度も送っていません",
        "recipient.outside no": "社内の宛先です",
        "recipient.outside yes": "社内の宛先ではありません",
        "recipient.address": "アドレスが {wanted} に当たりません",
        "recipient.group": "{wanted} に入っていません",
        "recipient.free_mail no": "フリーメールのアドレスではありません",
        "recipient.free_mail yes": "フリーメールのアドレスです",
        "recipient.role no": "個人のアドレスです",
        "recipient.role yes": "共有のアドレスです",
        "recipient.new_domain no": "知っているドメインです",
        "recipient.new_domain yes": "初めてのドメインです",
        "recipient.mistyped_provider no": "プロバイダー名の打ち間違いではありません",
        "recipient.mistyped_provider yes": "プロバイダー名の打ち間違いです: {value}",
        "recipient.joins_thread no": "このやりとりに新しく加わった宛先ではありません",
        "recipient.joins_thread yes": "このやりとりに新しく加わった宛先です",
        "recipients.never_together": "一緒にしてはいけない相手が宛先にいません",
        "attachment.name": "{wanted} という名前のファイルがありません",
        "attachment.kind": "種類が {wanted} のファイルがありません",
        "attachment.contains": "ファイルにある宛先以外の行は {value} 件 (基準 {wanted})",
        "attachment.looks_like_list": "1 つのファイルに並ぶ人は {value} 人 (基準 {wanted})",
        "attachment.numbers": "1 つのファイルにある保護番号は {value} 件 (基準 {wanted})",
        "attachment.marked": "社外秘などの印のあるファイルがありません",
        "attachment.unreadable": "{wanted} のファイルがありません",
        "attachment.of_another_company": "別の会社のものらしいファイルがありません",
        "subject.words": "件名に {wanted} がありません",
        "body.contains": "本文にある宛先以外の行は {value} 件 (基準 {wanted})",
        "body.looks_like_list": "本文に並ぶ人は {value} 人 (基準 {wanted})",
        "body.numbers": "本文にある保護番号は {value} 件 (基準 {wanted})",
        "body.marked": "件名と本文に社外秘などの印がありません",
        "body.words": "本文に {wanted} がありません",
        "body.quotes_others no": "宛先と関係のない社外の人は引用されていません",
        "body.quotes_others yes": "ほかの人が引用されています: {value}",
        "visible_outside_domains": "To と Cc の社外ドメインは {value} (基準 {wanted})",
        "visible_outside_recipients": "To と Cc の社外アドレスは {value} 件 (基準 {wanted})",
        "greeting.names_someone_else no": "宛名に別の人の名前はありません",
        "greeting.names_other_company": "宛名に別の会社の名前はありません",
        "sender.not_theirs no": "ログインした人の差出人か、ログインなしのメールです",
        "sender.from_outside no": "差出人は社内です",
        "sender.from_outside yes": "差出人は社内ではありません: {value}",
        "sender.address": "差出人が {wanted} に当たりません",
        "sender.group": "差出人が {wanted} に入っていません",
        "time.between": "今は {value} で、{wanted} ではありません",
        "time.days": "今日は {value} で、{wanted} ではありません",
    },
}
"""By language. Of a yes-or-no question ``no`` is what is said where yes was wanted."""
