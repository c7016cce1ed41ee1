"""
What else octets may say: text in every other charset that fits, whatever was declared.

A charset that fits proves little: Latin-1 fits anything, ASCII fits UTF-7. The next program may
trust a byte order mark, an escape, or its own guess, so what those would show is read too.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from guard.parse.charset import JIS_ESCAPE, ODD, codec, iso2022jp, utf8_instead

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY: Final = ("cp932", "euc_jp", "gb18030", "big5hkscs", "cp949")
_KANA: Final = re.compile("[ぁ-んァ-ヶ]")

_SHIFTED: Final = re.compile(rb"\+[A-Za-z0-9+/]{3,}-?")
"""What may be a stretch of UTF-7 (RFC 2152): two letters hold no character."""

_FOREIGN_LINE: Final = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_JAPANESE: Final = re.compile("[ぁ-んァ-ヶ一-鿿]")


def candidates(octets: bytes, charset: str | None, text: str) -> Iterator[str]:
    """
    Give other readings of *octets*, which read as *text* in *charset* as declared, if at all.

    Of legacy charsets only the lines that are not ASCII are given: the others say the same.
    """
    if octets.isascii() and not _shifts(octets):
        # Nothing but letters: only a charset of other letters says anything else.
        if text != (plain := octets.decode("ascii").replace("\0", "")):
            yield plain
        return
    if not _shifts(octets) and (utf8 := utf8_instead(octets)) is not None:
        if utf8 != text:
            yield utf8
        return  # what is UTF-8 is nothing else by chance
    name = codec(charset) if charset else None
    for reading in dict.fromkeys(_readings(octets, name, text)):
        if reading and reading != text:
            yield reading


def _shifts(octets: bytes) -> bool:
    """Whether ASCII has in it what begins other letters, or the zeros of UTF-16."""
    return b"\x1b" in octets or b"~{" in octets or b"\0" in octets or b"+" in octets


def _readings(octets: bytes, name: str | None, text: str) -> Iterator[str]:
    marked = next((name for bom, name in BOMS if octets.startswith(bom)), None)
    if marked is not None:
        yield octets.decode(marked, "replace").removeprefix("\ufeff")
    if (utf8 := utf8_instead(octets)) is not None:
        yield utf8
    if name != "iso2022_jp" and JIS_ESCAPE.search(octets):
        yield iso2022jp(octets)
    if b"~{" in octets:
        yield octets.decode("hz", "replace")
    if b"+" in octets and (without := unshifted(octets)) != octets:
        yield without.decode("utf-8", "replace")
    if b"\0" in octets or (name or "").startswith("utf-16"):
        yield from _sixteen(octets)
    # Kana have other places in other charsets, and nothing but Shift_JIS fits Shift_JIS.
    sure = name == "cp932" and _KANA.search(text) and not ODD.search(text)
    if utf8 is None and marked is None and not octets.isascii() and not sure:
        yield from _legacy(octets)


def _sixteen(octets: bytes) -> Iterator[str]:
    """Read as UTF-16 in either order where that makes sense, and without the zeros in it."""
    for name in ("utf-16-le", "utf-16-be"):
        reading = octets[: len(octets) & ~1].decode(name, "replace")
        if len(ODD.findall(reading)) * 4 <= len(reading):
            yield reading
    without = octets.replace(b"\0", b"")
    yield iso2022jp(without) if JIS_ESCAPE.search(without) else without.decode("utf-8", "replace")


def _legacy(octets: bytes) -> Iterator[str]:
    foreign = b"\n".join(_FOREIGN_LINE.findall(octets))
    for name in _LEGACY:
        try:
            reading = foreign.decode(name)
        except UnicodeDecodeError:
            continue
        if _JAPANESE.search(reading):
            yield reading


def unshifted(octets: bytes) -> bytes:
    """Undo UTF-7, stretch by stretch, so that one that is none does not save the others."""
    return _SHIFTED.sub(_characters, octets)


def _characters(found: re.Match[bytes]) -> bytes:
    try:
        characters = found[0].decode("utf-7")
    except UnicodeDecodeError:
        return found[0]
    return characters.encode("utf-8", "replace") if characters.isprintable() else found[0]
