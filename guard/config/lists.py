"""Settings of the places that customer lists come from."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from guard.config.words import Section
from guard.lists.kinds import Kind
from guard.problems import did_you_mean


def _list_name(value: str) -> str:
    if not re.fullmatch(r"(?!\.)[\w.-]{1,100}", value):
        raise ValueError('write a name of letters, digits, "-", "_" and "."')
    return value


def _query_url(value: str) -> str:
    # The value is not repeated: it may hold a password.
    if not re.match(r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://.", value):
        message = 'write an address like "postgresql://reader@db.example/crm"'
        raise PydanticCustomError("not_repeated", message)
    if re.match(r"[^:]+://[^/@]*:[^/@]*@", value) or re.search(r"[?&]password=", value):
        message = "leave the password out of the address; put it into a file: password_file"
        raise PydanticCustomError("not_repeated", message)
    return value


_READS: Final = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|with|table|values)\b", re.IGNORECASE)


def _query(value: str) -> str:
    if not _READS.match(value):
        raise ValueError("write a query that only reads: SELECT …")
    return value


def _kinds(value: dict[str, str]) -> dict[str, str]:
    for header, kind in value.items():
        if kind not in set(Kind):
            hint = did_you_mean(kind, list(Kind)) or f"write one of {', '.join(Kind)}"
            raise ValueError(f"“{header}”: “{kind}” is no kind of column ({hint})")
    return value


ListName = Annotated[str, AfterValidator(_list_name)]
QueryUrl = Annotated[str, AfterValidator(_query_url)]
Query = Annotated[str, AfterValidator(_query)]


class _Listed(Section):
    name: ListName = Field(description="What policies and commands call the list.")
    columns: Annotated[dict[str, str], AfterValidator(_kinds)] = Field(
        default_factory=dict,
        description='What columns hold whose headers do not say so: `{ TEL2 = "phone", '
        '"備考" = "ignore" }`.',
    )


class ListFile(_Listed):
    """A customer list in files."""

    kind: Literal["file"] = Field(description="CSV, TSV, xlsx, xls, ods; any encoding.")
    path: Path = Field(description="The file, or a folder of files that are one list.")
    sheet: str | None = Field(
        None, description="Sheet of a workbook; left out: the first with usable headers."
    )


class ListQuery(_Listed):
    """A customer list in a database."""

    kind: Literal["sql"] = Field(
        description="Asked in a transaction that only reads, and streamed. PostgreSQL needs the "
        "extra `postgres`, others their SQLAlchemy driver."
    )
    url: QueryUrl = Field(
        description="SQLAlchemy URL without a password; a relative SQLite path starts at this file."
    )
    password_file: Path | None = Field(
        None, description="File that holds the password of the URL's user alone."
    )
    query: Query = Field(description="SELECT with one row a customer; its columns have names.")
    patience_s: float = Field(
        60,
        gt=0,
        le=3600,
        description="Seconds to wait for a connection, and for each step of the query.",
    )


ListSource = Annotated[ListFile | ListQuery, Field(discriminator="kind")]
"""One list; what else is to be said of it depends on its kind."""


def _have_own_names(sources: tuple[ListSource, ...]) -> tuple[ListSource, ...]:
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            message = (
                'two sources are for the list "{name}"; give each list one source: a folder of '
                "files, or a query with UNION"
            )
            raise PydanticCustomError("not_repeated", message, {"name": name})
    return sources


ListSources = Annotated[tuple[ListSource, ...], AfterValidator(_have_own_names)]
