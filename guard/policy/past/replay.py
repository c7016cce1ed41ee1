"""From the features of a mail back to what `decide` looks at, as far as a policy names it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from guard.contacts.acquaintance import Acquaintance, Acquainted, Standing
from guard.detect.budget import Threshold
from guard.detect.channel import Channel, shipped
from guard.detect.inspection import Inspection
from guard.detect.recent import Recent
from guard.model.address import Address, Mailbox
from guard.model.automatic import Automatic
from guard.model.contact import Exchange, Relation
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.model.extract import Extract, Family, ReadState
from guard.model.finding import FINDINGS, CustomerRows, Finding
from guard.model.message import Message
from guard.model.verdict import Action, Verdict
from guard.policy.decide import decide
from guard.policy.past.features import JOINS_THREAD, KNOWN_DOMAIN, NOBODY, SHARED
from guard.policy.past.pseudonyms import Dictionary
from guard.policy.schema import Policy

_NOBODY: Final = Address.parse("unknown@localhost")
_NOBODY_COUNTED: Final = Recent()
_LOGGED_IN: Final = Submitter(peer="", login="")
_SHARED: Final = "ML"
"""Name of a box of several people: of those whose address is one, the address is a hash."""

Record = dict[str, Any]
"""What `features` wrote, read from its JSON."""

Late = Callable[[date], Recent]
"""Gives how suspicious mail was, as it was known on a day, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a policy says of one mail of the past."""

    action: Action
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """One mail of the past as `decide` looks at it, as far as the dictionary names it."""

    inspection: Inspection
    """Holds from the suspicion that counted when it came, whatever the budget says."""

    findings: Sequence[Finding]
    at: datetime
    budget: float
    """By which it was judged then: a share of mail, 0 to 1."""


class Retrial:
    """Judges mail of the past by one policy; there is no other way to judge than `decide`."""

    def __init__(
        self, policy: Policy, *, channel: Channel | None = None, late: Late = lambda _: Recent()
    ) -> None:
        """
        Judge by *policy*, of which `asked.replayable` made the patterns.

        *channel* and *late* say from when a look-alike is held under another budget than the one
        that was in force.
        """
        self._policy: Final = policy
        self._zone: Final = ZoneInfo(policy.us.time_zone)
        self._channel: Final = channel or shipped()
        self._late: Final = late

    def answer(self, mail: Rebuilt) -> Answer:
        """Judge one mail, as of the day when it came."""
        inspection = mail.inspection
        if mail.budget != self._policy.holding.hold_budget:
            inspection = replace(
                inspection,
                threshold=None,
                channel=self._channel,
                recent=self._late(mail.at.date()),
            )
        today = mail.at.astimezone(self._zone).date()
        verdict = decide(inspection, mail.findings, self._policy, today=today)
        return Answer(action=verdict.action, verdict=verdict)


class Rebuilder:
    """Makes mail of the past whole again, as far as a dictionary names it."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary: Final = dictionary

    def rebuilt(self, record: Record) -> Rebuilt:
        """Give what `decide` looks at."""
        at = datetime.fromtimestamp(record["at"], UTC)
        return Rebuilt(
            inspection=self._inspection(record, at),
            findings=self._findings(record),
            at=at,
            budget=record["budget"],
        )

    def _inspection(self, record: Record, at: datetime) -> Inspection:
        name = self._dictionary.address
        sender = name(record["from"]) if "from" in record else None
        known = [(name(one[0]), one[1:]) for one in record.get("to", ())]
        addresses = [address for address, _ in known]
        also = iter(record.get("also", ()))
        typed = [
            addresses[number] if number >= 0 else name(next(also, ""))
            for number in record.get("typed", ())
        ]
        recipients = tuple([Mailbox(address=each) for each in addresses])
        return Inspection(
            envelope=Envelope(
                sender=sender, recipients=tuple([Recipient(address=each) for each in addresses])
            ),
            message=Message(
                from_=self._authors(record, sender),
                to=tuple([Mailbox(address=each) for each in typed]),
            ),
            extracts=self._extracts(record),
            exchange=Exchange(
                sender=Mailbox(address=sender or _NOBODY), recipients=recipients, at=at
            ),
            acquaintance=Acquaintance(
                thread_known=any(written and written[2] & JOINS_THREAD for _, written in known),
                recipients=tuple(
                    [
                        Acquainted(
                            address=address,
                            name=_SHARED if written[2] & SHARED else "",
                            relation=_relation(*written[:2]),
                            standing=_standing(written[2]),
                        )
                        for address, written in known
                        if written
                    ]
                ),
            ),
            threshold=Threshold(
                log_odds=record.get("holds_from", 0.0),
                tells_from=record.get("tells_from", 0.0),
                budget=record["budget"],
                recent=_NOBODY_COUNTED,
            ),
            submitter=_LOGGED_IN if record.get("login") else None,
            automatic=Automatic(record["mail"]) if "mail" in record else None,
        )

    def _authors(self, record: Record, sender: Address | None) -> tuple[Mailbox, ...]:
        if "by" not in record:
            return (Mailbox(address=sender),) if sender else ()
        names = (name for name in record["by"] if name != NOBODY)
        return tuple([Mailbox(address=self._dictionary.address(name)) for name in names])

    def _extracts(self, record: Record) -> tuple[Extract, ...]:
        files = record.get("files", ())
        kinds = record.get("kinds", [()] * len(files))
        return tuple(
            [
                Extract(
                    file=self._dictionary.file(file),
                    state=ReadState.READ,  # whether it was, is a finding
                    families=frozenset(map(Family, families)),
                )
                for file, families in zip(files, kinds, strict=True)
            ]
        )

    def _findings(self, record: Record) -> Sequence[Finding]:
        told = record.get("found")
        if not told:
            return ()
        rows = _Rows()
        found: list[Finding] = []
        for one in told:
            if "own" in one or one["code"] == "content.customer_rows":
                found.append(self._customer_rows(one, rows))
            else:
                found += FINDINGS.validate_python([self._named(one)])
        return found

    def _customer_rows(self, one: Mapping[str, Any], rows: "_Rows") -> CustomerRows:
        file = self._dictionary.file(one["file"]) if one["file"] else ""
        own = ((self._dictionary.address(name).key, count) for name, count in one["own"])
        return CustomerRows(
            list_name=one["list_name"],
            list_version="",
            file=file,
            rows=rows.of((one["list_name"], bool(file)), one["rows"], one["fresh"]),
            own_rows=tuple(own),
        )

    def _named(self, value: Any, name: str = "") -> Any:
        """Put addresses and file names in the place of their hashes."""
        match value:
            case {"@": hashed}:
                return self._dictionary.address(hashed)
            case dict():
                return {key: self._named(item, key) for key, item in value.items()}
            case list():
                return [self._named(item, name) for item in value]
            case str() if name == "file" and value:
                return self._dictionary.file(value)
        return value


class _Rows:
    """Makes row numbers up of which as many are new to the mail as there were."""

    def __init__(self) -> None:
        self._last = dict[tuple[str, bool], int]()

    def of(self, place: tuple[str, bool], rows: int, fresh: int) -> tuple[int, ...]:
        last = self._last.get(place, 0)
        self._last[place] = last + fresh
        # Those that an earlier file had, and then new ones.
        return tuple(range(last - (rows - fresh) + 1, last + fresh + 1))


@lru_cache(maxsize=8)
def _standing(bits: int) -> Standing:
    return Standing(known=bool(bits & KNOWN_DOMAIN), thread=0 if bits & JOINS_THREAD else 1)


@lru_cache(maxsize=4096)
def _relation(by_sender: int, by_organisation: int) -> Relation:
    return Relation(by_sender=by_sender, by_organisation=by_organisation)


def read(line: bytes) -> Record:
    """Read one record."""
    record: Record = json.loads(line)
    return record
