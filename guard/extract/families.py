"""What sort of thing a format is for people."""

from collections.abc import Mapping
from typing import Final

from guard.extract.kinds import Kind
from guard.model.extract import Family

_OF: Final[Mapping[Family, tuple[Kind, ...]]] = {
    Family.SPREADSHEET: (Kind.XLSX, Kind.XLSB, Kind.XLS, Kind.BIFF, Kind.ODS),
    Family.DOCUMENT: (Kind.DOCUMENT, Kind.WORD, Kind.POWERPOINT, Kind.RTF, Kind.COMPOUND),
    Family.PDF: (Kind.PDF, Kind.POSTSCRIPT),
    Family.TEXT: (Kind.TEXT, Kind.HTML, Kind.XML, Kind.EMPTY),
    Family.IMAGE: (Kind.IMAGE,),
    Family.ARCHIVE: (
        *(Kind.ZIP, Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.TAR, Kind.SEVEN_ZIP, Kind.RAR, Kind.LZH),
        *(Kind.CAB, Kind.CPIO, Kind.AR, Kind.ISO, Kind.COMPRESS, Kind.ZSTD),
    ),
    Family.MAIL: (Kind.MAIL, Kind.MBOX, Kind.OUTLOOK, Kind.TNEF),
    Family.DATABASE: (Kind.SQLITE, Kind.ACCESS, Kind.PARQUET),
    Family.MEDIA: (Kind.MEDIA,),
    Family.SEALED: (Kind.PGP, Kind.PKCS7, Kind.ENCRYPTED_OFFICE),
    Family.UNKNOWN: (Kind.UNKNOWN,),
}

FAMILY: Final[Mapping[Kind, Family]] = {
    kind: family for family, kinds in _OF.items() for kind in kinds
}
"""Of every format."""
