"""Octets to text: MIME's charset names, and what is tried where they lie or are missing."""

import codecs
import re
from functools import lru_cache
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._:+-]{0,39}")

_MEANT: Final = {
    # What mail software means by a name is the superset that its vendor ships.
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "ms_kanji": "cp932", "windows-31j": "cp932", "cswindows31j": "cp932", "cp943c": "cp932",
    "x-ms-cp932": "cp932", "ms932": "cp932", "x-mac-japanese": "cp932",
    "x-euc-jp": "euc_jp", "cp51932": "euc_jp", "eucjp-ms": "euc_jp", "eucjp": "euc_jp",
    "iso-2022-jp-ms": "iso2022_jp", "cp50220": "iso2022_jp", "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp", "csiso2022jp": "iso2022_jp", "jis": "iso2022_jp",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "windows-949": "cp949",
    "big5": "cp950", "x-x-big5": "cp950", "tis-620": "cp874", "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8",
    "ansi_x3.4-1968": "ascii", "us-ascii": "ascii",
}  # fmt: skip

_NO_CHARSETS: Final = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
"""Codecs of Python that are no charsets; some take quadratic time."""

_GUESSES: Final = ("utf-8", "cp932", "euc_jp", "euc_jis_2004")
ODD: Final = re.compile("[\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f]")
"""Characters that a wrong guess is full of: half-width kana, private use, C1 controls."""

_ESCAPES: Final = re.compile(rb"\x1b(\([BJIH]|\$[@B]|\$\([DOQP])")
JIS_ESCAPE: Final = re.compile(rb"\x1b(?:\$[@B(]|\([JI])")
"""Stands in no text but ISO-2022-JP."""


@lru_cache(maxsize=256)
def codec(charset: str) -> str | None:
    """Give the name of Python's codec for a MIME charset, or `None` when nobody knows it."""
    name = charset.strip().strip("\"'").lower()
    if not _NAME.fullmatch(name):
        return None
    if name.startswith("iso-2022-jp"):  # with -1, -2, -3, -2004, and what vendors append
        return "iso2022_jp"
    try:
        found = codecs.lookup(_MEANT.get(name, name)).name
        "".encode(found)  # refuses the codecs that are from octets to octets
    except (LookupError, ValueError):
        return None
    return None if found in _NO_CHARSETS else found


def decode(octets: bytes, charset: str | None) -> tuple[str, str]:
    """
    Decode *octets*, declared as *charset*, and name what was wrong with the declaration.

    The name is ``unknown-charset``, ``wrong-charset`` or empty. Text comes out in any case: of
    the declared charset where it fits, else the likeliest, undecodable octets as U+FFFD.
    """
    name = codec(charset) if charset else "ascii"
    if name in {None, "ascii"}:
        wrong = "unknown-charset" if name is None else "wrong-charset" if charset else ""
        try:
            text = octets.decode("ascii")
        except UnicodeDecodeError:
            return guess(octets), wrong
        # Plain ASCII needs no defect, unless escapes say that it is ISO-2022-JP.
        if "\x1b" in text and JIS_ESCAPE.search(octets):
            return iso2022jp(octets), wrong
        return text, wrong if name is None else ""
    text_or_none = _strictly(octets, name)
    if text_or_none is not None:
        return text_or_none, ""
    return guess(octets, name), "wrong-charset"


def _strictly(octets: bytes, name: str | None) -> str | None:
    """Decode as *name*, or give `None` where it does not fit."""
    if name == "iso2022_jp":
        return iso2022jp(octets) if not _EIGHT_BIT.search(octets) else None
    if name == "utf-16" and octets[:2] not in {codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE}:
        # RFC 2781 §4.3 says big-endian; Windows means little-endian. The zeros tell.
        name = "utf-16-le" if octets[1::2].count(0) > octets[::2].count(0) else "utf-16-be"
    try:
        text = octets.decode(name or "ascii")
    except (UnicodeError, LookupError):
        if name == "euc_jp" and _EUC.fullmatch(octets):
            return _vendor_euc(octets)
        return None
    return text.removeprefix("\ufeff")


