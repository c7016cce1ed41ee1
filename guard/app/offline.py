"""One message judged as a running guard would, given or held; nothing is sent or learned."""

from collections.abc import Sequence
from datetime import UTC, datetime

from guard.app.knowledge import knowledge_of
from guard.config import Settings
from guard.examine import Examination, examine
from guard.memory import Lane
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.model.hold import Hold
from guard.policy import Policy
from guard.release.answer import Sending
from guard.release.judge import Judge
from guard.store.clock import machine_time
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox


async def examine_offline(
    settings: Settings,
    policy: Policy,
    *,
    octets: bytes,
    sender: Address,
    recipients: Sequence[Address],
    submitter: Submitter | None = None,
) -> Examination:
    """
    Judge one message by *policy* with what the settings' store knows; nothing is sent or learned.

    Raises:
        GuardError: The store, or a list that the policy asks for, cannot be used.
    """
    envelope = Envelope(
        sender=sender, recipients=tuple(Recipient(address=address) for address in recipients)
    )
    async with (
        opened(settings.store.url, settings.store.key_file) as ground,
        knowledge_of(settings, ground) as knowledge,
    ):
        return await examine(
            envelope,
            octets,
            policy=policy,
            knowledge=knowledge,
            now=datetime.now(UTC),
            submitter=submitter,
            thorough=True,
        )


async def examine_held(
    settings: Settings, policy: Policy, *, number: str
) -> tuple[Hold, Examination]:
    """
    Judge the held message called *number* by *policy*, as it would be sent now; nothing is changed.

    Raises:
        NoSuchHoldError: There is none, or its octets were destroyed after retention.
        GuardError: The store, or a list that the policy asks for, cannot be used.
    """
    async with (
        opened(settings.store.url, settings.store.key_file) as ground,
        knowledge_of(settings, ground) as knowledge,
    ):
        holds = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        hold = await holds.by_number(number)
        judge = Judge(
            holds=holds,
            knowledge=knowledge,
            policy=lambda: policy,
            clock=machine_time,
            lane=Lane(),
        )
        return hold, await judge.examination(hold, Sending.of(hold))
