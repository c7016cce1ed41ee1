"""The real desk over a store in memory that has one hold, behind one token."""

from memory_store import MemoryStore

from guard.model.hold import Hold
from guard.ports import Clock
from guard.release import Answer, Desk
from guard.release.links import fingerprint

TOKEN = "3fJ8kQ2mZ_x9QvB7tYwLr5NcD1eHgUaP0sKiMoXjF4E"


class OneHoldDesk(Desk):
    """Remembers the answers that counted; `error` is raised instead of answering."""

    def __init__(self, hold: Hold, clock: Clock, *, error: Exception | None = None) -> None:
        self.store = MemoryStore(clock)
        self.store.links[fingerprint(TOKEN)] = (hold.id, hold.owner)
        self.answers: list[Answer] = []
        self.error = error
        self.hold = hold
        super().__init__(self.store, clock)

    @property
    def hold(self) -> Hold:
        """The hold as it stands."""
        (hold,) = self.store.holds.values()
        return hold

    @hold.setter
    def hold(self, hold: Hold) -> None:
        self.store.holds = {hold.id: hold}

    async def view(self, token: str, *, peer: str) -> Hold:
        if self.error:
            raise self.error
        return await super().view(token, peer=peer)

    async def answer(self, token: str, answer: Answer) -> Hold:
        if self.error:
            raise self.error
        hold = await super().answer(token, answer)
        self.answers.append(answer)
        return hold
