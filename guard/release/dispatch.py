"""One transaction on the way out, from an envelope and octets to what became of each recipient."""

from collections.abc import Sequence
from dataclasses import replace

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import UpstreamError
from guard.model.hold import Fate
from guard.model.reply import Reply
from guard.ports import GoOn, Outcome, Transaction, Upstream
from guard.steps import reached


async def dispatch(
    upstream: Upstream,
    sender: Address | None,
    recipients: Sequence[Recipient],
    params: Sequence[str],
    *chunks: bytes,
    patient: bool = False,
    go_on: GoOn | None = None,
) -> Outcome:
    """
    Send octets to all who are taken, and account for everybody.

    While *patient*, a recipient who is refused only for now puts the whole off, so that a later
    try cannot give the others a second copy. Right before the end *go_on* is asked: if it says no,
    nobody has the message. Trouble on the way is an outcome.

    Raises:
        StoreError: Raised by *go_on*; nobody has the message.
    """
    try:
        transaction = await upstream.transaction()
    except UpstreamError as error:
        return _nobody(recipients, error.reply)
    reached("send.after_connect")
    try:
        return await _talk(
            transaction, sender, recipients, params, chunks, patient=patient, go_on=go_on
        )
    except BaseException:
        # Cancelled, or a bug: the connection must not stay with a talk that nobody goes on with.
        await transaction.reset()
        raise


async def _talk(
    transaction: Transaction,
    sender: Address | None,
    recipients: Sequence[Recipient],
    params: Sequence[str],
    chunks: Sequence[bytes],
    *,
    patient: bool,
    go_on: GoOn | None,
) -> Outcome:
    answer = await transaction.mail(sender, params)
    if not answer.is_positive:
        await transaction.reset()
        return _nobody(recipients, answer)
    reached("send.after_mail")
    refusals: list[tuple[Address, Reply]] = []
    for recipient in recipients:
        reply = await transaction.rcpt(recipient)
        if not reply.is_positive:
            refusals.append((recipient.address, reply))
    reached("send.after_rcpt")
    for_now = next((reply for _, reply in refusals if not reply.is_permanent), None)
    if len(refusals) == len(recipients) or (patient and for_now):
        await transaction.reset()
        nobody = _nobody(recipients, for_now or refusals[-1][1])
        own = dict(refusals)  # what each was told counts, for page and report
        ends = tuple((address, fate, own.get(address, r)) for address, fate, r in nobody.recipients)
        return replace(nobody, recipients=ends)
    outcome = await transaction.data(*chunks, go_on=go_on)
    refused = tuple((address, Fate.REFUSED, reply) for address, reply in refusals)
    return replace(outcome, recipients=(*outcome.recipients, *refused))


def _nobody(recipients: Sequence[Recipient], reply: Reply) -> Outcome:
    """Everybody was refused, with *reply*."""
    return Outcome(
        reply=reply,
        recipients=tuple((recipient.address, Fate.REFUSED, reply) for recipient in recipients),
    )
