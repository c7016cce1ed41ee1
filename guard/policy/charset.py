"""What a file is written in that is not UTF-8, for whoever has to save it anew."""

import codecs

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def not_utf8(octets: bytes) -> str:
    """Say that *octets* are no UTF-8, and what they most likely are."""
    if octets.startswith(_MARKS):
        return "this is not UTF-8 but UTF-16"
    try:
        octets.decode("cp932")
    except UnicodeDecodeError:
        return "this is not UTF-8"
    return "this is not UTF-8 but, it seems, Shift_JIS"
