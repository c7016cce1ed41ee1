"""Clean text, no sentence twice, with the numbers and dates that text has."""
# ruff: noqa: E501, ISC004 -- lists of words, each best read on few lines

from collections.abc import Iterator
from random import Random
from typing import Final

JAPANESE: Final = {
    "誰": "担当者 利用者 管理者 開発部門 委員会 当社 取引先 参加者 事務局 研究班 自治体 監査人 作業員 編集部 検査員 店長 学生 経営陣",
    "物": "報告書 見積もり 仕様書 新しい装置 会議の議事録 システム 契約書 設計図 アンケートの結果 データベース 予算案 工程表 "
    "サーバーの設定 製品の試作品 在庫の一覧 マニュアル 研修資料 通信回線 部品の図面 点検の記録 保守計画 配送の手順",
    "様": "慎重に 速やかに 定期的に 段階的に 前回と同じ手順で 予定どおり 念のため 詳しく 手作業で 自動的に あらためて 可能な範囲で",
    "為": "確認し 修正し 検討し 比較し 保存し 共有し 説明し 更新し 測定し 整理し 分析し 評価し",
    "末": "、次の工程に進みます。 、結果を記録してください。 、必要に応じて見直すことになりました。 たうえで、判断する予定です。 "
    "ましたが、問題は見つかりませんでした。 、来週までに回答します。 、全員に知らせる必要があります。 た場合は、再起動が必要です。 "
    "ていただけますと幸いです。 ているところですので、しばらくお待ちください。",
    "所": "本社の会議室で 工場の第２ラインで クラウド環境において 現場で 研究所で 会場の入口で オンラインで 倉庫の奥で 各支店で",
    "理": "費用が増えたため 天候の影響で 要望が多かったことから 法令の改正に伴い 部品が不足しており 障害の再発を防ぐため "
    "担当が替わったので 品質を保つために 納期が迫っているため",
}

ENGLISH: Final = {
    "who": "the committee|our team|every user|the administrator|a reviewer|the supplier|the board|a technician|the"
    " editor|most participants|the project office|an auditor|the operator|the marketing group|a student",
    "thing": "the quarterly report|a new device|the configuration file|the contract|the test results|the database|a draft"
    " budget|the user manual|the network connection|the meeting minutes|a spare part|the maintenance plan|the"
    " source code|the delivery schedule|the inspection record|a survey of all branches|the training material",
    "did": "checks|updates|compares|describes|replaces|measures|approves|archives|rewrites|has discussed|should review|will"
    " publish|may change|has not received|cannot open|must document",
    "how": "carefully|without delay|once a week|step by step|as agreed|by hand|automatically|in more detail|whenever"
    " possible|as a precaution|in the same way as before|under normal conditions",
    "where": "in the main office|on the second line|at the plant|in the cloud|at every branch|on the old server|during the"
    " workshop|in the appendix|on the shared drive|at the entrance",
    "why": "because costs have risen|since the law has changed|as many people asked for it|to prevent another outage|after"
    " the supplier changed|so that quality does not suffer|although nobody complained|before the deadline"
    " passes|unless something unexpected happens",
}


def prose(language: str, seed: int, octets: int) -> str:
    """Give so much clean text, in paragraphs, as UTF-8 counts it."""
    rng = Random(seed)  # noqa: S311 -- nothing here is secret
    sentence = sentences(language, rng)
    paragraphs: list[str] = []
    size = 0
    while size < octets:
        between = "" if language == "ja" else " "
        paragraphs.append(between.join(next(sentence) for _ in range(rng.randrange(2, 7))))
        size += len(paragraphs[-1].encode()) + 2
    return "\n\n".join(paragraphs).encode()[:octets].decode("utf-8", "ignore")


def sentences(language: str, rng: Random) -> Iterator[str]:
    """Give one sentence after the other, none twice."""
    given: set[int] = set()
    make = _japanese if language == "ja" else _english
    while True:
        sentence = make(rng)
        if hash(sentence) not in given:
            given.add(hash(sentence))
            yield sentence


def _japanese(rng: Random) -> str:
    def a(kind: str) -> str:
        return rng.choice(JAPANESE[kind].split())

    lead = rng.choice(
        (
            "",
            "",
            f"{a('理')}、",
            f"{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日から",
            f"{rng.randrange(2, 40)}件の指摘を受け、",
            f"第{rng.randrange(2, 30)}章に示すとおり、",
        )
    )
    middle = rng.choice(
        (
            f"{a('誰')}が{a('所')}{a('物')}を{a('様')}{a('為')}",
            f"{a('物')}については{a('誰')}と{a('誰')}が{a('為')}",
            f"{a('所')}{a('物')}と{a('物')}を{a('為')}",
            f"{a('様')}{a('物')}を{a('為')}、続いて{a('物')}も{a('為')}",
        )
    )
    extra = rng.choice(
        (
            "",
            "",
            "",
            f"（全{rng.randrange(3, 400)}ページ）",
            f"（費用は{rng.randrange(10_000, 9_999_999):,}円）",
            f"（バージョン{rng.randrange(1, 20)}.{rng.randrange(10)}.{rng.randrange(30)}）",
            f"（{rng.randrange(2019, 2028)}年度）",
        )
    )
    return lead + middle + extra + a("末")


def _english(rng: Random) -> str:
    def a(kind: str) -> str:
        return rng.choice(ENGLISH[kind].split("|"))

    core = f"{a('who')} {a('did')} {a('thing')} {rng.choice((a('how'), a('where')))}"
    text = rng.choice(
        (
            f"{core} {a('why')}",
            f"{core}, and {a('who')} {a('did')} {a('thing')}",
            f"{a('where')}, {core}",
            f"on {rng.randrange(1, 29)} {rng.choice(MONTHS)} {rng.randrange(2019, 2028)} {core}",
            f"{core} (see section {rng.randrange(1, 20)}.{rng.randrange(1, 12)}) {a('why')}",
            f"{a('who')} and {a('who')} met {a('where')}; {core} for {rng.randrange(100, 90_000):,} euros",
            f"version {rng.randrange(1, 12)}.{rng.randrange(30)} of {a('thing')} is {rng.randrange(2, 99)} "
            f"% smaller, and {core}",
        )
    )
    return text[0].upper() + text[1:] + "."


MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
