"""A PDF that is open in pdfium."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

pdfium.FPDF_InitLibrary()


@dataclass(slots=True, kw_only=True)
class Document:
    """An open document."""

    handle: Any
    form: Any
    """The form environment, without which fields have no values; `None` if there is no form."""

    @classmethod
    @contextmanager
    def opened(cls, octets: bytes, password: str) -> Iterator["Document"]:
        """
        Open a document.

        Raises:
            UnreadError: It is encrypted and *password* does not open it, or no PDF at all.
        """
        handle = pdfium.FPDF_LoadMemDocument64(octets, len(octets), password.encode() + b"\0")
        if not handle:
            match pdfium.FPDF_GetLastError():
                case pdfium.FPDF_ERR_PASSWORD:
                    raise UnreadError(Reason.ENCRYPTED)
                case pdfium.FPDF_ERR_SECURITY:
                    raise UnreadError(Reason.ENCRYPTED)
            raise UnreadError(Reason.CORRUPT)
        form = None
        callbacks = pdfium.FPDF_FORMFILLINFO(version=2)
        try:
            if pdfium.FPDF_GetFormType(handle) != pdfium.FORMTYPE_NONE:
                form = pdfium.FPDFDOC_InitFormFillEnvironment(handle, callbacks)
            yield cls(handle=handle, form=form)
        finally:
            if form:
                pdfium.FPDFDOC_ExitFormFillEnvironment(form)
            pdfium.FPDF_CloseDocument(handle)

    @property
    def pages(self) -> int:
        """How many pages the document says it has."""
        return int(pdfium.FPDF_GetPageCount(self.handle))

    def decrypted(self) -> bytes:
        """
        Write the document without its encryption; nothing at all if pdfium cannot.

        It is to be called before a page was flattened: that would be in it.
        """
        written: list[bytes] = []

        def write(_file: Any, data: Any, size: int) -> int:
            written.append(ctypes.string_at(data, size))
            return 1

        file = pdfium.FPDF_FILEWRITE(version=1)
        write_block = type(file.WriteBlock)(write)
        file.WriteBlock = write_block
        saved = pdfium.FPDF_SaveAsCopy(self.handle, file, pdfium.FPDF_REMOVE_SECURITY)
        return b"".join(written) if saved else b""

    @property
    def encrypted(self) -> bool:
        """Whether streams and strings are encrypted, if only by the empty password."""
        return bool(pdfium.FPDF_GetSecurityHandlerRevision(self.handle) >= 0)
