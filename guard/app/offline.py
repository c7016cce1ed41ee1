"""One message judged as a running guard would, with nothing sent and nothing learned."""

from collections.abc import Sequence
from datetime import UTC, datetime

from guard.app.knowledge import knowledge_of
from guard.config import Settings
from guard.examine import Examination, examine
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.policy import Policy
from guard.store.opening import opened


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
        )
