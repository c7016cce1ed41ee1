"""Who takes part in which conversation, for `KEEP_DAYS` after its last message."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

KEEP_DAYS: Final = 90


def message_key(message_id: str) -> int:
    """Give the key that a Message-ID is kept under: 63 bits, the same in every process."""
    bare = message_id.strip().strip("<>")
    return int.from_bytes(blake2b(bare.encode(errors="replace"), digest_size=8).digest()) >> 1


@dataclass(slots=True)
class _Seen:
    """One message, or one that was only ever answered."""

    thread: int
    sender: int | None = None
    people: set[int] = field(default_factory=set)
    """Sender and recipients, and those of its direct answers."""


class Threads:
    """Messages by key, and the people of each thread."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._members: dict[int, set[int]] = {}
        self._ages: deque[tuple[float, int]] = deque()

    def add(
        self, key: int, parents: Sequence[int], sender: int, recipients: Iterable[int], at: float
    ) -> None:
        """Take in one message. *parents* are keys of what it answers, the direct one last."""
        thread = next(
            (self._seen[one].thread for one in (*reversed(parents), key) if one in self._seen),
            parents[0] if parents else key,
        )
        answers = parents[-1] if parents else None
        self.put(key, answers, thread, sender, {sender, *recipients}, at)

    def put(
        self,
        key: int,
        answers: int | None,
        thread: int,
        sender: int | None,
        people: set[int],
        at: float,
    ) -> None:
        """Take in one message whose thread was chosen before; *people* are its sender and all."""
        own = self._note(key, thread, at)
        own.sender = sender
        own.people |= people
        if answers is not None:
            self._note(answers, thread, at).people |= people
        self._members.setdefault(thread, set()).update(people)

    def standing(self, parents: Sequence[int]) -> dict[int, int]:
        """Say for each person of the thread how near: see `Standing.thread`."""
        known = [self._seen[one] for one in reversed(parents) if one in self._seen]
        if not known:
            return {}
        standing = dict.fromkeys(self._members.get(known[0].thread, ()), 1)
        if parents[-1] in self._seen:
            standing |= dict.fromkeys(known[0].people, 2)
            if known[0].sender is not None:
                standing[known[0].sender] = 3
        return standing

    def forget_before(self, at: float) -> None:
        """Drop what was last heard of before the POSIX time *at*."""
        while self._ages and self._ages[0][0] < at:
            _, key = self._ages.popleft()
            seen = self._seen.pop(key, None)
            if seen is not None and seen.thread == key:
                self._members.pop(key, None)

    def _note(self, key: int, thread: int, at: float) -> _Seen:
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = _Seen(thread)
            self._ages.append((at, key))
        return seen
