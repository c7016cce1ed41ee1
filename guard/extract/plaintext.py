"""Text in any encoding: plain, CSV, JSON, vCard, XML as it stands."""

import quopri
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from guard.extract.budget import Budget
from guard.extract.kinds import Kind, has_zip_directory, kind_of
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.model.extract import Passage, Reason
from guard.parse.candidates import BOMS, unshifted
from guard.parse.charset import JIS_ESCAPE, codec, guess, iso2022jp
from guard.parse.embedded import embedded
from guard.parse.markup import page

_CANDIDATES: Final = ("cp932", "euc_jp", "euc_jis_2004", "gb18030", "cp949", "big5hkscs", "cp1252")
_JAPANESE: Final = ("cp932", "euc_jp", "euc_jis_2004")
_MOST_CANDIDATES: Final = 3
_ZERO_SHARE: Final = 8
"""One octet in so many is zero in UTF-16 with Western letters, digits and line ends in it."""

_FOLDED: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*BEGIN:V", re.IGNORECASE)
_CARD: Final = re.compile(r"\s*BEGIN:V", re.IGNORECASE)
_FOLD_IN_TEXT: Final = re.compile(r"\n[ \t]")
_FOLD: Final = re.compile(rb"\r?\n[ \t]")
"""Calendars and cards go on in lines that are indented (RFC 5545 §3.1, RFC 6350 §3.2)."""

_SAMPLE: Final = 200_000
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROLS: Final = bytes(octet for octet in range(32) if _CONTROL.match(chr(octet)))
_ODD: Final = re.compile("[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f\u0100-\u024f]")
_KANA: Final = re.compile("[ぁ-んァ-ヶー]")
_FOREIGN: Final = re.compile("[^\x00-\x7f]")
_UNICODE_ESCAPE: Final = re.compile(r"\\u[0-9a-fA-F]{4}")
_UNICODE_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_QUOTED_PRINTABLE: Final = ("QUOTED-PRINTABLE", "Quoted-Printable", "quoted-printable")
_REFERENCE: Final = re.compile(r"&#?\w{1,32};|<[a-zA-Z!]")
_BINARY: Final = re.compile(rb">([A-Za-z0-9+/=\s]{24,})<")
"""What may be a file within XML: ``pkg:binaryData``, ``office:binary-data``."""

_DECLARED: Final = re.compile(
    rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]+)""",
    re.IGNORECASE,
)


def text(source: Source, budget: Budget) -> Iterator[Piece]:
    r"""
    Give the text, once for each encoding that it may be in.

    Where several fit, one guess is not enough to promise that nothing was missed. What stands
    escaped in it (``\uXXXX``, quoted-printable, character references, uuencode) is given too.
    """
    for name, content in decodings(source.octets, source.charset):
        budget.say(len(content))
        yield Passage(place=f"read as {name}" if name else "", text=content)
        if "\ufffd" in content and "\ufffd".encode() not in source.octets:
            yield Reason.CORRUPT
        for place, unescaped in _unescaped(content):
            budget.say(len(unescaped))
            yield Passage(place=place, text=unescaped)
    yield from _embedded(source.octets, budget)


def xml(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give XML as it stands, what it says without its tags, and files in base64 between these."""
    if b"<!ENTITY" in source.octets.replace(b"\0", b""):  # in UTF-16, too
        raise UnreadError(Reason.LIMIT)  # never expanded, so what it says is not known
    yield from text(source, budget)
    # A run begins behind its tag, not at the beginning of a line, and has blanks wherever.
    found = _BINARY.findall(source.octets.replace(b"\0", b""))
    broken = [b"".join(run.split()) for run in found if len(run.split()) > 1]
    for member in _embedded(b"\n".join(broken), budget):
        if kind_of(member.octets) is not Kind.IMAGE or has_zip_directory(member.octets):
            yield member


