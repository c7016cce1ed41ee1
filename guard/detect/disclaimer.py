"""The legal text below a signature: it calls every mail confidential, so it says nothing of one."""

import re
from typing import Final

_THIS_MAIL: Final = re.compile(
    r"\b(?:this|the|these) (?:e-?mails?|electronic mail|messages?|communications?|transmissions?"
    r"|correspondence)\b|(?:本|この|当該?)(?:電子|[eEeE][-ー]?)?(?:メール|メッセージ|通信)"
    r"|\b(?:diese|die) (?:e-?mail|nachricht)\b|\b(?:ce|cet) (?:e-?mail|message|courriel)\b",
    re.IGNORECASE,
)
_OTHERS: Final = (
    r"\b(?:intended|named|actual) (?:recipients?|addressees?)|\baddressees?\b"
    r"|\b(?:intended|meant) (?:only|solely|exclusively)"
    r"|\b(?:solely|only|exclusively) (?:intended )?for (?:the|use)"
    r"|(?:名宛人|受信者|受取人|宛先|指定された|意図した|本来の|特定の)[^。\n]{0,20}"
    r"(?:様|方|者|人|のみ|以外|宛)"
)
_MISTAKE: Final = (
    r"\bin error\b|\bby mistake\b|\berroneously\b|\bmistakenly\b"
    r"|誤って|誤送信|間違って|心当たり|手違い"
)
_REQUEST: Final = (
    r"\bdelet(?:e|ing)\b|\bdestroy\b|\bnotify\b|\binform (?:the|us)\b|\bplease contact\b"
    r"|削除|破棄|廃棄|ご連絡|お知らせ|ご一報"
)
_LAW: Final = (
    r"\bprivileged\b|\bunauthori[sz]ed\b|\bdisclos(?:e|ure|ing)\b|\bprohibited\b"
    r"|(?:含まれ|含む|含ん)[^。\n]{0,20}(?:場合|こと|恐れ|おそれ|可能性|おります|います)|開示|禁じ|禁止"
)
_SIGNALS: Final = tuple(
    re.compile(pattern, re.IGNORECASE) for pattern in (_OTHERS, _MISTAKE, _REQUEST, _LAW)
)
_ENOUGH: Final = 2

_REACH: Final = 320
"""Characters on each side within which a legal text says what it is."""

_BREAK: Final = re.compile(r"\n[ \t>|\u3000]*(?:[-=_*~─━―—]{2,}[ \t]*)?(?=\n)")
"""An empty line, or a ruled one."""

_HEADING: Final = 60


def is_disclaimer(text: str, start: int, end: int, *, heading: bool) -> bool:
    """
    Whether what stands from *start* to *end* is part of such a legal text.

    Judged by the paragraph around it: that speaks of this mail and of whoever gets it by mistake,
    or of two such things. What may be its *heading* is judged by the paragraph below, too.
    """
    above = text[max(0, start - _REACH) : start]
    below = text[end : end + _REACH]
    breaks = [found.end() for found in _BREAK.finditer(above)]
    above = above[breaks[-1] :] if breaks else above
    stop = _BREAK.search(below)
    around = above + text[start:end] + (below[: stop.start()] if stop else below)
    if heading and stop and len(around.strip()) <= _HEADING:
        further = below[stop.end() :].lstrip("\n")
        stop = _BREAK.search(further)
        around += " " + (further[: stop.start()] if stop else further)
    around = " ".join(around.replace(">", " ").split())
    said = sum(signal.search(around) is not None for signal in _SIGNALS)
    return said >= _ENOUGH or (said > 0 and _THIS_MAIL.search(around) is not None)


def speaks_of_this_mail(sentence: str) -> bool:
    """Whether a sentence is about the mail itself: ``This e-mail is strictly …``."""
    return _THIS_MAIL.search(sentence) is not None
