"""Contacts from a table: CSV, TSV or semicolons, in any encoding that offices write."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from guard.model.address import Address, AddressError
from guard.model.contact import Contact
from guard.model.errors import SourceError

ENCODINGS: Final = ("utf-8-sig", "cp932", "euc_jp")
"""Tried in this order; a file must be one of them from end to end."""

_HEADERS: Final[dict[str, str]] = {
    "address": """
        メールアドレス メール eメール eメールアドレス 電子メール 電子メールアドレス 連絡先メール
        電子メールアドレス1 email emailaddress mail mailaddress address
        email1 emailaddress1 email1value primaryemail
    """,
    "name": """
        氏名 名前 お名前 ご担当者名 担当者 担当者名 表示名 フルネーム
        name fullname displayname contact contactname
    """,
    "surname": "姓 名字 苗字 surname lastname familyname last",
    "given": "名 firstname givenname first forename",
    "company": """
        会社名 会社 企業名 法人名 組織 組織名 勤務先 取引先 取引先名 団体名
        company companyname organization organisation organization1name employer account
    """,
}
"""Headings that address books use, folded: without case, width, spaces and signs."""

_MEANING: Final = {
    heading: column for column, headings in _HEADERS.items() for heading in headings.split()
}


def read_table(octets: bytes, file: str) -> list[Contact]:
    """
    Read every contact of a table with a header row, or none at all.

    Rows without an address are left out; a cell with several addresses gives several contacts.

    Raises:
        SourceError: The encoding changes on the way, no column holds addresses, or a row does not
            fit the header; it says which line and what to do.
    """
    text = _decoded(octets, file)
    rows = _rows(text, file)
    header = next(rows, (0, []))[1]
    columns = _columns(header, file)
    contacts: list[Contact] = []
    for line, row in rows:
        if len(row) > len(header) and any(row[len(header) :]):
            raise SourceError(
                f"{file}:{line}: {len(row)} cells under {len(header)} headings; put a cell that "
                "contains the separator in double quotes"
            )
        contacts += _contacts(dict(zip(columns, row, strict=False)), file, line)
    return contacts


def _decoded(octets: bytes, file: str) -> str:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            text = octets.decode(encoding)
        except UnicodeDecodeError:
            if encoding == ENCODINGS[0]:
                _refuse_mixture(octets, file)
            continue
        return octets.decode("cp1252", errors="replace") if _is_western(text) else text
    return octets.decode("cp1252", errors="replace")


def _is_western(text: str) -> bool:
    """Whether text read as Japanese is Western after all: half-width kana within Latin words."""
    japanese = sum("\u3041" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)
    return not japanese and bool(re.search(r"[A-Za-z][\uff61-\uff9f][A-Za-z]", text))


def _refuse_mixture(octets: bytes, file: str) -> None:
    """
    Refuse a file of which some lines are UTF-8 and some are not.

    Raises:
        SourceError: It is one; names the first line that differs from those before.
    """
    first: bool | None = None
    for number, line in enumerate(octets.splitlines(), 1):
        if line.isascii():
            continue
        unicode = _is_unicode(line)
        if first is not None and unicode != first:
            here, before = ("UTF-8", "not") if unicode else ("not UTF-8", "are")
            raise SourceError(
                f"{file}:{number}: this line is {here}, the lines before {before}; save the whole "
                "file as UTF-8 and import it again"
            )
        first = unicode


def _is_unicode(line: bytes) -> bool:
    """Whether a line is UTF-8 for certain: half-width kana of Shift_JIS can be valid by chance."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return any(char >= "\u0800" for char in text)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not empty, with the line that it begins in."""
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda char: (first.count(char), char == ","))
    lines = io.StringIO(text.lstrip("\ufeff"), newline=None)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"{file}:{line}: the row that begins here cannot be read ({error}); look for a double "
            "quote that is never closed"
        ) from error


def _columns(header: Sequence[str], file: str) -> list[str]:
    """Say what each column holds; unknown ones stay unnamed, a second one of a kind too."""
    columns: list[str] = []
    for heading in header:
        folded = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", heading).casefold())
        meaning = _MEANING.get(folded, "")
        columns.append(meaning if meaning not in columns else "")
    if "address" not in columns:
        found = ", ".join(heading for heading in header if heading) or "nothing"
        raise SourceError(
            f"{file}:1: no column of e-mail addresses among the headings ({found[:200]}); call it "
            '"メールアドレス" or "email"'
        )
    return columns


def _contacts(row: dict[str, str], file: str, line: int) -> Iterator[Contact]:
    name = row.get("name") or " ".join(
        part for part in (row.get("surname"), row.get("given")) if part
    )
    for text in re.split(r"[\s;,、；，]+", row.get("address", "")):
        if not text:
            continue
        bare = unicodedata.normalize("NFKC", text).strip("<>").removeprefix("mailto:")
        try:
            address = Address.parse(bare)
        except AddressError as error:
            raise SourceError(
                f"{file}:{line}: not an e-mail address ({error}); mend or empty the cell"
            ) from error
        yield Contact(address=address, name=name, company=row.get("company", ""))