_EIGHT_BIT: Final = re.compile(rb"[\x80-\xff]")
_EUC: Final = re.compile(rb"(?:[\x00-\x7f]|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|[\xa1-\xfe]{2})*")
_EUC_RUN: Final = re.compile(rb"\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|(?:[\xa1-\xfe]{2})+")


def guess(octets: bytes, declared: str | None = None) -> str:
    """Decode octets whose charset is unknown, or is not the *declared* codec, as best one can."""
    if JIS_ESCAPE.search(octets):
        return iso2022jp(octets)
    best: tuple[int, str] | None = None
    for name in _GUESSES:
        text = _strictly(octets, name)
        if text is None:
            continue
        if name == "utf-8":
            return text
        oddness = len(ODD.findall(text))
        if best is None or oddness < best[0]:
            best = oddness, text
    if best is not None and best[0] * 4 <= len(best[1]):
        return best[1]
    if declared and declared != "iso2022_jp":
        return octets.decode(declared, "replace").removeprefix("\ufeff")
    return octets.decode("cp1252", "replace")


def utf8_instead(octets: bytes) -> str | None:
    """
    Give text that is UTF-8 whatever it was declared as; `None` where it is none.

    A charset that fits any octets (UTF-16, EBCDIC, Latin-1) says nothing about what they are.
    """
    if b"\0" in octets or b"\x1b" in octets:
        return None
    try:
        return octets.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def iso2022jp(octets: bytes) -> str:
    """
    Decode ISO-2022-JP with all that Japanese mail software puts in it.

    Python's codec knows neither the vendor characters of rows 13 and 89 to 92 (①, 髙, 﨑) nor
    half-width kana, both of which are everyday mail (CP50221). Never fails.
    """
    try:
        return octets.decode("iso2022_jp")
    except UnicodeDecodeError:
        pass
    pieces, mode, at = [], b"(B", 0
    for escape in _ESCAPES.finditer(octets):
        pieces.append(_in_mode(octets[at : escape.start()], mode))
        mode, at = escape[1], escape.end()
    pieces.append(_in_mode(octets[at:], mode))
    return "".join(pieces)


def _in_mode(octets: bytes, mode: bytes) -> str:
    if not octets:
        return ""
    if mode in {b"(B", b"(J", b"(H"}:
        try:
            return octets.decode("ascii")
        except UnicodeDecodeError:
            return octets.decode("cp932", "replace")
    if mode == b"(I":
        return _high(octets).decode("cp932", "replace")
    if mode in {b"$(O", b"$(Q"}:  # JIS X 0213, plane 1
        return _high(octets).decode("euc_jis_2004", "replace")
    if mode in {b"$(D", b"$(P"}:
        plane = "euc_jp" if mode == b"$(D" else "euc_jis_2004"
        pairs = re.sub(rb"[\xa1-\xfe]{2}", lambda pair: b"\x8f" + pair[0], _high(octets))
        return pairs.decode(plane, "replace")
    return _cp932_of(_high(octets))


def _high(octets: bytes) -> bytes:
    return bytes(octet | 0x80 if octet > 0x20 else octet for octet in octets)


def _vendor_euc(octets: bytes) -> str:
    """Decode EUC-JP with vendor rows (CP51932)."""

    def run(found: re.Match[bytes]) -> bytes:
        octets = found[0]
        if octets[0] in {0x8E, 0x8F}:
            return octets.decode("euc_jp", "replace").encode("utf-8")
        return _cp932_of(octets).encode("utf-8")

    return _EUC_RUN.sub(run, octets).decode("utf-8", "replace")


def _cp932_of(octets: bytes) -> str:
    """Decode pairs of JIS X 0208 with its high bits set, by way of Shift_JIS' arithmetic."""
    sjis = bytearray()
    pairs = iter(octets)
    for first in pairs:
        if first < 0xA1:
            sjis.append(first if first < 0x80 else 0x3F)
            continue
        second = next(pairs, 0x3F)
        if second < 0xA1:
            sjis += bytes((0x3F, second & 0x7F))
            continue
        row, cell = first - 0xA1, second - 0xA1
        sjis.append((row >> 1) + (0x81 if row < 62 else 0xC1))
        offset = cell + (0x9F if row & 1 else 0x40)
        sjis.append(offset + (1 if not row & 1 and offset >= 0x7F else 0))
    return sjis.decode("cp932", "replace")
