"""
What the sender is told: a rule's sentence with its placeholders filled, one for each finding.

Filled by hand, not by `str.format`: a file called ``{recipient.__class__}`` is only a strange name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from guard.model.address import Address
from guard.model.extract import Reason
from guard.model.finding import (
    CustomerRows,
    Finding,
    Greeting,
    ListLike,
    Lookalike,
    Mark,
    OtherCompany,
    ProtectedNumbers,
    SenderNotTheirs,
    Unread,
    WrongFile,
)
from guard.policy.words import Language

BRACES: Final = re.compile(r"\{([^{}]*)\}")
"""Whatever stands in braces is a placeholder; a brace without its fellow is itself."""

FILLED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "recipient": (),
    "lookalike": ("recipient.resembles",),
    "file": (
        "attachment",
        *("body.contains", "body.looks_like_list", "body.numbers", "body.marked"),
    ),
    "count": (
        *("attachment.contains", "attachment.looks_like_list", "attachment.numbers"),
        *("body.contains", "body.looks_like_list", "body.numbers"),
        *("visible_outside_domains", "visible_outside_recipients"),
    ),
    "company": ("attachment.of_another_company", "greeting.names_other_company"),
    "greeting": ("greeting",),
    "sender": ("sender",),
    "words": ("subject.words", "body.words"),
    "others": ("recipients.never_together", "body.quotes_others"),
    "provider": ("recipient.mistyped_provider",),
    "list": ("attachment.contains", "body.contains"),
    "reason": ("attachment.unreadable",),
    "numbers": ("attachment.numbers", "body.numbers"),
    "mark": ("attachment.marked", "body.marked"),
}
"""Every placeholder, with the conditions of which any fills it; none: it is always filled."""

_NAMED_RECIPIENTS: Final = 3
_LONGEST: Final = 120
"""Characters of one filled value; file names can be made to fill a page."""

_BODY: Final[Mapping[str, str]] = {"ja": "本文", "en": "the text of this mail"}
_STRUCTURE: Final[Mapping[str, str]] = {
    "ja": "このメールの構造の一部",
    "en": "part of this mail's structure",
}
_NO_ADDRESS: Final[Mapping[str, str]] = {
    "ja": "読み取れないアドレス",
    "en": "an address that cannot be read",
}
_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {"my_number": "個人番号 (マイナンバー)", "card": "カード番号"},
    "en": {"my_number": "individual numbers (My Number)", "card": "payment card numbers"},
}
_MORE: Final[Mapping[str, str]] = {"ja": "ほか{}件", "en": "and {} more"}
_BETWEEN: Final[Mapping[str, str]] = {"ja": "、", "en": ", "}

REASONS: Final[Mapping[str, Mapping[Reason, str]]] = {
    "ja": {
        Reason.ENCRYPTED: "暗号化されています",
        Reason.IMAGE_ONLY: "文字として読めない画像があります",
        Reason.CORRUPT: "壊れています",
        Reason.UNSUPPORTED: "対応していない形式です",
        Reason.UNKNOWN_BINARY: "形式がわかりません",
        Reason.LIMIT: "大きすぎます",
        Reason.TIMEOUT: "時間内に読み終わりませんでした",
        Reason.CRASH: "読み取り中に異常が起きました",
        Reason.DEFECT: "形式に誤りがあります",
    },
    "en": {
        Reason.ENCRYPTED: "it is encrypted",
        Reason.IMAGE_ONLY: "it holds images that are not read",
        Reason.CORRUPT: "it is damaged",
        Reason.UNSUPPORTED: "its format is not supported",
        Reason.UNKNOWN_BINARY: "its format is unknown",
        Reason.LIMIT: "it is too large",
        Reason.TIMEOUT: "reading it took too long",
        Reason.CRASH: "reading it failed",
        Reason.DEFECT: "it is not well-formed",
    },
}


@dataclass(slots=True, kw_only=True)
class Concern:
    """One finding, with those recipients of a rule whom it concerns."""

    finding: Finding
    recipients: list[Address] = field(default_factory=list)
    count: int = 0
    """How much of it counts: the most for any of them."""


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """Put *values* in; a placeholder without a value becomes ``…``. Values are not filled again."""
    return BRACES.sub(lambda found: values.get(found[1], "…"), sentence)


def spoken(
    message: Mapping[Language, str],
    concerns: Sequence[Concern],
    recipients: Sequence[Address],
    *,
    says: Mapping[str, str],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """
    Give, for each language of *message*, its sentences: one a concern, or one if there is none.

    *says* is what placeholders stand for that no concern fills.
    """
    return tuple(
        (
            language,
            tuple(dict.fromkeys(_sentences(sentence, language, concerns, recipients, says))),
        )
        for language, sentence in message.items()
    )


def _sentences(
    sentence: str,
    language: str,
    concerns: Sequence[Concern],
    recipients: Sequence[Address],
    says: Mapping[str, str],
) -> Iterator[str]:
    common = {"recipient": _listed(recipients, language)}
    common |= {name: _clean(value) for name, value in says.items()}
    # A rule that asks for two kinds at once fills what one leaves open from the first of the other.
    for concern in reversed(concerns):
        common |= _values(concern, language)
    if not concerns:
        yield fill(sentence, common)
    for concern in concerns:
        own = {"recipient": _listed(concern.recipients, language)} | _values(concern, language)
        yield fill(sentence, common | own)


def _values(concern: Concern, language: str) -> dict[str, str]:
    match finding := concern.finding:
        case Lookalike():
            return {"lookalike": _clean(finding.intended.address.text)}
        case CustomerRows():
            return {
                "file": _clean(finding.file) or _BODY[language],
                "count": str(concern.count),
                "list": finding.list_name,
            }
        case WrongFile():
            return {"file": _clean(finding.file), "company": _clean(finding.company)}
        case Unread():
            reasons = (REASONS[language][reason] for reason in finding.reasons)
            return {
                "file": _clean(finding.file) or _STRUCTURE[language],
                "reason": _BETWEEN[language].join(reasons),
            }
        case ListLike():
            return {"file": _clean(finding.file) or _BODY[language], "count": str(finding.count)}
        case ProtectedNumbers():
            return {
                "file": _clean(finding.file) or _BODY[language],
                "count": str(finding.count),
                "numbers": _KINDS[language][finding.kind],
            }
        case Mark():
            return {
                "file": _clean(finding.file) or _BODY[language],
                "mark": _BETWEEN[language].join(finding.marks),
            }
        case Greeting():
            return {"greeting": _clean(finding.greeting)}
        case OtherCompany():
            return {"greeting": _clean(finding.line), "company": _clean(finding.company)}
        case SenderNotTheirs(address=address):
            return {"sender": _clean(address.text) if address else _NO_ADDRESS[language]}
        case _:
            return {}


def _listed(recipients: Sequence[Address], language: str) -> str:
    named = [_clean(address.text) for address in recipients[:_NAMED_RECIPIENTS]]
    if rest := len(recipients) - len(named):
        named.append(_MORE[language].format(rest))
    return _BETWEEN[language].join(named)


def _clean(value: str) -> str:
    """Give one line of visible characters: no line ends, no marks that turn the direction."""
    line = " ".join(value.split())
    shown = "".join(char for char in line if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
