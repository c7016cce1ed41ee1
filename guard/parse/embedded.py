"""
Files that stand within text: uuencode, yEnc, and base64 that no field announces.

No mail program shows what is in such a run, but everybody has a tool that does. Only what comes
out as text, or as a file that can hold text, counts: keys, certificates, signatures and tokens
are runs of the same letters.
"""

import binascii
import codecs
import re
from collections.abc import Iterator
from typing import Final

from guard.parse.charset import JIS_ESCAPE, ODD, guess
from guard.parse.transfer import uu_blocks

BASE64: Final = b"base64"
"""Name of a file that came out of a run without a name."""

_LETTERS: Final = rb"[A-Za-z0-9+/_-]"
_LINES: Final = re.compile(
    # Lines of nothing else, indented or quoted.
    rb"(?:[ \t>|]{0,40}%(letters)b{16,}={0,2}[ \t]*\r?$\n?)+"
    rb"(?:[ \t>|]{0,40}%(letters)b+={0,2}(?=\s|\Z))?" % {b"letters": _LETTERS},
    re.MULTILINE,
)
_LONG: Final = re.compile(rb"%b{16,}={0,2}" % _LETTERS)
_BEFORE: Final = re.compile(rb"[ \t>|]{0,40}")

_ALIKE: Final = bytes(
    ord("A") if re.match(_LETTERS, bytes([octet])) else octet % 2 for octet in range(256)
)
"""Makes all letters of base64 the same, so that a run is found by `bytes.find`, which is quick."""

_LINE_FEED: Final = 0x0A
_SIXTEEN: Final = b"A" * 16
_MORE: Final = re.compile(rb"A+")

_LEAST: Final = 120
"""Letters of a run that may be a file: two lines of 60."""

_SHORTEST: Final = 16
"""Letters of a run that may be words: a telephone number. It must be text beyond doubt."""

_BEGIN: Final = re.compile(
    rb"^[ \t>]{0,40}begin-base64 [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE
)
_AROUND: Final = b" \t\r\n>|"
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")

_YENC: Final = re.compile(
    rb"^=ybegin [^\r\n]{0,200}?name=([^\r\n]{1,255})\r?\n(?:=ypart [^\r\n]*\r?\n)?"
    rb"(.*?)(?:^=yend\b|\Z)",
    re.MULTILINE | re.DOTALL,
)
_YENC_ESCAPE: Final = re.compile(rb"=(.)", re.DOTALL)
_YENC_BACK: Final = bytes((octet - 42) % 256 for octet in range(256))
_YENC_ESCAPED: Final = bytes((octet - 64) % 256 for octet in range(256))

_SAMPLE: Final = 8_192
"""Letters by which a run is judged; a multiple of four."""

_FEW_LETTERS: Final = 12
"""A run of fewer different letters is a ruled line."""

_FILES: Final = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK00PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b"BZh",
    b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"MSCF", b"%PDF-", b"SQLite format 3", b"\x78\x9f\x3e\x22",
)  # fmt: skip
"""How files begin that can hold text. Pictures are left out: pages carry them in this way."""

_TELLING: Final = re.compile(r"\d[\d-]{5}|\w@\w")

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_QUOTED_PRINTABLE: Final = re.compile(rb"(?:=[0-9A-F]{2}){3}")
_DENSE: Final = re.compile(rb"(?:^[!-~]{60,}\r?\n){2}", re.MULTILINE)
_WORD: Final = re.compile(rb"\s*[!-~]{24,}\s*")


