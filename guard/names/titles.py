"""What stands around a name and is none: titles, posts, departments, companies, remarks."""

import re
from functools import lru_cache
from typing import Final

from guard.names.data import lines
from guard.names.readings import UNKNOWN, surname_cost
from guard.names.spelling import KANA, KANJI, plain

TITLES: Final = frozenset(lines("titles"))
"""Titles and honorifics in Latin letters, folded."""

POSTS: Final = TITLES | frozenset(lines("posts"))
"""Also posts and degrees: taken off where they stand apart from the name."""

SPOKEN_TITLES: Final = frozenset({"san", "sama", "kun", "chan", "sensei", "dono", "shi"})
"""What is hung on a Japanese name with a hyphen: ``Sato-san``."""

_LEGAL: Final = frozenset(
    "inc incorporated ltd limited corp corporation company llc llp plc gmbh ag kk bv oy oyj spa srl "
    "sarl pty pte holdings group co university bank".split()
)

_HONORIFIC: Final = (
    "様方 さま さん ちゃん くん 君 殿 御中 先生 先輩 氏 各位 御一同 様 "
    "代表取締役社長 代表取締役 取締役 執行役員 常務 専務 副社長 社長 会長 監査役 相談役 顧問 "
    "事業部長 副本部長 本部長 副部長 部長代理 部長 次長 副課長 課長補佐 課長代理 課長 係長 主任 室長 "
    "班長 所長 支店長 支社長 営業所長 店長 工場長 局長 院長 校長 園長 館長 署長 市長 町長 村長 知事 "
    "主査 主幹 主事 参事 理事長 理事 会計士 税理士 弁護士 司法書士 行政書士 弁理士 医師 看護師 "
    "教授 准教授 名誉教授 助教 講師 研究員 技師 博士 監督 コーチ リーダー マネージャー マネジャー "
    "マネージャ ディレクター チーフ エンジニア 担当者 ご担当 御担当 担当 秘書 拝"
).split()
_SUFFIX: Final = re.compile(
    "(?:" + "|".join(sorted(map(plain, _HONORIFIC), key=len, reverse=True)) + ")$"
)
_POSTS: Final = (
    "(?:"
    + "|".join(map(plain, "社長 会長 部長 次長 課長 係長 主任 室長 所長 店長 工場長 局長".split()))
    + "|"
    + "|".join(map(plain, "取締役 役員 監査役 教授 講師 担当 リーダー マネージャー".split()))
    + ")"
)
_POST: Final = re.compile(rf"^[^ ]*{_POSTS}")
_HAS_POST: Final = re.compile(rf"{_POSTS}$")

_MARK: Final = (
    r"(?:[(（](?:株|有|合|同|社|財|医|学|独)[)）]|(?:株式|有限|合同|合資|合名)会社"
    r"|(?:一般|公益)?(?:社団|財団)法人"
    r"|(?:医療|学校|宗教|社会福祉|独立行政|国立大学|税理士|弁護士|特定非営利活動)法人)"
)
_COMPANY_MARK: Final = re.compile(_MARK)
_COMPANIES: Final = (
    re.compile(rf"[^\s/|]+{_MARK}(?=[\s/|]|$)"),
    re.compile(rf"{_MARK}[^\s/|]+"),
    re.compile(rf"{_MARK}\s+\S+(?=\s+\S)"),
)
_BRACKETS: Final = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|【[^】]*】|「[^」]*」|〔[^〕]*〕|\*[^*]*\*"
)
_UNIT: Final = re.compile(
    "(?:"
    + "|".join(
        map(
            plain,
            """
            事業部 本部 支店 支社 支部 本社 本店 営業所 事務所 研究所 製作所 出張所 センター 工場 グループ
            チーム 商事 商会 商店 工業 産業 興業 建設 建築 工務店 設計 製薬 製紙 製菓 製鉄 電機 電気 電子
            電力 電工 物産 物流 運輸 運送 印刷 食品 薬品 化学 化成 金属 鉄鋼 機械 機器 精機 精密 自動車
            不動産 銀行 信用金庫 証券 保険 生命 海上 信託 新聞 新聞社 出版 放送 通信 情報 大学 大学院 学園
            高校 高等学校 中学校 小学校 病院 医院 薬局 クリニック 協会 組合 連合会 財団 機構 委員会 市役所
            区役所 役場 県庁 都庁 務省 産省 通省 働省 衛省 システム システムズ サービス ホールディングス コーポレーション ソフト
            テック テクノロジー ラボ ジャパン エンジニアリング コンサルティング 株式会社 有限会社 旅行 鉄道 航空
            倉庫 ガス 石油 水産 農園 農協 技研 研究室 事務局 編集部 経理 総務 人事 営業 購買 開発 企画 広報 法務
            """.split(),
        )
    )
    + ")$"
)
_DEPARTMENT: Final = re.compile(r"[部課室係局科庁班店社]$")
_NO_DEPARTMENT: Final = 2
"""Characters up to which a word that ends like a department may be a surname: 阿部, 服部."""

