"""What a file is, by its content. Names and declared types lie, by mistake and on purpose."""

import io
import re
import zipfile
import zlib
from contextlib import suppress
from enum import StrEnum
from typing import Final

from guard.extract.compound import Compound
from guard.extract.pieces import UnreadError


class Kind(StrEnum):
    """A family of formats that one reader reads; the value is its name for people."""

    TEXT = "text"
    HTML = "HTML"
    XML = "XML"
    MAIL = "mail"
    MBOX = "mailbox"
    PGP = "OpenPGP"
    PKCS7 = "PKCS #7"
    XLSX = "Excel workbook"
    XLSB = "Excel binary workbook"
    XLS = "Excel 97 workbook"
    BIFF = "Excel 2 to 5 workbook"
    ODS = "OpenDocument spreadsheet"
    DOCUMENT = "Office document"
    ENCRYPTED_OFFICE = "encrypted Office file"
    ZIP = "ZIP archive"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    IMAGE = "image"
    EMPTY = "empty file"
    UNKNOWN = "unknown"
    # Told apart, but not read yet.
    PDF = "PDF"
    WORD = "Word 97 document"
    POWERPOINT = "PowerPoint 97 presentation"
    OUTLOOK = "Outlook message"
    COMPOUND = "OLE compound file"
    RTF = "RTF"
    TNEF = "TNEF (winmail.dat)"
    TAR = "tar archive"
    SEVEN_ZIP = "7-Zip archive"
    RAR = "RAR archive"
    LZH = "LZH archive"
    CAB = "CAB archive"
    CPIO = "cpio archive"
    AR = "ar archive"
    ISO = "ISO 9660 image"
    COMPRESS = "compress"
    ZSTD = "Zstandard"
    SQLITE = "SQLite database"
    ACCESS = "Access database"
    PARQUET = "Parquet"
    POSTSCRIPT = "PostScript"
    MEDIA = "sound or film"


