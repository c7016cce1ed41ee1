"""Programs and libraries that make the files, and which of them are here."""

import importlib.metadata
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

_LIBRARIES: Final = {
    "openpyxl": "openpyxl",
    "XlsxWriter": "XlsxWriter",
    "xlwt": "xlwt",
    "python-docx": "python-docx",
    "python-pptx": "python-pptx",
    "odfpy": "odfpy",
    "ReportLab": "reportlab",
    "Pillow": "pillow",
    "PyArrow": "pyarrow",
    "pypdf": "pypdf",
    "msoffcrypto-tool": "msoffcrypto-tool",
}
_PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "LibreOffice": ("soffice", "--version"),
    "7-Zip": ("7zz", "i"),
    "Info-ZIP": ("zip", "-v"),
    "bsdtar": ("bsdtar", "--version"),
    "GNU tar": ("tar", "--version"),
    "gcab": ("gcab", "--version"),
    "ncompress": ("compress", "-V"),
    "zstd": ("zstd", "--version"),
    "Chromium": ("chromium", "--version"),
    "qpdf": ("qpdf", "--version"),
    "sharutils": ("uuencode", "--version"),
}
_UNVERSIONED: Final = {"jlha": ("jlha", "jlha-utils"), "arj": ("arj", "arj")}
"""Programs that do not tell: the one to look for, and the Debian package that knows."""

_VERSION: Final = re.compile(r"\d+(?:\.\d+)+")


@cache
def version(producer: str) -> str | None:
    """Give the version of a producer; `None` if it is not here."""
    if producer in _LIBRARIES:
        return _library(_LIBRARIES[producer])
    if producer in _UNVERSIONED:
        program, package = _UNVERSIONED[producer]
        return _told(("dpkg-query", "-W", package)) if shutil.which(program) else None
    if producer in _PROGRAMS:
        return _told(_PROGRAMS[producer]) if shutil.which(_PROGRAMS[producer][0]) else None
    return _OTHERS[producer]()


def _library(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _told(command: tuple[str, ...]) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _VERSION.search(done.stdout + done.stderr)
    return found[0] if found else "?"


def sheetjs() -> Path | None:
    """Folder of the npm package `xlsx`, which the environment variable SHEETJS names."""
    folder = Path(os.environ.get("SHEETJS", "node_modules/xlsx"))
    return folder.resolve() if (folder / "package.json").exists() and shutil.which("node") else None


def _sheetjs_version() -> str | None:
    folder = sheetjs()
    if folder is None:
        return None
    found = _VERSION.search(re.search(r'"version":[^,]*', (folder / "package.json").read_text())[0])  # type: ignore[index]
    return found[0] if found else "?"


_OTHERS: Final[dict[str, Callable[[], str | None]]] = {
    "Python": lambda: ".".join(map(str, sys.version_info[:3])),
    "SQLite": lambda: sqlite3.sqlite_version,
    "SheetJS": _sheetjs_version,
}


def known() -> tuple[str, ...]:
    """Every producer."""
    return tuple(sorted((*_LIBRARIES, *_PROGRAMS, *_UNVERSIONED, *_OTHERS), key=str.lower))
