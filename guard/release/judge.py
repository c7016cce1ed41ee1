"""Asks the policy again, where the sender wants something else sent than what was handed in."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from guard.detect.unlocking import Opening
from guard.examine import Examination, Knowledge, examine
from guard.memory import Lane
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.model.errors import DamagedError
from guard.model.hold import Hold
from guard.model.octets import InMemory
from guard.model.verdict import Verdict
from guard.parse.removal import without_parts
from guard.policy.schema import Policy
from guard.ports import Clock, HoldStore
from guard.release.answer import Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides about a held message as if what is to be sent now had been handed in like that."""

    holds: HoldStore
    knowledge: Knowledge
    policy: Callable[[], Policy]
    """The policy of the moment."""

    clock: Clock
    lane: Lane
    """Where big messages wait until there is memory to look into them."""

    async def verdict(self, hold: Hold, sending: Sending, *, password: str = "") -> Verdict:
        """
        Give what the policy says of *sending*; it names recipients and parts that it is about.

        *password* is tried on attachments that are encrypted. What earlier ones showed in files
        that are still sent counts as if they had been given again.

        Raises:
            GuardError: Octets, contacts or lists are away: nobody can say now.
        """
        examination = await self.examination(hold, sending, password=password)
        return replace(
            examination.verdict,
            recipients=sending.recipients,
            without=sending.without,
            unlocked=examination.unlocked,
        )

    async def examination(self, hold: Hold, sending: Sending, *, password: str = "") -> Examination:
        """Give the same with all that led to it."""
        envelope = released(hold, sending)
        async with self.lane.whole(InMemory(await self.holds.octets(hold.id))) as octets:
            try:
                left = await asyncio.to_thread(without_parts, octets, sending.without)
            except ValueError as error:
                raise DamagedError("the message has no such parts") from error
            return await examine(
                envelope,
                left,
                policy=self.policy(),
                knowledge=self.knowledge,
                now=self.clock(),
                submitter=Submitter(
                    peer=hold.peer, helo=hold.helo, login=hold.login, address=hold.login_address
                ),
                opening=Opening(password=password, known=hold.verdict.unlocked),
            )


def released(hold: Hold, sending: Sending) -> Envelope:
    """Give the envelope of a release; whoever was in the first one keeps the RCPT parameters."""
    params = {recipient.address: recipient.params for recipient in hold.envelope.recipients}
    return replace(
        hold.envelope,
        recipients=tuple(
            Recipient(address=address, params=params.get(address, ()))
            for address in sending.recipients
        ),
    )
