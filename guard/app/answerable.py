"""What the store has for a policy to ask: which lists, and how its sources were last read."""

from guard.config import Settings
from guard.lists.paths import indexes
from guard.policy.known import Known, Reading
from guard.store.database import Database
from guard.store.imports import Imports, ListSource
from guard.store.sources import Sources, SourceState


async def known_to(settings: Settings) -> Known:
    """
    Ask the store of *settings*.

    Raises:
        StoreError: It cannot be asked.
    """
    database = await Database.open(settings.store.url)
    try:
        states = {state.name: state for state in await Sources(database).states()}
        imports = Imports(database)
        imported = {each.name: each.imported_at for each in await imports.all()}
        lists = await imports.sources()
    finally:
        await database.close()
    here = {name for name, _ in indexes(settings.lists.folder)}
    return Known(
        lists=frozenset(here | imported.keys()),
        sources={its.name: _contacts(states.get(its.name)) for its in settings.source},
        list_sources={its.name: _list(lists.get(its.name)) for its in settings.list_source},
    )


def _contacts(state: SourceState | None) -> Reading:
    if state is None:
        return Reading(read_at=None)
    return Reading(read_at=state.read_at, error=state.error)


def _list(source: ListSource | None) -> Reading:
    """Give the last reading; one that went wrong brought nothing, however late it was."""
    if source is None:
        return Reading(read_at=None)
    return Reading(read_at=None if source.error else source.tried_at, error=source.error)
