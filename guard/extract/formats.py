"""Which reader reads what: a format is one line here and one module beside this one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from guard.extract import (
    archives,
    biff,
    binarybook,
    embedded,
    mail,
    office,
    outlook,
    parquet,
    pdf,
    pdfplain,
    pictures,
    plaintext,
    powerpoint,
    protected,
    rtf,
    sealed,
    sheets,
    sheetxml,
    sqlite,
    streams,
    tnef,
    word,
    zipped,
)
from guard.extract.budget import Budget
from guard.extract.kinds import Kind
from guard.extract.pieces import Piece, Source, UnreadError
from guard.model.extract import Reason

Reader = Callable[[Source, Budget], Iterator[Piece]]


def _refuse(reason: Reason) -> Reader:
    def reader(_source: Source, _budget: Budget) -> Iterator[Piece]:
        raise UnreadError(reason)

    return reader


def _nothing(_source: Source, _budget: Budget) -> Iterator[Piece]:
    return iter(())


READERS: Final[Mapping[Kind, Reader]] = {
    Kind.TEXT: plaintext.text,
    Kind.HTML: plaintext.html,
    Kind.XML: plaintext.xml,
    Kind.MAIL: mail.mail,
    Kind.MBOX: mail.mbox,
    Kind.PGP: sealed.pgp,
    Kind.PKCS7: sealed.pkcs7,
    Kind.XLSX: sheetxml.either,
    Kind.XLSB: binarybook.xlsb,
    Kind.XLS: biff.xls,
    Kind.ODS: sheets.ods,
    Kind.DOCUMENT: office.document,
    Kind.BIFF: biff.bare,
    Kind.WORD: word.word,
    Kind.POWERPOINT: powerpoint.powerpoint,
    Kind.COMPOUND: embedded.compound,
    Kind.RTF: rtf.rtf,
    Kind.OUTLOOK: outlook.outlook,
    Kind.TNEF: tnef.tnef,
    Kind.ENCRYPTED_OFFICE: protected.package,
    Kind.ZIP: zipped.archive,
    Kind.GZIP: streams.gzip,
    Kind.BZIP2: streams.bzip2,
    Kind.XZ: streams.xz,
    Kind.SEVEN_ZIP: archives.seven_zip,
    Kind.RAR: archives.rar,
    Kind.LZH: archives.lzh,
    Kind.CAB: archives.cab,
    Kind.TAR: archives.tar,
    Kind.CPIO: archives.cpio,
    Kind.AR: archives.ar,
    Kind.ISO: archives.iso,
    Kind.ZSTD: archives.zstd,
    Kind.COMPRESS: archives.compress,
    Kind.PDF: pdf.pdf,
    Kind.SQLITE: sqlite.database,
    Kind.PARQUET: parquet.table,
    Kind.IMAGE: pictures.image,
    Kind.EMPTY: _nothing,
    Kind.UNKNOWN: _refuse(Reason.UNKNOWN_BINARY),
}
"""A kind that is not here is told apart, but not read: `Reason.UNSUPPORTED`."""

PLAIN_READERS: Final[Mapping[Kind, Reader]] = {
    Kind.XLSX: sheetxml.xlsx,
    Kind.ODS: office.document,
    Kind.XLSB: binarybook.plain_xlsb,
    Kind.XLS: biff.plain_xls,
    Kind.PDF: pdfplain.pdf,
}
"""What takes the place of readers with native code in them, after one of those died."""


def reader_of(kind: Kind, *, plain: bool) -> Reader:
    """Give the reader for a kind; with *plain* one without native code."""
    if plain and kind in PLAIN_READERS:
        return PLAIN_READERS[kind]
    return READERS.get(kind, _refuse(Reason.UNSUPPORTED))
