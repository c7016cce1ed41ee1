"""The reads of one question about contacts, the same for SQLite and PostgreSQL."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, TextClause, text

MOST_UNDER_KEY: Final = 80
"""Contacts that are read from one key, those who get most mail first: beyond it says too little."""

MOST_MESSAGES: Final = 300
"""Messages of one thread that are read, the latest."""

MOST_COMPANIONS: Final = 2_000
"""Pairs of people who got the same mail that are read, those who oftenest did."""

# A list of ids goes over as one value, so that a statement is the same for any number of them.
_LISTS: Final = {
    "sqlite": ("SELECT value FROM json_each(:{0})", "json_each(:{0}) AS k"),
    "postgresql": (
        "SELECT unnest(CAST(:{0} AS bigint[]))",
        "unnest(CAST(:{0} AS bigint[])) AS k(value)",
    ),
}
_JOIN: Final = {"sqlite": "group_concat(contact)", "postgresql": "string_agg(contact::text, ',')"}

_KEYS: Final = (
    "SELECT k.value, (SELECT {join} FROM (SELECT contact FROM contact_keys WHERE key = k.value"
    " ORDER BY busy DESC, contact DESC LIMIT :most) AS found) FROM {keys}"
)
_PEOPLE: Final = (
    "SELECT c.id, c.address, c.name, c.company, c.imported, c.writes, c.changed, c.received,"
    " c.received_weight, c.received_last, c.sent_weight, d.weight, own.count, own.weight, own.last,"
    " theirs.count, theirs.weight, theirs.last"
    " FROM contacts AS c LEFT JOIN contact_domains AS d ON d.id = c.home"
    " LEFT JOIN relations AS own ON own.sender = :sender AND own.recipient = c.id"
    " LEFT JOIN relations AS theirs ON theirs.sender = c.id AND theirs.recipient = :sender"
    " WHERE c.id IN ({ids})"
)
_DOMAINS: Final = "SELECT id, domain, weight FROM contact_domains WHERE id IN ({ids})"
_COMPANIONS: Final = (
    "SELECT one, other, weight FROM companions WHERE one IN ({ids})"
    " UNION ALL SELECT other, one, weight FROM companions WHERE other IN ({ids})"
    " ORDER BY weight DESC LIMIT :most"
)
_ABOUT: Final = "SELECT message, answers, thread, sender, recipients, at FROM thread_messages"
_MESSAGES: Final = (
    f"{_ABOUT} WHERE message IN ({{ids}}) UNION {_ABOUT} WHERE answers IN ({{ids}})"
    " ORDER BY at DESC LIMIT :most"
)
_THREAD: Final = f"{_ABOUT} WHERE thread = :thread ORDER BY at DESC LIMIT :most"
_ANSWERS: Final = (
    "SELECT written, meant, said, at, never_until FROM contact_answers"
    " WHERE sender = :sender AND written IN ({ids})"
)


class PersonRow(NamedTuple):
    """A row of contacts, with the weight of its domain and what a sender has to do with it."""

    id: int
    address: str
    name: str
    company: str
    imported: bool
    writes: bool
    changed: int
    received: int
    received_weight: float
    received_last: float
    sent_weight: float
    home_weight: float | None
    own_count: int | None
    own_weight: float
    own_last: float
    inbound_count: int | None
    inbound_weight: float
    inbound_last: float


class Reads:
    """Reads rows of contacts by ids and keys, in one transaction."""

    def __init__(self, conn: Connection) -> None:
        self.conn: Final = conn
        self._dialect: Final = conn.dialect.name

    def keys(self, keys: Collection[int]) -> dict[int, list[int]]:
        """Give who stands under each key, those who get most mail first."""
        found = self._rows(_KEYS, keys=keys, most=MOST_UNDER_KEY)
        return {key: list(map(int, under.split(","))) for key, under in found if under}

    def people(self, ids: Collection[int], sender: int) -> Iterator[PersonRow]:
        """Give the rows of contacts, each with what the *sender* has to do with it."""
        return map(PersonRow._make, self._rows(_PEOPLE, ids=ids, sender=sender))

    def domains(self, ids: Collection[int]) -> Sequence[Any]:
        """Give the id, text and weight of domains."""
        return self._rows(_DOMAINS, ids=ids)

    def companions(self, ids: Collection[int]) -> Sequence[Any]:
        """Give one of *ids*, another who got the same mail, and how often; the oftenest first."""
        return self._rows(_COMPANIONS, ids=ids, most=MOST_COMPANIONS)

    def messages(self, ids: Collection[int]) -> Sequence[Any]:
        """Give messages, and direct answers to them, the latest first."""
        return self._rows(_MESSAGES, ids=ids, most=MOST_MESSAGES)

    def thread(self, thread: int) -> Sequence[Any]:
        """Give the messages of a thread, the latest first."""
        return self._rows(_THREAD, thread=thread, most=MOST_MESSAGES)

    def answers(self, sender: int, ids: Collection[int]) -> Sequence[Any]:
        """Give what the *sender* said about recipients, and whom was suggested."""
        return self._rows(_ANSWERS, ids=ids, sender=sender)

    def _rows(self, query: str, **values: Any) -> Sequence[Any]:
        for name in ("ids", "keys"):
            if name in values:
                if not values[name]:
                    return ()
                some = sorted(values[name])
                values[name] = json.dumps(some) if self._dialect == "sqlite" else some
        return self.conn.execute(_statement(query, self._dialect), values).all()


@lru_cache
def _statement(query: str, dialect: str) -> TextClause:
    listed, joined = _LISTS[dialect]
    return text(
        query.format(ids=listed.format("ids"), keys=joined.format("keys"), join=_JOIN[dialect])
    )
