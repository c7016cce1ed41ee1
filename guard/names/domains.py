"""How alike two domains are, and by what slip one is written for the other."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList
from rapidfuzz.distance import OSA

from guard.names.freemail import DOPPELGANGERS, FREE_MAIL
from guard.names.spelling import plain, romaji


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """
    Give the list of public suffixes, read when it is first wanted: it takes a tenth of a second.

    The ICANN part only: `x.pages.dev` must not make all of `pages.dev` one company, nor may a
    hosting provider's entry tear its own people apart.
    """
    return PublicSuffixList(only_icann=True)


# Letters of other alphabets, and digits, each under the Latin letter that it is taken for. Wide and
# mathematical letters, Roman numerals and accents are undone by `plain`.
_TAKEN_FOR: Final = {
    "a": "аα4ɑӑӓ", "b": "вβ8ьƅɓ", "c": "сϲᴄҫ¢ƈ", "d": "ԁɗժᏧ", "e": "еε3єҽэ℮ɛ", "f": "ƒғϝք",
    "g": "9ɡցɢ", "h": "һнհի", "j": "јϳյ", "k": "кκқᴋҝ", "l": "ӏі1iι|ɩɪıլǀӀ׀ןا", "m": "мᴍ",
    "n": "ηոпռɴ", "o": "оο0օσөѳᴏ०๐໐౦០〇", "p": "рρҏ⍴þ", "q": "ԛզգ", "r": "гᴦɾʀг", "s": "ѕ5ꜱʂ$ѕ",
    "t": "тτᴛƭ", "u": "υսʋᴜц", "v": "ѵνᴠ", "w": "ԝωѡաɯᴡ", "x": "хχҳ", "y": "уγүყʏ", "z": "ᴢʐʑ",
}  # fmt: skip

_GLYPHS: Final = str.maketrans(
    {other: letter for letter, others in _TAKEN_FOR.items() for other in others}
)


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain, parted: `mail.abc.co.jp` is host `mail.`, label `abc`, suffix `co.jp`."""

    text: str
    shown: str
    """`text` as people read it: ``xn--`` labels in their own letters (RFC 5891)."""

    registrable: str
    """What somebody registered; the whole domain where the list knows no such part."""

    label: str
    """`registrable` without its public suffix."""

    suffix: str
    skeleton: str
    """Equal for domains that the eye confuses."""

    home: str
    """The same of what is registered."""

    joined: str
    """`text` without dots and hyphens."""

    sounded: str
    """`text`, as `romaji` folds it."""

    free: bool
    """Whether anybody can have an address here."""


@lru_cache(maxsize=8192)
def domain(text: str) -> Domain:
    """Part *text*, a domain as `Address.domain` gives it."""
    registrable = registrable_of(text)
    label, _, suffix = registrable.partition(".")
    shown = unicode_form(text)
    return Domain(
        text=text,
        shown=shown,
        registrable=registrable,
        label=label,
        suffix=suffix,
        skeleton=skeleton(shown),
        home=skeleton(unicode_form(registrable)),
        joined=shown.replace(".", "").replace("-", ""),
        sounded=romaji(shown),
        free=registrable in FREE_MAIL,
    )


def registrable_of(text: str) -> str:
    """Give what somebody registered of a domain; all of it where the list knows no such part."""
    return _suffixes().privatesuffix(text) or text


def company_domain(text: str) -> str:
    """Give the registrable domain; empty where anybody can have an address there."""
    registrable = registrable_of(text) if text else ""
    return "" if registrable in FREE_MAIL else registrable


def unicode_form(text: str) -> str:
    """Give a domain with its ``xn--`` labels in their own letters; what is none stays."""
    if "xn--" not in text:
        return text
    return ".".join(map(_unicode_label, text.split(".")))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        # Not by `idna`: a label that the standard forbids is shown by many programs all the same.
        return label[4:].encode("ascii").decode("punycode").lower()
    except UnicodeError:
        return label


@lru_cache(maxsize=8192)
def skeleton(text: str) -> str:
    """Fold what the eye confuses: Cyrillic and Greek, 0 and o, 1 and l, rn and m, vv and w."""
    text = plain(text.translate(_GLYPHS)).translate(_GLYPHS)
    return text.replace("rn", "m").replace("vv", "w").replace("cl", "d")


@lru_cache(maxsize=8192)
def slip(a: str, b: str) -> tuple[str, int] | None:
    """
    Say how *a* comes to be written for *b*, and how close they are, 0 to 100.

    Kinds: ``same``, ``homoglyph``, ``romanisation`` (``shoji`` and ``syoji``), ``doppelganger``,
    ``subdomain`` (one registrable domain, other host), ``tld_swap``, ``prolonged`` (by more labels,
    so that it is somebody else's), ``typo``. `None`: not alike.
    """
    if a == b:
        return "same", 100
    one, two = domain(a), domain(b)
    if one.shown == two.shown:
        return "same", 100
    if one.skeleton == two.skeleton:
        return "homoglyph", 100
    if two.registrable in {DOPPELGANGERS.get(a), DOPPELGANGERS.get(one.registrable)}:
        return "doppelganger", 98
    if one.registrable == two.registrable:
        return "subdomain", 92
    if one.home == two.home:
        return "homoglyph", 97
    if (one.label == two.label and len(one.label) > 1) or _ends_differ(a, b):
        # Of free mail providers the ending is half the name: yahoo.com and yahoo.co.jp are two.
        return "tld_swap", 90 if one.free and two.free else 94
    if one.sounded == two.sounded:
        return "romanisation", 98
    if _prolonged(one, two) or _prolonged(two, one):
        return "prolonged", 96
    if one.free and two.free:
        return None
    return _typed(one, two)


def _ends_differ(a: str, b: str) -> bool:
    """Whether only the last label differs, behind two or more: `jms.id.au` and `jms.id.com`."""
    stem = a.rpartition(".")[0]
    return "." in stem and stem == b.rpartition(".")[0]


def _prolonged(longer: Domain, shorter: Domain) -> bool:
    """Whether one reads like the other until its end: ``north.com.example.net``."""
    return "." in shorter.text and longer.text.startswith(f"{shorter.text}.")


def _typed(one: Domain, two: Domain) -> tuple[str, int] | None:
    """Find slips of the keys: a letter more, less, other or moved; a dot or hyphen left out."""
    if one.joined == two.joined:
        return "typo", 97
    shorter = min(len(one.label), len(two.label))
    # Two short names are near by chance: ibm and ibn are two firms, and so is a-sangyo to b-sangyo,
    # for a lone letter in front is the name.
    if one.suffix == two.suffix and (shorter < 4 or _lone_letters_differ(one.label, two.label)):
        return None
    for a, b, off in ((one.text, two.text, 0), (one.registrable, two.registrable, 2)):
        if not -3 < len(a) - len(b) < 3:
            continue
        distance = OSA.distance(a, b, score_cutoff=2)
        if distance == 1 or (distance == 2 and shorter >= 7):
            return "typo", round(100 * (1 - distance / max(len(one.registrable), 10))) - off
    return None


def _lone_letters_differ(a: str, b: str) -> bool:
    """Whether both have a word of one letter, and it is not the same one."""
    lone_a = [word for word in a.split("-") if len(word) == 1]
    lone_b = [word for word in b.split("-") if len(word) == 1]
    return bool(lone_a) and bool(lone_b) and lone_a != lone_b
