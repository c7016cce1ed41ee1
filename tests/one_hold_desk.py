"""The real desk over a store in memory that has one hold, behind one token."""

from dataclasses import replace

from memory_store import MemoryStore

from guard.model.address import Address
from guard.model.extract import ReadState
from guard.model.hold import Hold
from guard.model.unlocked import Unlocked
from guard.model.verdict import Action, Verdict
from guard.ports import Clock, Linked
from guard.release import Answer, Desk
from guard.release.answer import Sending
from guard.release.confirmation import encrypted
from guard.release.links import fingerprint

TOKEN = "3fJ8kQ2mZ_x9QvB7tYwLr5NcD1eHgUaP0sKiMoXjF4E"


class Says:
    """A judge who says *verdict* of whatever the sender makes of a mail, and remembers what."""

    def __init__(self, verdict: Verdict | Exception | None = None) -> None:
        self.verdict_given = verdict or Verdict(action=Action.DELIVER)
        self.asked: list[Sending] = []
        self.passwords: list[str] = []

    async def verdict(self, hold: Hold, sending: Sending, *, password: str = "") -> Verdict:
        """As `Judge.verdict`."""
        self.asked.append(sending)
        self.passwords.append(password)
        if isinstance(self.verdict_given, Exception):
            raise self.verdict_given
        given = replace(self.verdict_given, recipients=sending.recipients, without=sending.without)
        if not password:
            return given
        opened = sorted(encrypted(hold.verdict) - encrypted(given))
        return replace(given, unlocked=(*hold.verdict.unlocked, *map(unlocked, opened)))


def unlocked(file: str) -> Unlocked:
    """Give a file as a judge knows it once it was opened."""
    return Unlocked(file=file, sha256=file.encode().hex(), policy="", state=ReadState.READ)


class OneHoldDesk(Desk):
    """Remembers the answers that counted; `error` is raised instead of answering."""

    def __init__(
        self,
        hold: Hold,
        clock: Clock,
        *,
        person: Address | None = None,
        judge: Says | None = None,
        error: Exception | None = None,
    ) -> None:
        self.store = MemoryStore(clock)
        self.store.links[fingerprint(TOKEN)] = (hold.id, person or hold.owner)
        self.answers: list[Answer] = []
        self.error = error
        self.hold = hold
        super().__init__(self.store, clock, judge or Says())

    @property
    def hold(self) -> Hold:
        """The hold as it stands."""
        (hold,) = self.store.holds.values()
        return hold

    @hold.setter
    def hold(self, hold: Hold) -> None:
        self.store.holds = {hold.id: hold}

    async def view(self, token: str, *, peer: str) -> Linked:
        if self.error:
            raise self.error
        return await super().view(token, peer=peer)

    async def answer(self, token: str, answer: Answer) -> Hold:
        if self.error:
            raise self.error
        hold = await super().answer(token, answer)
        self.answers.append(answer)
        return hold
