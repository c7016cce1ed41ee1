"""
Taking a customer list in: from files somebody gives, or from the source that settings name.

Everything here blocks, and has an event loop of its own: one import takes minutes of computing, so
that a running guard leaves it to another process (`guard.app.list_nightly`).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Self, TypeVar

from guard.app.list_alarm import list_alarm
from guard.app.list_origins import added_origin, put_together, told_part
from guard.app.list_report import ListReport, Taken
from guard.app.losses import FewerError, require_as_many, require_kinds
from guard.app.reports import End
from guard.config import Settings
from guard.config.lists import ListSource as Place
from guard.lists.build import build, extend, merge, remove_segments
from guard.lists.columns import UnknownColumnError, UnusableColumnsError
from guard.lists.gathered import Gathered
from guard.lists.layout import read_header
from guard.lists.paths import MOST_SEGMENTS, index_path, indexes, segment_path, version_of
from guard.model.errors import SourceAwayError, SourceError, StoreError
from guard.sources.customers import customers, mark, origin
from guard.store.database import Database
from guard.store.imports import Imports, ListImport, ListSource
from guard.store.keys import KeyRing
from guard.store.list_lock import only_writer
from guard.store.lists import ListFolder

LEASE_S: Final = 900.0
"""Seconds for which the source of a list is one process's own, from each `tell` on."""

T = TypeVar("T")

Tell = Callable[[int, float | None], None]
"""Hears the rows read so far, and which share of all this is, where that is known."""