def embedded(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Find files in text: name (`BASE64` where there is none) and octets of each, each once."""
    seen: set[bytes] = set()
    for name, found in _candidates(octets.replace(b"\0", b"")):  # UTF-16 is read by its letters
        if found not in seen:
            seen.add(found)
            yield name, found


def _candidates(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, found, ended in uu_blocks(octets):
        # A line that only begins like a file is in many a text.
        if ended or _worth(found):
            yield name, found
    for begin in _BEGIN.finditer(octets) if b"begin-base64 " in octets else ():
        block = octets[begin.end() : _next(octets, b"begin-base64", begin.end())]
        if found := _decoded(block[: _next(block, b"====", 0)], 0):
            yield begin[1], found
    for coded in _YENC.finditer(octets) if b"=ybegin " in octets else ():
        yield coded[1], _from_yenc(coded[2])
    for run in _runs(octets):
        letters = run.translate(None, _AROUND)
        if len(letters) < _SHORTEST or len(set(letters[:_SAMPLE])) < _FEW_LETTERS:
            continue
        worth = _worth if len(letters) >= _LEAST else _says
        for skip in range(4):  # what stands before it may be letters too
            if worth(_decoded(letters[: _SAMPLE + skip], skip)):
                yield BASE64, _decoded(letters, skip)
                break


def _runs(octets: bytes) -> Iterator[bytes]:
    """Give lines of nothing but letters of base64, and other long runs of them."""
    alike = octets.translate(_ALIKE)
    at = alike.find(_SIXTEEN)
    while at >= 0:
        before = max(0, at - 41)
        line = octets.rfind(b"\n", before, at) + 1 or before
        starts = line == 0 or octets[line - 1] == _LINE_FEED
        found = (
            _LINES.match(octets, line) if starts and _BEFORE.fullmatch(octets, line, at) else None
        )
        found = found or _LONG.match(octets, at)
        if found:
            yield found[0]
        run = _MORE.match(alike, at)
        end = max(found.end() if found else 0, run.end() if run else 0)
        at = alike.find(_SIXTEEN, end)


def _next(octets: bytes, mark: bytes, at: int) -> int:
    """Find *mark*, or the end."""
    found = octets.find(mark, at)
    return found if found >= 0 else len(octets)


def _decoded(letters: bytes, skip: int) -> bytes:
    """Decode base64, without its first *skip* letters, up to where it ends or makes no sense."""
    letters = letters.translate(_URL_SAFE, _AROUND)[skip:].partition(b"=")[0]
    whole = len(letters) - (len(letters) % 4 == 1)
    return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _from_yenc(octets: bytes) -> bytes:
    """Undo yEnc (yenc.org draft 1.3): every octet moved by 42, critical ones by 64 more."""
    octets = octets.translate(None, b"\r\n")
    octets = _YENC_ESCAPE.sub(lambda found: found[1].translate(_YENC_ESCAPED), octets)
    return octets.translate(_YENC_BACK)


def _says(octets: bytes) -> bool:
    """Whether a few octets are words. Chance hardly ever gives so many of ASCII or UTF-8."""
    if _CONTROL.search(octets):
        return False
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        # In other charsets chance gives words too, but no number among them.
        text = guess(octets)
        return not ODD.search(text) and _TELLING.search(text) is not None
    return "\x1b" not in text or JIS_ESCAPE.search(octets) is not None


def _worth(octets: bytes) -> bool:
    """Whether this is text, or a file that may hold some."""
    if octets.startswith(_FILES):
        return True
    sample = octets[: _SAMPLE // 2]
    if sample[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        try:
            return _is_usual(sample.decode("utf-16"))
        except UnicodeDecodeError:
            pass  # a mark by chance, or before something else
    zeros = max(sample[::2].count(0), sample[1::2].count(0))
    if zeros * 4 > len(sample):
        sample = sample.replace(b"\0", b"")  # UTF-16 has its zeros on one side
    return is_text(sample.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff"))


def is_text(octets: bytes) -> bool:
    """Whether this reads as text in some encoding without zeros."""
    if not octets or len(_CONTROL.findall(octets)) * 100 > len(octets):
        return False
    return _is_usual(guess(octets))


def _is_usual(text: str) -> bool:
    """Whether this is not full of what a wrong guess gives."""
    return len(ODD.findall(text)) * 10 <= len(text)


def is_coded(octets: bytes) -> bool:
    """Whether text says something else to those who decode it, in whatever encoding."""
    return (
        _WORD.fullmatch(octets) is not None
        or _DENSE.search(octets) is not None
        or _QUOTED_PRINTABLE.search(octets) is not None
        or any(True for _ in embedded(octets))
    )