_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SIGNATURES: Final[tuple[tuple[int, bytes, Kind], ...]] = (
    (0, b"\x1f\x8b", Kind.GZIP),
    (0, b"BZh", Kind.BZIP2),
    (0, b"\xfd7zXZ\0", Kind.XZ),
    (0, b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (0, b"Rar!\x1a\x07", Kind.RAR),
    (0, b"MSCF\0\0\0\0", Kind.CAB),
    (0, b"070707", Kind.CPIO),
    (0, b"070701", Kind.CPIO),
    (0, b"070702", Kind.CPIO),
    (0, b"\xc7\x71", Kind.CPIO),
    (0, b"\x71\xc7", Kind.CPIO),
    (0, b"!<arch>\n", Kind.AR),
    (32_769, b"CD001", Kind.ISO),
    (0, b"\x1f\x9d", Kind.COMPRESS),
    (0, b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (0, b"{\\rtf", Kind.RTF),
    (0, b"\x78\x9f\x3e\x22", Kind.TNEF),
    (0, b"SQLite format 3\0", Kind.SQLITE),
    (0, b"\x09\0\4\0", Kind.BIFF),
    (0, b"\x09\2\6\0", Kind.BIFF),
    (0, b"\x09\4\6\0", Kind.BIFF),
    (0, b"\x09\x08\x08\0\0\5", Kind.BIFF),
    (0, b"\x09\x08\x10\0\0\6", Kind.BIFF),
    (4, b"Standard Jet DB", Kind.ACCESS),
    (4, b"Standard ACE DB", Kind.ACCESS),
    (0, b"PAR1", Kind.PARQUET),
    (0, b"PARE", Kind.PARQUET),
    (0, b"%!PS", Kind.POSTSCRIPT),
    (257, b"ustar", Kind.TAR),
    (0, b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    (0, b"\xff\xd8\xff", Kind.IMAGE),
    (0, b"GIF87a", Kind.IMAGE),
    (0, b"GIF89a", Kind.IMAGE),
    (0, b"II*\0", Kind.IMAGE),
    (0, b"MM\0*", Kind.IMAGE),
    (0, b"\0\0\1\0", Kind.IMAGE),
    (0, b"8BPS\0", Kind.IMAGE),
    (0, b"\xd7\xcd\xc6\x9a", Kind.IMAGE),
    (0, b"VCLMTF", Kind.IMAGE),
    (40, b" EMF", Kind.IMAGE),
    (8, b"WEBP", Kind.IMAGE),
    (4, b"ftypheic", Kind.IMAGE),
    (4, b"ftypmif1", Kind.IMAGE),
    (4, b"ftypavif", Kind.IMAGE),
    (4, b"ftyp", Kind.MEDIA),
    (8, b"WAVE", Kind.MEDIA),
    (8, b"AVI ", Kind.MEDIA),
    (0, b"ID3", Kind.MEDIA),
    (0, b"OggS", Kind.MEDIA),
    (0, b"\x1a\x45\xdf\xa3", Kind.MEDIA),
)

_MEDIA_TYPE_BYTES: Final = 200
_TYPES_BYTES: Final = 1 << 20
_WORKBOOK: Final = re.compile(
    rb"spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template|addin)\.macroEnabled\."
)
"""Types of the part that a workbook in XML begins with (ECMA-376 part 1 §12.3.23)."""

_STREAMS: Final[tuple[tuple[str, Kind], ...]] = (
    ("EncryptedPackage", Kind.ENCRYPTED_OFFICE),
    ("__properties_version1.0", Kind.OUTLOOK),
    ("WordDocument", Kind.WORD),
    ("PowerPoint Document", Kind.POWERPOINT),
    ("Workbook", Kind.XLS),
    ("Book", Kind.XLS),
)
"""Names in the directory of a compound file ([MS-CFB] §2.6), telling first."""

_LZH: Final = re.compile(rb"..-l[hz][0-9a-z]-", re.DOTALL)
_TAR_CHECKSUM: Final = re.compile(rb"[ 0-7]{6}[ \0]{2}")
_HTML: Final = re.compile(
    rb"\s*(?:<!--.*?-->\s*)?(?:<\?xml[^>]*\?>\s*)?"
    rb"<(?:!doctype\s+html|html|head|body|table|meta|title|div|style|script|p|h[1-6]|br|span|font)"
    rb"(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_FIELD: Final = re.compile(
    rb"^(from|to|subject|date|received|mime-version|message-id|content-type|return-path|x-unsent)"
    rb"[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER_LINE: Final = re.compile(rb"[!-9;-~]+[ \t]*:")
_DER: Final = re.compile(
    rb"\x30(?:\x80|\x81.|\x82..|\x83...|[\x00-\x7f])\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07",
    re.DOTALL,
)


def kind_of(octets: bytes) -> Kind:
    """Say what *octets* are; `UNKNOWN` only if they cannot be text either."""
    if not octets.strip(b"\0 \t\r\n"):
        return Kind.EMPTY
    if octets.startswith(_ZIP):
        return _in_zip(octets)
    if octets.startswith(_OLE):
        return _in_compound(octets)
    for offset, magic, kind in _SIGNATURES:
        if octets.startswith(magic, offset):
            return kind
    head = octets[:4096]
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    if octets.startswith(b"BM") and int.from_bytes(octets[2:6], "little") == len(octets):
        return Kind.IMAGE
    if _LZH.match(head):
        return Kind.LZH
    if _DER.match(head):
        return Kind.PKCS7
    if _TAR_CHECKSUM.match(head, 148) and _is_tar(head):
        return Kind.TAR
    return _in_text(head)


def _is_tar(head: bytes) -> bool:
    """Whether the checksum of a header fits, which is all that old archives are known by."""
    said = int(head[148:156].strip(b" \0") or b"0", 8)
    return said == sum(head[:148]) + 8 * ord(" ") + sum(head[156:512])


def has_zip_directory(octets: bytes) -> bool:
    """Whether a ZIP archive ends here, whatever the file begins as."""
    return b"PK\x05\x06" in octets[-66_000:] and zipfile.is_zipfile(io.BytesIO(octets))


def _in_zip(octets: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            names = set(archive.namelist())
            said = _said(archive, "mimetype", _MEDIA_TYPE_BYTES)
            types = b""
            if not any(name.startswith("xl/") for name in names):
                types = _said(archive, "[Content_Types].xml", _TYPES_BYTES)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return Kind.ZIP  # its reader says what is wrong
    if "[Content_Types].xml" in names:
        # Where the parts stand is for their relations to say; most programs use ``xl/``.
        if any(name.startswith("xl/") for name in names):
            return Kind.XLSB if "xl/workbook.bin" in names else Kind.XLSX
        if _WORKBOOK.search(types.replace(b"\0", b"")):
            return Kind.XLSX
        return Kind.DOCUMENT
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        sheets = b"opendocument.spreadsheet" in said
        return Kind.ODS if sheets else Kind.DOCUMENT
    return Kind.ZIP


def _said(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Give what a package says of itself in the entry called *name*, if that is small."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return b""
    if info.file_size >= most or info.flag_bits & 1:
        return b""
    with suppress(zlib.error, EOFError):  # its reader tells of damage
        return archive.read(info)
    return b""


def _in_compound(octets: bytes) -> Kind:
    try:
        root = Compound(octets).root
    except UnreadError:  # a directory that is not to be found; its names may still be
        return next((kind for name, kind in _STREAMS if _entry_name(name) in octets), Kind.COMPOUND)
    return next((kind for name, kind in _STREAMS if root.has(name)), Kind.COMPOUND)


def _entry_name(name: str) -> bytes:
    return f"{name}\0".encode("utf-16-le")


def _in_text(head: bytes) -> Kind:
    """Tell the formats apart that are text; UTF-16 is looked at without its zeros."""
    start = head.lstrip(b"\xef\xbb\xbf\xfe\xff").replace(b"\0", b"").lstrip()
    if b"-----BEGIN PGP " in start[:200]:
        return Kind.PGP
    if _HTML.match(start) or b"<html" in start[:1024].lower():
        return Kind.HTML
    if start.startswith((b"<?xml", b"<svg", b"<!DOCTYPE")):
        return Kind.XML
    fields = {found.lower() for found in _FIELD.findall(start.split(b"\n\n")[0])}
    if start.startswith(b"From ") and fields:
        return Kind.MBOX
    return Kind.MAIL if _HEADER_LINE.match(start) and len(fields) > 1 else Kind.TEXT
