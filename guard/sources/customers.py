"""Where a customer list comes from, as the settings name it: files, or a query."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from guard.config.lists import ListFile, ListQuery, ListSource
from guard.lists.gathered import Gathered, files_in, gathered, one
from guard.sources.files import unreadable


@contextmanager
def customers(its: ListSource, *, told: Mapping[str, str]) -> Iterator[Gathered]:
    """
    Open the list that *its* settings name; *told* says what columns hold, the settings go first.

    Raises:
        SourceAwayError: It does not answer now. Iterating its rows may raise it, too.
        SourceError: It is not what the settings say, or refuses us. So may iterating.
    """
    overrides = {**told, **its.columns}
    match its:
        case ListFile():
            with gathered([its.path], overrides=overrides, sheet=its.sheet) as opened:
                yield opened
        case ListQuery():
            from guard.sources.query import asked

            with asked(its, overrides) as source:
                yield one(source)


def mark(its: ListSource) -> str:
    """
    Give what changes when files of the list do; empty where nobody can say, as of a query.

    Raises:
        SourceError: They cannot be looked at.
    """
    if not isinstance(its, ListFile):
        return ""
    files, _ = files_in([its.path])
    total = blake2b(its.model_dump_json().encode(), digest_size=16)
    for file in files:
        try:
            total.update(_facts(file))
        except OSError as error:
            raise unreadable(file, error) from None
    return total.hexdigest()


def _facts(file: Path) -> bytes:
    stat = file.stat()
    facts = (str(file), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    return repr(facts).encode(errors="replace")


def origin(its: ListSource) -> str:
    """Say for people where a list comes from: no password, no address of a database."""
    return its.path.name if isinstance(its, ListFile) else "query"