class ListImporter:
    """
    Takes lists into the folder and the store of *settings*, which are made where missing.

    A context manager: the store is open meanwhile. With *alarms* the administrators get a mail of
    a source that could not be taken in: nobody looks at what is returned here.
    """

    def __init__(self, settings: Settings, *, actor: str = "guard", alarms: bool = False) -> None:
        self._settings: Final = settings
        self._actor: Final = actor
        self._alarms: Final = alarms

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        try:
            self._database = self._run(Database.open(self._settings.store.url))
        except BaseException:
            self._runner.close()
            raise
        self._imports = Imports(self._database)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(self._database.close())
        finally:
            self._runner.close()

    def take(
        self,
        name: str,
        opening: Callable[[Mapping[str, str]], AbstractContextManager[Gathered]],
        *,
        told: Mapping[str, str] | None,
        origin: str,
        accept_fewer: bool = False,
        tell: Tell = lambda *_: None,
    ) -> Taken:
        """
        Make the list *name* of what *opening* gives, in place of what it was.

        *told* says what columns hold; `None`: what was said at the last import. *origin* says for
        people where it comes from.

        Raises:
            FewerError: It has lost a fifth of its rows, or a kind of column, and that is not
                accepted. The list is as it was; so it is after every other error.
            SourceError: It cannot be read, or not be used.
            StoreError: The store cannot be used.
        """
        index_path(self._settings.lists.folder, name)  # a bad name is told before anything is made
        known, last = self._before(name)
        columns = known.told if told is None else told
        made = ListSource(name=name, origin=origin, told=columns)
        with _opened(opening, columns, name=name, remembered=told is None) as opened:
            return self._build(opened, last, made, accept_fewer=accept_fewer, tell=tell)

    def add(
        self,
        name: str,
        opening: Callable[[Mapping[str, str]], AbstractContextManager[Gathered]],
        *,
        told: Mapping[str, str] | None,
        origin: str,
        tell: Tell = lambda *_: None,
    ) -> Taken:
        """
        Add what *opening* gives to the list *name*, whose other rows stay.

        A row with a customer number (or an address, where the list has no numbers) that the list
        has takes the place of that. *told* and *origin* are as of `take`.

        Raises:
            SourceError: There is no such list, or the rows cannot be read or have other columns.
                The list is as it was.
            StoreError: The store cannot be used.
        """
        folder = self._settings.lists.folder
        known, last = self._before(name)
        columns = known.told if told is None else told
        ring = KeyRing.open(self._settings.store.key_file, create=False)
        with only_writer(folder, waits=True):
            key_id, key = ring.current("lists")
            lists = ListFolder(folder, key, key_id, older=partial(ring.get, "lists"))
            onto = lists.segments(name)
            key_id = onto.parts[0].header.key_id
            with _opened(opening, columns, name=name, remembered=told is None) as opened:
                imported = extend(
                    opened.rows,
                    opened.columns,
                    onto=onto,
                    folder=folder,
                    name=name,
                    key=ring.get("lists", key_id),
                    key_id=key_id,
                    now=datetime.now(UTC),
                    progress=lambda rows: tell(rows, opened.share()),
                )
                try:
                    now = lists.segments(name)
                    # Other nodes get one file.
                    added = (told_part(part, behind=onto.rows_read) for part in opened.parts)
                    parts: Sequence[str] = (*known.parts, *added)
                    if self._database.path is None or len(now.parts) > MOST_SEGMENTS:
                        merge(now, folder=folder, name=name)
                        parts = put_together(parts)
                    source = replace(known, origin=added_origin(known.origin, origin), told=columns)
                    self._note(source, parts, imported.version, now.kept)
                except BaseException:
                    # What was added and is not noted would be searched for, and known to nobody.
                    segment_path(folder, name, len(onto.parts)).unlink(missing_ok=True)
                    raise
        return Taken(opened=opened, imported=imported, before=last.rows if last else 0)

    def sync(
        self,
        its: Place,
        *,
        accept_fewer: bool = False,
        full: bool = False,
        tell: Tell = lambda *_: None,
    ) -> ListReport:
        """
        Read the source of one list, if it changed, and make the list anew.

        With *full* it is read even if it did not.

        Raises:
            StoreError: The database is away.
        """
        name = its.name
        source = self._run(self._imports.claim(name, lease_s=LEASE_S))
        if source is None:
            message = f"{name}: another process reads it now; try again when it is done"
            return ListReport(name=name, end=End.BUSY, message=message)
        last = self._run(self._imports.last(name))
        rows = last.rows if last else 0
        try:
            token = self._token(its)
            if not full and token and token == source.token and self._stands(last):
                self._run(self._imports.unchanged(name))
                return ListReport(name=name, end=End.UNCHANGED, rows=rows, before=rows)
            made = ListSource(name=name, origin=origin(its), token=token, told=source.told)
            with customers(its, told={}) as opened:
                taken = self._build(
                    opened, last, made, accept_fewer=accept_fewer, tell=self._claiming(name, tell)
                )
        except SourceError as error:
            plain = error.plain if isinstance(error, UnusableColumnsError) else str(error)
            alarm = partial(list_alarm, name, error=plain) if self._alarms else lambda _: None
            self._run(self._imports.failed(name, plain, alarm=alarm))
            end = End.AWAY if isinstance(error, SourceAwayError) else End.FAILED
            end = End.KEPT if isinstance(error, FewerError) else end
            return ListReport(name=name, end=end, rows=rows, before=rows, message=str(error))
        except BaseException:
            with suppress(StoreError):
                self._run(self._imports.let_go(name))
            raise
        kept = taken.imported.kept
        return ListReport(name=name, end=End.DONE, rows=kept, before=rows, taken=taken)

    def names(self) -> frozenset[str]:
        """Give the lists that were imported, with those whose index or whose note is lost."""
        here = (name for name, _ in indexes(self._settings.lists.folder))
        return frozenset((*self._run(self._imports.names()), *here))

    def forget(self, name: str) -> bool:
        """
        Take a list out: its index, here and on other nodes, and what was said of its columns.

        The audit log goes on knowing of it. False: there is no such list.

        Raises:
            SourceError: The index cannot be removed.
        """
        path = index_path(self._settings.lists.folder, name)
        version = self._run(self._imports.forget(name, actor=self._actor))
        try:
            remove_segments(path.parent, name)
            path.unlink()
        except FileNotFoundError:
            return version is not None
        except OSError as error:
            raise SourceError(f"{path}: cannot be removed ({error.strerror})") from error
        return True

    def _before(self, name: str) -> tuple[ListSource, ListImport | None]:
        """Give what is known of a list, and its last import."""
        known = self._run(self._imports.sources()).get(name, ListSource(name=name))
        return known, self._run(self._imports.last(name))

    def _token(self, its: Place) -> str:
        token = mark(its)
        # After the keys were rotated the list is made anew, under the new one.
        return f"{self._key()[0]}:{token}" if token else ""

    def _claiming(self, name: str, tell: Tell) -> Tell:
        """Have *tell* called, and the source for ourselves as long as that goes on."""
        claimed = time.monotonic()

        def told(rows: int, share: float | None) -> None:
            nonlocal claimed
            if time.monotonic() - claimed > LEASE_S / 3:
                self._run(self._imports.claim(name, lease_s=LEASE_S))
                claimed = time.monotonic()
            tell(rows, share)

        return told

    def _build(
        self,
        opened: Gathered,
        last: ListImport | None,
        made: ListSource,
        *,
        accept_fewer: bool,
        tell: Tell,
    ) -> Taken:
        """Make the index and note it, both before anybody else puts another in its place."""
        name, folder = made.name, self._settings.lists.folder
        key_id, key = self._key()
        known = self._kinds(name)
        before = last.rows if last else 0
        with ExitStack() as alone:

            def check(kept: int, kinds: Sequence[str]) -> None:
                if not accept_fewer:
                    require_as_many(name, before=before, kept=kept)
                    require_kinds(name, known, kinds)
                alone.enter_context(only_writer(folder, waits=True))

            imported = build(
                opened.rows,
                opened.columns,
                folder=folder,
                name=name,
                key=key,
                key_id=key_id,
                now=datetime.now(UTC),
                progress=lambda rows: tell(rows, opened.share()),
                check=check,
            )
            taken = Taken(opened=opened, imported=imported, before=before)
            self._record(taken, made)
        return taken

    def _kinds(self, name: str) -> frozenset[str]:
        """Give the kinds of column that the list has so far; none where it cannot be read."""
        try:
            header = read_header(index_path(self._settings.lists.folder, name))
        except SourceError:
            return frozenset()
        return frozenset((*header.anchors, *header.columns))

    def _stands(self, last: ListImport | None) -> bool:
        """Whether the index of the last import is where it belongs."""
        if last is None:
            return False
        return version_of(self._settings.lists.folder, last.name) == last.version

    def _record(self, taken: Taken, source: ListSource) -> None:
        parts = tuple(map(told_part, taken.opened.parts))
        self._note(source, parts, taken.imported.version, taken.imported.kept)

    def _note(self, source: ListSource, parts: Sequence[str], version: str, rows: int) -> None:
        path = index_path(self._settings.lists.folder, source.name)
        done = ListImport(
            name=source.name,
            version=version,
            imported_at=datetime.fromisoformat(read_header(path).imported),
            rows=rows,
        )
        source = replace(source, parts=tuple(parts))
        self._run(self._imports.record(done, source, actor=self._actor, index=path))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _key(self) -> tuple[str, bytes]:
        # Where a list stands there was a key: a new one would leave all of them without theirs.
        first = not any(indexes(self._settings.lists.folder))
        return KeyRing.open(self._settings.store.key_file, create=first).current("lists")


@contextmanager
def _opened(
    opening: Callable[[Mapping[str, str]], AbstractContextManager[Gathered]],
    columns: Mapping[str, str],
    *,
    name: str,
    remembered: bool,
) -> Iterator[Gathered]:
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(opening(columns))
        except UnknownColumnError as error:
            if not remembered:
                raise
            raise SourceError(
                f"{error}. That was said at an import of “{name}” before; say anew what columns "
                "hold: --columns HEADER=KIND, or --columns '' to have them guessed"
            ) from None
        yield opened
