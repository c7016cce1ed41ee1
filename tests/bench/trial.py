"""
How long `guard policy try` takes over the mail of some weeks, and how much room that has.

    python -m tests.bench.trial --mails 100000

Every tenth mail has a look-alike below the threshold, every fiftieth a file with rows of a list.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from guard.app.trying import tried_on_features
from guard.config import Settings
from guard.config.load import load
from guard.contacts.acquaintance import Acquaintance, Acquainted, Standing
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange, Relation
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import CustomerRows, Finding, Lookalike
from guard.model.message import Attachment, Message
from guard.policy import Policy, shipped
from guard.policy import load as load_policy
from guard.policy.decide import decide
from guard.policy.past.features import Judged, Recorder
from guard.policy.past.pseudonyms import Pseudonyms
from guard.store.opening import Ground, opened
from guard.store.past import SqlPast
from tests.bench.case import say

DAYS = 13.0
PEOPLE = 20_000
OWN = 300


def mails(count: int) -> Iterator[tuple[datetime, Inspection, tuple[Finding, ...]]]:
    """Give mails of an office, by a seed."""
    dice = random.Random(7)  # noqa: S311 -- the same mails every time
    ours = [Address.parse(f"person{number}@example.com") for number in range(OWN)]
    others = [
        Address.parse(f"contact{number}@firm{number // 4}.example") for number in range(PEOPLE)
    ]
    began = datetime.now(UTC) - timedelta(days=DAYS)
    for number in range(count):
        sender = dice.choice(ours)
        to = tuple(dice.sample(others, dice.choice((1, 1, 1, 2, 3, 6))))
        found: tuple[Finding, ...] = ()
        if number % 10 == 0:
            found = (_lookalike(to[0], others[7]),)
        elif number % 50 == 1:
            found = (_rows(dice.randrange(1, 200)),)
        at = began + timedelta(days=DAYS * number / count)
        yield at, _inspection(sender, to, at, file=number % 4 == 0), found


def _lookalike(recipient: Address, meant: Address) -> Lookalike:
    return Lookalike(
        score=0.3,
        recipient=recipient,
        intended=Contact(address=meant),
        kind="typo_domain",
        closeness=91,
        written=Relation(),
        usual=Relation(by_sender=12, by_organisation=20),
    )


def _rows(count: int) -> CustomerRows:
    return CustomerRows(
        list_name="customers", list_version="v1", file="list.xlsx", rows=tuple(range(1, count + 1))
    )


def _inspection(
    sender: Address, to: tuple[Address, ...], at: datetime, *, file: bool
) -> Inspection:
    boxes = tuple(Mailbox(address=each) for each in to)
    name = Attachment(part="2", name="list.xlsx", content_type="", octets=b"")
    return Inspection(
        envelope=Envelope(sender=sender, recipients=tuple(Recipient(address=each) for each in to)),
        message=Message(to=boxes, attachments=(name,) if file else ()),
        exchange=Exchange(sender=Mailbox(address=sender), recipients=boxes, at=at),
        acquaintance=Acquaintance(
            recipients=tuple(
                Acquainted(
                    address=each,
                    name="",
                    relation=Relation(by_sender=3, by_organisation=9),
                    standing=Standing(),
                )
                for each in to
            )
        ),
    )


async def fill(ground: Ground, policy: Policy, count: int) -> tuple[float, int]:
    """Keep so many mails; give seconds that taking them took, and their octets before sealing."""
    key_id, key = ground.keys.current("logs")
    recorder, past = Recorder(Pseudonyms(key, key_id)), SqlPast(ground, timedelta(days=30))
    taking, octets = 0.0, 0
    for number, (at, inspection, found) in enumerate(mails(count), 1):
        judged = Judged(
            id=f"{number:012x}",
            at=at,
            inspection=inspection,
            findings=found,
            verdict=decide(inspection, found, policy, today=at.date()),
            hold_budget=policy.holding.hold_budget,
            person=inspection.envelope.sender,
        )
        began = time.perf_counter()
        features = recorder.take(judged, policy)
        taking += time.perf_counter() - began
        octets += len(features.record)
        past.keep(features)
        if number % 5_000 == 0:
            await past.write()
    await past.close()
    return taking, octets


async def measured(count: int, folder: Path) -> None:
    """Fill a store, try a policy on it, and print what that took."""
    (folder / "guard.toml").write_text(f'policies = "{shipped()}"\n')
    settings: Settings = load(folder / "guard.toml")
    policy = load_policy(settings.policies)
    url = settings.store.url
    async with opened(url, settings.store.key_file) as ground:
        taking, octets = await fill(ground, policy, count)
        path = ground.database.path
    disk = path.stat().st_size if path else 0
    say(f"kept: {1e6 * taking / count:.0f} µs and {octets / count:.0f} octets a mail")
    say(f"database: {disk / 1e6:.1f} MB, {disk / count:.0f} octets a mail")
    began, cpu = time.perf_counter(), time.process_time()
    tried = await tried_on_features(
        settings, policy, policy, since=datetime.now(UTC) - timedelta(days=14), tell=lambda *_: None
    )
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    say(f"{tried.trial.mails:,} mails by two policies in {took:.1f} s, {cpu:.1f} s of processor")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(parser.parse_args().mails, Path(folder)))


if __name__ == "__main__":
    main()
