"""Parquet: sheets of columns, where pyarrow is installed (the extra ``parquet``)."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from guard.extract.budget import Budget
from guard.extract.pieces import Piece, Source, UnreadError
from guard.model.extract import Passage, Reason

_BATCH_ROWS: Final = 10_000
_BREAKS: Final = re.compile("[\t\n\r\x0b\x0c]+")


def table(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give the rows, and what the footer says of itself.

    pyarrow weighs 60 MB of memory, so it is imported for the file that needs it.
    """
    if source.octets.startswith(b"PARE") or source.octets.endswith(b"PARE"):
        raise UnreadError(Reason.ENCRYPTED)
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise UnreadError(Reason.UNSUPPORTED) from None
    arrow.set_memory_pool(arrow.system_memory_pool())
    opened = parquet.ParquetFile(arrow.BufferReader(source.octets), page_checksum_verification=True)
    metadata = opened.metadata
    for group in range(metadata.num_row_groups):
        budget.foresee(metadata.row_group(group).total_byte_size, len(source.octets))
    if told := _told(metadata.metadata or {}):
        budget.say(len(told))
        yield Passage(place="properties", text=told)
    first_row = 1
    yield Passage(place="columns", text="\t".join(opened.schema_arrow.names))
    for batch in opened.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
        budget.expand(batch.nbytes)
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        text = "\n".join("\t".join(map(_cell, row)) for row in rows)
        budget.say(len(text))
        yield Passage(place="", text=text, first_row=first_row)
        first_row += batch.num_rows
    if first_row - 1 != metadata.num_rows:
        yield Reason.CORRUPT


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return _BREAKS.sub(" ", str(value))


def _told(metadata: dict[bytes, bytes]) -> str:
    return "\n".join(
        f"{key.decode('utf-8', 'replace')}: {value.decode('utf-8', 'replace')}"
        for key, value in metadata.items()
        if key != b"ARROW:schema"
    )
