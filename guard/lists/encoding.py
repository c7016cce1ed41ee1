"""Which encoding a text file is in: one that reads every line, and reads it as words."""

import codecs
import re
from typing import BinaryIO, Final

from guard.lists.headers import kind_of
from guard.model.errors import SourceError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MULTIBYTE: Final = ("utf-8", "cp932", "euc_jp")
_WESTERN: Final = ("cp1252", "latin-1")
_UTF8_CJK: Final = re.compile(rb"[\xe3-\xef][\x80-\xbf]{2}")
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_HEAD: Final = 65536

JUDGED_BYTES: Final = 65_536
"""How much of a file is weighed when several encodings read all of it."""


def encoding_of(file: BinaryIO, source: str) -> str:
    """
    Give the name of the encoding that *file* is in, reading all of it and rewinding it.

    Raises:
        SourceError: No encoding reads every line, as when two files were put together.
    """
    head = file.read(_HEAD)
    file.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _strict(file, name, source)
    if head[:400].count(0) > len(head[:400]) // 4:
        return _strict(file, "utf-16-le" if head[1:400:2].count(0) else "utf-16-be", source)
    if b"\x1b$" in head and not _NOT_ASCII.search(head):
        return _strict(file, "iso2022_jp", source)
    return _by_lines(file, source)


def _strict(file: BinaryIO, name: str, source: str) -> str:
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    try:
        while chunk := file.read(_HEAD):
            line += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
        raise SourceError(
            f"{source}:{line}: the file begins as {name.removesuffix('-sig')}, this line is not; "
            "save the file again as UTF-8, or export it anew"
        ) from None
    file.seek(0)
    return name


def _by_lines(file: BinaryIO, source: str) -> str:
    """Try every encoding on each line that is not plain ASCII."""
    failed: dict[str, int] = {}
    unicode = others = first_unicode = 0
    sample = b""
    for number, line in enumerate(file, start=1):
        if len(sample) < JUDGED_BYTES:
            sample += line
        if not _NOT_ASCII.search(line):
            continue
        for name in _MULTIBYTE:
            if name not in failed and not _decodes(line, name):
                failed[name] = number
        if _UTF8_CJK.search(line) and _decodes(line, "utf-8"):
            unicode += 1
            first_unicode = first_unicode or number
        else:
            others += 1
    file.seek(0)
    if "utf-8" not in failed:
        return "utf-8"
    # A line of UTF-8 with Japanese in it is nothing else by chance.
    mixed = (failed["utf-8"] if unicode >= others else first_unicode) if unicode else 0
    if not mixed:
        whole = [name for name in _MULTIBYTE if name not in failed]
        whole += [name for name in _WESTERN if _decodes(sample, name)]
        best = max(whole, key=lambda name: _plausible(sample.decode(name, "replace")))
        if _plausible(sample.decode(best, "replace"))[1] > NONSENSE:
            return best
        mixed = failed.get("cp932", failed["utf-8"])
    raise SourceError(
        f"{source}:{mixed}: this line is not in the encoding of other lines; two encodings are "
        "mixed. Save the file again as UTF-8, or export it anew"
    )


NONSENSE: Final = 0.5
"""Plausibility below which a reading is taken for nonsense."""

_JAPANESE: Final = re.compile(
    r"[ぁ-ゖァ-ヶー一-龯々、。・「」()\u3000０-９Ａ-Ｚａ-ｚ〒㈱㈲髙﨑①-⑳]"
)
_HALF_KANA: Final = re.compile(r"[｡-ﾟ]")
_LATIN_LETTER: Final = re.compile(r"[À-ÖØ-öø-ÿŒœŠšŽžŸ€£§°–—‘’“”«»ºª]")
_PLAIN_LETTER: Final = re.compile(r"[A-Za-z]")
_OTHER: Final = re.compile(r"[^\x00-\x7f]")
_WITHIN_WORD: Final = re.compile(r"(?<=[A-Za-z])[\u3400-\u9fff]|[\u3400-\u9fff](?=[A-Za-z])")


def _plausible(text: str) -> tuple[int, float]:
    """Weigh a reading: how many headers it shows, and the share of its letters that make sense."""
    headers = max(
        (
            sum(kind_of(cell) is not None for cell in re.split(r"[,;\t|]", line.replace('"', "")))
            for line in text.splitlines()[:20]
        ),
        default=0,
    )
    others = len(_OTHER.findall(text))
    if not others:
        return headers, 1.0
    sense: float = len(_JAPANESE.findall(text)) - len(_WITHIN_WORD.findall(text))
    sense += 0.8 * len(_HALF_KANA.findall(text))
    letters = len(_LATIN_LETTER.findall(text))
    # Accented letters are rare among plain ones; many in a row are Japanese read wrongly.
    rare = letters < 0.4 * len(_PLAIN_LETTER.findall(text))
    return headers, (sense + (letters if rare else 0)) / others


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True
