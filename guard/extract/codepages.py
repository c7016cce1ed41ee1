"""Which of Python's codecs reads a code page, a language or a font of Windows."""

from typing import Final

from guard.parse.charset import guess, utf8_instead

_PAGES: Final = {
    708: "iso8859_6", 936: "gb18030", 949: "cp949", 950: "cp950", 1361: "johab",
    1200: "utf-16-le", 1201: "utf-16-be", 10000: "mac_roman", 10001: "shift_jis",
    10004: "mac_arabic", 10006: "mac_greek", 10007: "mac_cyrillic", 20127: "ascii",
    20866: "koi8-r", 20932: "euc_jp", 20936: "gb2312", 21866: "koi8-u", 28591: "cp1252",
    32768: "mac_roman", 32769: "cp1252", 50220: "iso2022_jp", 50221: "iso2022_jp",
    50222: "iso2022_jp", 51932: "euc_jp", 51949: "euc_kr", 52936: "hz", 54936: "gb18030",
    65000: "utf-7", 65001: "utf-8",
}  # fmt: skip
"""Code pages whose codec is not called by their number; 32768 and on are those of BIFF 2 to 4."""

_NUMBERED: Final = {
    437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932,
    1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
}  # fmt: skip

_LANGUAGES: Final = {
    0x01: 1256, 0x04: 936, 0x05: 1250, 0x08: 1253, 0x0D: 1255, 0x0E: 1250, 0x11: 932, 0x12: 949,
    0x15: 1250, 0x18: 1250, 0x19: 1251, 0x1B: 1250, 0x1E: 874, 0x1F: 1254, 0x22: 1251, 0x29: 1256,
}  # fmt: skip
"""Primary language ([MS-LCID]) to its code page, where that is not 1252."""

_TRADITIONAL: Final = {0x0404, 0x0C04, 0x1404}

_FONTS: Final = {
    77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
    177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850,
}  # fmt: skip
"""Character set of a font ([MS-WMF] §2.1.1.5) to the code page; 0 and 1 say nothing."""


def of_page(page: int) -> str | None:
    """Give the codec of a code page, or `None` for one that Python does not know."""
    return f"cp{page}" if page in _NUMBERED else _PAGES.get(page)


def of_language(language: int) -> str:
    """Give the codec that Windows in this language calls ANSI."""
    page = 950 if language in _TRADITIONAL else _LANGUAGES.get(language & 0x3FF, 1252)
    return of_page(page) or "cp1252"


def of_font(charset: int) -> str | None:
    """Give the codec of a font's character set; `None`: that of the document."""
    return of_page(_FONTS.get(charset, 0))


def decode(octets: bytes, codec: str | None) -> str:
    """Decode as *codec* where that fits, else as the likeliest; never fails."""
    if codec == "cp932" and (b"\x80" in octets or b"\xa0" in octets):
        return guess(octets, "cp932")
    if codec == "cp1252" and not octets.isascii() and (meant := utf8_instead(octets)):
        return meant  # which writers put in without a word
    try:
        return octets.decode(codec or "ascii")
    except UnicodeError:
        return guess(octets, codec)