_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def is_address(text: str) -> bool:
    """Whether there is an address in *text*."""
    return _ADDRESS.search(text) is not None


def without_remarks(name: str) -> str:
    """Take off companies with their mark, and what is in brackets unless that is all there is."""
    bare = _BRACKETS.sub(" ", _without_companies(name))
    return bare if bare.strip() else re.sub(r"[()\[\]<>【】「」〔〕*]", " ", name)


def _without_companies(name: str) -> str:
    """Take off 株式会社 and the like with what it stands at, in front or behind."""
    if not _COMPANY_MARK.search(name):
        return name
    for pattern in _COMPANIES:
        bare = pattern.sub(" ", name)
        name = bare if bare.strip() else name
    return _COMPANY_MARK.sub(" ", name)


def japanese_words(name: str) -> list[str]:
    """Give the words of a name in kanji or kana, as written, without all that is not name."""
    tokens = [token for token in re.split(r"[\s・,、。;:]+", name) if token]
    words: list[str] = []
    for token in tokens:
        word = without_titles(token)
        if word and not is_unit(word):
            # Of 東京支店長 佐藤 the first is no name either.
            if words and _HAS_POST.search(plain(tokens[tokens.index(token) - 1])):
                words.pop()
            words.append(word)
    if not words:
        words = [word for token in tokens if (word := without_titles(token))]
    if any(map(_is_japanese, words)) and not all(map(_is_japanese, words)):
        japanese = [word for word in words if _is_japanese(word)]
        if len(japanese) > 1 or len(japanese[0]) > 2:
            words = japanese
    return words[-2:]  # a company or a post stands before the name


def _is_japanese(word: str) -> bool:
    return KANJI.search(word) is not None or KANA.search(word) is not None


@lru_cache(maxsize=65536)
def without_titles(word: str) -> str:
    """Take titles and posts off both ends of one word; nothing is left of one that is a title."""
    if not (KANJI.search(word) or KANA.search(word)):
        return "" if plain(word) in POSTS else word
    folded = plain(word)
    if len(folded) != len(word):
        word = folded
    while match := _SUFFIX.search(folded):
        if is_unit(folded[: match.start()]) and KANJI.search(folded[: match.start()]):
            return ""
        folded, word = folded[: match.start()], word[: match.start()]
    if (match := _POST.match(folded)) and match.end() < len(folded):
        word = word[match.end() :]
    return word


@lru_cache(maxsize=65536)
def is_unit(word: str) -> bool:
    """Whether a word is a company, a department or the like."""
    folded = plain(word)
    if _UNIT.search(folded):
        return len(folded) > 2 or surname_cost(folded) == UNKNOWN
    if not _DEPARTMENT.search(folded) or len(folded) < _NO_DEPARTMENT:
        return False
    return surname_cost(folded) == UNKNOWN and not (
        len(folded) == _NO_DEPARTMENT and folded[-1] in "部社店局"
    )


def japanese_part(parts: list[str]) -> str:
    """Of what stands between slashes, give the first that is no company and no department."""
    parts = [part for part in parts if part.strip()]
    for part in parts:
        if not all(is_unit(without_titles(word) or word) for word in part.split()):
            return part
    return parts[0] if parts else ""


def latin_part(parts: list[str]) -> str:
    """Of what stands between slashes or dashes, give the first that is no company and no post."""
    for part in parts:
        words = plain(part).replace(".", " ").split()
        if words and not is_company(words) and not all(word in POSTS for word in words):
            return part
    return parts[0]


def is_company(words: list[str]) -> bool:
    """Whether folded Latin *words* are a company's name."""
    return len(words) > 1 and not _LEGAL.isdisjoint(words[1:])
