"""Files that the demo's mails carry, made on the spot: a workbook, and an archive with a lock."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

_OFFICE: Final = "application/vnd.openxmlformats"
_TYPE: Final = f"{_OFFICE}-officedocument.spreadsheetml"
XLSX: Final = f"{_TYPE}.sheet"
ZIP: Final = "application/zip"

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_LONG_AGO: Final = (2026, 1, 1, 0, 0, 0)


def workbook(sheet: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Make the least workbook (ECMA-376) that spreadsheet programs open: one sheet, all text."""
    cells = "".join(
        "<row>"
        + "".join(
            f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for row in rows
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_OFFICE}-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sheet.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="sheet.xml"/></Relationships>',
        "xl/sheet.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return file.getvalue()


def locked_zip(name: str, octets: bytes, password: bytes) -> bytes:
    """Put one file into an archive that opens with *password* (APPNOTE 6.1, the old cipher)."""
    crc = zlib.crc32(octets)
    # Twelve octets go first, the last of which lets a reader tell a wrong password (6.1.5).
    cipher = _encrypt(b"guard demo " + bytes((crc >> 24,)) + octets, password)
    title = name.encode()
    # Version 2.0; encrypted, name in UTF-8; stored; time and date; checksum and both sizes.
    about = struct.pack(
        "<HHHHHIIIHH", 20, 0x801, 0, 0, 0x5C21, crc, len(cipher), len(octets), len(title), 0
    )
    local = b"PK\3\4" + about + title + cipher
    central = (
        b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + title
    )
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def _encrypt(octets: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(octet: int) -> None:
        keys[0] = _crc(keys[0], octet)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[2], keys[1] >> 24)

    for octet in password:
        turn(octet)
    cipher = bytearray()
    for octet in octets:
        pad = (keys[2] | 2) & 0xFFFF
        cipher.append(octet ^ (pad * (pad ^ 1) >> 8 & 0xFF))
        turn(octet)
    return bytes(cipher)


def _crc(value: int, octet: int) -> int:
    """One step of CRC-32 without the inversions that zlib puts before and after."""
    return zlib.crc32(bytes((octet,)), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