def html(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give what a page shows, and what else stands in its markup."""
    pages = []
    for name, content in decodings(source.octets, source.charset):
        read = page(content)
        budget.say(len(read.text) + len(read.aside))
        yield Passage(place=f"read as {name}" if name else "", text=read.text)
        if read.aside:
            yield Passage(place="markup", text=read.aside)
        pages.append(read.text.encode("utf-8", "replace"))
    # Tags may part what a reader of the page sees in one piece.
    yield from _embedded(b"\n".join((source.octets, *pages)), budget)


def _embedded(octets: bytes, budget: Budget) -> Iterator[Member]:
    """Give the files that stand in the text, uuencoded or in base64."""
    for raw_name, content in embedded(octets):
        budget.enter()
        budget.expand(len(content))
        yield Member(name=guess(raw_name), octets=content)


def decodings(octets: bytes, charset: str | None) -> list[tuple[str, str]]:
    """
    Decode in every way that fits, likeliest first, each with its name; one that is sure has none.

    Raises:
        UnreadError: It is no text in any encoding.
    """
    if sure := _sure(octets):
        return [(name, _lines(content)) for name, content in sure]
    declared = _DECLARED.search(octets[:2048])
    said = charset or ((declared[1] or declared[2]).decode("ascii") if declared else None)
    if _FOLDED.match(octets) and (unfolded := _utf8(_FOLD.sub(b"", octets))):
        # Some programs fold within a character, which only unfolding mends.
        return [("it stands", _lines(octets.decode("utf-8", "ignore"))), ("", _lines(unfolded))]
    found = _fitting(octets, [*filter(None, [codec(said) if said else None]), *_CANDIDATES])
    for content, name in found.items():
        if name in _JAPANESE and _surely_japanese(content):
            return [("", _lines(content))]
    ranked = sorted(found, key=lambda content: len(_ODD.findall(content)))[:_MOST_CANDIDATES]
    if ranked:
        several = len(ranked) > 1
        return [(found[content] if several else "", _lines(content)) for content in ranked]
    # Encodings mixed line by line, or damage: every line as best one can.
    content = "\n".join(guess(line) for line in octets.split(b"\n"))
    if _binary(content):
        raise UnreadError(Reason.UNKNOWN_BINARY)
    return [("", _lines(content))]


def _fitting(octets: bytes, names: Iterable[str]) -> dict[str, str]:
    """Decode in each encoding that fits: content, and the first name that gave it."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            content = octets.decode(name)
        except (UnicodeError, LookupError):
            continue
        if content and not _binary(content):
            found.setdefault(content, name)
    return found


def _surely_japanese(content: str) -> bool:
    """Whether this has the kana of Japanese text, and none of what a wrong guess is full of."""
    sample = content[:_SAMPLE]
    foreign = len(_FOREIGN.findall(sample))
    kana = len(_KANA.findall(sample))
    return kana * 20 > foreign and len(_ODD.findall(sample)) * 100 < foreign


def _sure(octets: bytes) -> list[tuple[str, str]]:
    """Decode what says itself which Unicode form it is in, or is ISO-2022-JP or ASCII."""
    for bom, name in BOMS:
        if octets.startswith(bom):
            rest = octets[len(bom) :]
            content = rest.decode(name, "replace")
            # A mark is easily put in front of something else.
            others = {} if name == "utf-8" and "\ufffd" not in content else _others(rest)
            return _readings({content: name, **others})
    if b"\0" in octets:
        return _utf16(octets)
    if JIS_ESCAPE.search(octets):
        return [("", iso2022jp(octets))]
    content_or_none = _utf8(octets)
    if content_or_none is None:
        return []
    # Counted in the octets, which takes a tenth of the time.
    if (len(octets) - len(octets.translate(None, _CONTROLS))) * 100 > len(content_or_none):
        raise UnreadError(Reason.UNKNOWN_BINARY)
    return [("", content_or_none)]


def _utf8(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _utf32(octets: bytes) -> str:
    """Decode UTF-32 without a mark; hardly anything else fits it. Empty: it is none."""
    for name in ("utf-32-le", "utf-32-be"):
        with suppress(UnicodeDecodeError):
            content = octets.decode(name)
            return "" if _binary(content) else content
    return ""


def _utf16(octets: bytes) -> list[tuple[str, str]]:
    """
    Decode UTF-16 without a mark, which has its zeros on one side.

    Text in another encoding with zeros in it looks the same where they are few, or were put
    there with care. So what it says without them is given too, if it says anything.
    """
    if utf32 := _utf32(octets):
        return [("", utf32)]
    odd, even = octets[1::2].count(0), octets[::2].count(0)
    if min(odd, even) * 10 > max(odd, even):
        raise UnreadError(Reason.UNKNOWN_BINARY)
    found = _fitting(octets, ["utf-16-le" if odd > even else "utf-16-be"])
    sure = bool(found) and max(odd, even) * _ZERO_SHARE > len(octets)
    without = octets.replace(b"\0", b"")
    found = {**found, **(_fitting(without, ["utf-8"]) if sure else _others(without))}
    if not found:
        raise UnreadError(Reason.UNKNOWN_BINARY)
    return _readings(found)


def _others(octets: bytes) -> dict[str, str]:
    """Decode what turned out not to be, or not only, the Unicode form that it seemed."""
    found = _fitting(octets, ["utf-8"])
    return found or _fitting(octets, _JAPANESE)


def _readings(found: dict[str, str]) -> list[tuple[str, str]]:
    return [(name if len(found) > 1 else "", content) for content, name in found.items()]


def _binary(content: str) -> bool:
    """Whether this has more control characters than any text."""
    return "\0" in content or len(_CONTROL.findall(content)) * 100 > len(content)


def _lines(content: str) -> str:
    return content.replace("\r\n", "\n").replace("\r", "\n")


def _unescaped(content: str) -> Iterator[tuple[str, str]]:
    """Give the text once more without the escapes in it, for each kind that it has."""
    if _CARD.match(content) and _FOLD_IN_TEXT.search(content):
        yield "unfolded", _FOLD_IN_TEXT.sub("", content)
    if "\\u" in content and _UNICODE_ESCAPE.search(content):
        yield "unescaped", _UNICODE_ESCAPES.sub(_characters, content)
    if "+" in content and content.isascii():
        ascii_ = content.encode("ascii")
        if (shifted := unshifted(ascii_)) != ascii_:
            yield "read as utf-7", shifted.decode("utf-8", "replace")
    if any(word in content for word in _QUOTED_PRINTABLE):
        decoded = quopri.decodestring(content.encode("utf-8", "replace"))
        yield "unescaped", _lines(guess(decoded))
    if ("<" in content or "&" in content) and _REFERENCE.search(content):
        read = page(content)
        yield "without markup", read.text
        if read.aside:
            yield "markup", read.aside


def _characters(escapes: re.Match[str]) -> str:
    units = b"".join(bytes.fromhex(unit) for unit in escapes[0].split("\\u")[1:])
    return units.decode("utf-16-be", "replace")
