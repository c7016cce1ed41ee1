"""
How a hold stands in rows.

A row says in clear only what changes or is searched for. The hold as it was put (subject, names,
findings and all) is sealed in `details`, the octets in a table of their own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row

from guard.model.address import Address
from guard.model.errors import DamagedError
from guard.model.hold import Choice, End, Hold, HoldState
from guard.model.verdict import Verdict
from guard.store.crypto import Seal
from guard.store.keys import KeyRing

_DETAILS: Final = "details"
_OCTETS: Final = "octets"
_HOLD: Final = TypeAdapter(Hold)


@dataclass(frozen=True, slots=True)
class Records:
    """Turns holds into rows and back, with the keys of one ring."""

    _keys: KeyRing

    def of(self, hold: Hold, octets: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Give the row of a hold, and the rows of its octets."""
        key_id, key = self._keys.current("holds")
        seal = Seal.of(key, hold.id)
        row = {
            "id": hold.id,
            "number": hold.number,
            "state": hold.state,
            "held_at": hold.held_at,
            "recipients": [address.text for address in hold.recipients],
            "without": list(hold.without),
            "release_at": hold.release_at,
            "decided_at": hold.decided_at,
            "decided_by": hold.decided_by,
            "choice": hold.choice,
            "reply": "",  # sealed: a server may quote the mail in it
            "key_id": key_id,
            "details": seal.close(_DETAILS, _as_json(hold)),
        }
        chunks = seal.close_chunks(_OCTETS, octets)
        return row, [
            {"hold_id": hold.id, "number": number, "chunk": chunk}
            for number, chunk in enumerate(chunks)
        ]

    def changed(
        self, row: Row[Any], *, verdict: Verdict | None, ends: tuple[End, ...] | None, reply: str
    ) -> dict[str, Any]:
        """
        Give what changes in the row of a hold that was judged anew, or released.

        Raises:
            KeyFileError, DamagedError: As `hold`.
        """
        seal = self._seal(row.key_id, row.id)
        hold = _HOLD.validate_json(seal.open(_DETAILS, row.details))
        if verdict is not None:
            hold = replace(hold, verdict=verdict)
        if ends is not None:
            hold = replace(hold, ends=ends)
        hold = replace(hold, reply=reply or row.reply or hold.reply)
        return {"details": seal.close(_DETAILS, _as_json(hold)), "reply": ""}

    def hold(self, row: Row[Any]) -> Hold:
        """
        Give the hold of a row.

        Raises:
            KeyFileError: The ring is not the one that it was sealed with.
            DamagedError: What stands on disk is not what was written.
        """
        details = self._seal(row.key_id, row.id).open(_DETAILS, row.details)
        hold = _HOLD.validate_json(details)
        return replace(
            hold,
            state=_state(row.state),
            recipients=tuple(Address.parse(text) for text in row.recipients),
            without=tuple(row.without),
            release_at=row.release_at,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            choice=Choice(row.choice) if row.choice else None,
            reply=row.reply or hold.reply,  # in clear in rows of the first release
        )

    def octets(self, hold_id: str, key_id: str, chunks: Sequence[bytes]) -> bytes:
        """
        Give the octets of a hold, from all its chunks in order.

        Raises:
            KeyFileError: The ring is not the one that they were sealed with.
            DamagedError: What stands on disk is not what was written.
        """
        return self._seal(key_id, hold_id).open_chunks(_OCTETS, chunks)

    def _seal(self, key_id: str, hold_id: str) -> Seal:
        return Seal.of(self._keys.get("holds", key_id), hold_id)


def _as_json(hold: Hold) -> bytes:
    # Half a surrogate pair, which some charsets let a subject hide, is no character: it becomes
    # a question mark here rather than an error, for any mail can be held.
    told = json.dumps(_HOLD.dump_python(hold, mode="json"), ensure_ascii=False)
    return told.encode(errors="replace")


def _state(word: str) -> HoldState:
    try:
        return HoldState(word)
    except ValueError as error:
        raise DamagedError("a hold is in no state that there is") from error
