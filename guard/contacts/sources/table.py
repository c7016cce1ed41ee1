"""Contacts from a table: CSV, TSV or semicolons, in any encoding that offices write."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from guard.contacts.sources.changes import Broken
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


def read_table(octets: bytes, file: str) -> Iterator[Contact | Broken]:
    """
    Read every contact of a table with a header row, and every row that is broken.

    Rows without an address are left out; a cell with several addresses gives several contacts.

    Raises:
        SourceError: No column holds addresses; it says what to do.
    """
    text, mixed = _decoded(octets, file)
    yield from mixed
    rows = _rows(text, file)
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        header = row[1]
        break
    else:
        header = []
    columns = _columns(header, file)
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        line, cells = row
        if len(cells) > len(header) and any(cells[len(header) :]):
            yield Broken(
                f"{file}:{line}: {len(cells)} cells under {len(header)} headings; put a cell that "
                "contains the separator in double quotes"
            )
            continue
        yield from _contacts(dict(zip(columns, cells, strict=False)), file, line)


def decoded(octets: bytes) -> str:
    """Decode a whole file of an unknown encoding, as offices write them."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            text = octets.decode(encoding)
        except UnicodeDecodeError:
            continue
        return octets.decode("cp1252", errors="replace") if _is_western(text) else text
    return octets.decode("cp1252", errors="replace")


def _decoded(octets: bytes, file: str) -> tuple[str, list[Broken]]:
    """Decode a table; lines that are in another encoding than those before are emptied, named."""
    try:
        return octets.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
            return decoded(octets), []
    mixed: list[Broken] = []
    lines = octets.splitlines()
    first: bool | None = None
    for number, line in enumerate(lines, 1):
        if line.isascii():
            continue
        unicode = _is_unicode(line)
        if first is None:
            first = unicode
        elif unicode != first:
            here, before = ("UTF-8", "not") if unicode else ("not UTF-8", "are")
            mixed.append(
                Broken(
                    f"{file}:{number}: this line is {here}, the lines before {before}; save the "
                    "whole file as UTF-8 and import it again"
                )
            )
            lines[number - 1] = b""
    return decoded(b"\n".join(lines)) if mixed else decoded(octets), mixed


def _is_western(text: str) -> bool:
    """Whether text read as Japanese is Western after all: half-width kana within Latin words."""
    japanese = sum("\u3041" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)
    return not japanese and bool(re.search(r"[A-Za-z][\uff61-\uff9f][A-Za-z]", text))


def _is_unicode(line: bytes) -> bool:
    """Whether a line is UTF-8 for certain: half-width kana of Shift_JIS can be valid by chance."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return any(char >= "\u0800" for char in text)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]] | Broken]:
    """Give each row that is not empty, with the line that it begins in."""
    lines = re.sub(r"\r\n?", "\n", text.lstrip("\ufeff")).split("\n")
    first = next((line for line in lines if line), "")
    delimiter = max(",;\t", key=lambda char: (first.count(char), char == ","))
    begin = 0
    while begin < len(lines):
        rest = (f"{lines[number]}\n" for number in range(begin, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        line = start = begin + 1
        begin = len(lines)
        try:
            for row in reader:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield line, cells
                line = start + reader.line_num
        except csv.Error as error:
            yield Broken(
                f"{file}:{line}: the row that begins here cannot be read ({error}); look for a "
                "double quote that is never closed"
            )
            begin = line  # a quote that is never closed would take all the rest with it


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


def _contacts(row: dict[str, str], file: str, line: int) -> Iterator[Contact | Broken]:
    name = row.get("name") or " ".join(
        part for part in (row.get("surname"), row.get("given")) if part
    )
    cell = row.get("address", "")
    try:
        addresses = [address_in(text) for text in re.split(r"[\s;,、；，]+", cell) if text]
    except AddressError as error:
        yield Broken(
            f"{file}:{line}: {shortened(cell)} is not an e-mail address ({error}); mend or empty "
            "the cell"
        )
        return
    for address in addresses:
        yield Contact(address=address, name=name, company=row.get("company", ""))


def address_in(text: str) -> Address:
    """
    Read an address as address books have them: in full width, within ``<>``, after ``mailto:``.

    Raises:
        AddressError: It is none.
    """
    bare = unicodedata.normalize("NFKC", text).strip().strip("<>")
    return Address.parse(re.sub(r"^mailto:", "", bare, flags=re.IGNORECASE))


def shortened(text: str) -> str:
    """Give *text* as a message can quote it: on one line, and not too long."""
    shown = "".join(char if char.isprintable() else "�" for char in text[:60])
    return f"“{shown}{'…' if len(text) > 60 else ''}”"
