"""
One judged mail as what a policy needs to judge it again: no text, no address, no file name.

Names stand as `pseudonyms`; of findings numbers and our own words are kept, and nothing that came
out of the mail. A mail of some recipients takes some hundred octets of JSON.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from guard.contacts.acquaintance import Acquaintance, Acquainted
from guard.contacts.boxes import is_shared
from guard.detect.budget import threshold
from guard.detect.inspection import Inspection
from guard.model.address import Address, Mailbox
from guard.model.finding import CustomerRows, Finding
from guard.model.verdict import Verdict
from guard.names.domains import registrable_of
from guard.names.likeness import Face
from guard.policy.case import files_of
from guard.policy.globs import Glob
from guard.policy.past.asked import Asked
from guard.policy.past.pseudonyms import Pseudonyms
from guard.policy.rows import prepared
from guard.policy.schema import Policy

MOST: Final = 100
"""Recipients, typed addresses, files and findings that are kept of one mail; of more, the number is
kept, and whoever replays it is told."""

KNOWN_DOMAIN: Final = 1
"""Bit: somebody here wrote to the recipient's domain."""

SHARED: Final = 2
"""Bit: the recipient is a box of several people."""

JOINS_THREAD: Final = 4
"""Bit: the mail answers a thread in which nobody of the recipient's company took part."""

NOBODY: Final = "-"
"""Stands where a mail has no From."""

_OUR_WORDS: Final = frozenset(
    {"code", "kind", "list_name", "detector", "error", "marks", "columns", "parts"}
)
"""Fields of findings with words of ours, or of an administrator's; other texts are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is kept of one mail."""

    at: datetime
    """When it came; aware, UTC."""

    record: bytes
    """JSON, as `replay` reads it."""

    policy: str
    """Hash of the policy that judged it."""

    asked: Mapping[str, Sequence[str]]
    """What that policy asked for: ``lists``, ``tags``."""

    key_id: str
    """Of the key that its names are written by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One mail with its judgement, and what became of it."""

    id: str
    """Of the submission, as the log has it."""

    at: datetime
    inspection: Inspection
    findings: Sequence[Finding]
    verdict: Verdict
    hold_budget: float
    """By which it was judged: a share of mail, 0 to 1."""

    person: Address | None
    """Who would be asked."""


def features(judged: Judged, asked: Asked, pseudonyms: Pseudonyms) -> Features:
    """Take from a judged mail what a policy needs to judge it again."""
    record = _record(judged, asked, pseudonyms)
    return Features(
        at=judged.at,
        record=json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode(
            errors="replace"
        ),
        policy=judged.verdict.policy,
        asked={"lists": asked.lists, "tags": asked.tags, "content": asked.content},
        key_id=pseudonyms.key_id,
    )


def _record(judged: Judged, asked: Asked, pseudonyms: Pseudonyms) -> dict[str, Any]:
    inspection, verdict = judged.inspection, judged.verdict
    envelope, message = inspection.envelope, inspection.message
    recipients = tuple(dict.fromkeys(envelope.addresses))
    acquaintance = inspection.acquaintance
    written = {each.address: _known(each, acquaintance) for each in acquaintance.recipients}
    typed = tuple(dict.fromkeys(box.address for box in (*message.to, *message.cc)))
    number_of = {address: number for number, address in enumerate(recipients[:MOST])}
    write = _Writer(pseudonyms, asked.addresses, asked.files)
    files = files_of(inspection)
    from_ = threshold(inspection.channel, inspection.recent, judged.hold_budget)
    record = {
        "id": judged.id,
        "at": int(judged.at.timestamp()),
        "policy": verdict.policy,
        "did": verdict.action.word,
        "rules": [match.rule for match in verdict.acting],
        "watched": [match.rule for match in verdict.matches if match.watched],
        "mail": inspection.automatic or "",
        "from": write.address(envelope.sender) if envelope.sender else "",
        "by": write.authors(message.from_, envelope.sender),
        "login": bool(inspection.submitter and inspection.submitter.login is not None),
        "person": write.person(judged.person, envelope.sender),
        "to": [[write.address(each), *written.get(each, ())] for each in recipients[:MOST]],
        "typed": [number_of.get(each, -1) for each in typed[:MOST]],
        "also": [write.address(each) for each in typed[:MOST] if each not in number_of],
        "files": [write.file(file) for file in files[:MOST]],
        "kinds": _kinds(inspection, files[:MOST]),
        "found": write.findings(judged.findings, recipients),
        "more": sum(max(0, len(each) - MOST) for each in (recipients, typed, files)),
        "holds_from": round(from_.log_odds, 4),
        "tells_from": round(from_.tells_from, 4),
        "budget": judged.hold_budget,
    }
    return {key: value for key, value in record.items() if value not in ("", [], False, 0)}


def _known(each: Acquainted, acquaintance: Acquaintance) -> tuple[int, int, int]:
    """Give how often a recipient was written to, and what else is known, as bits."""
    standing, address = each.standing, each.address
    bits = 0
    if standing.at_domain or standing.known:
        bits |= KNOWN_DOMAIN
    if is_shared(Face(address.local, address.domain, each.name)):
        bits |= SHARED
    if acquaintance.thread_known and standing.thread == 0:
        joins = registrable_of(address.domain) not in acquaintance.thread_homes
        bits |= JOINS_THREAD if joins else 0
    return each.relation.by_sender, each.relation.by_organisation, bits


def _kinds(inspection: Inspection, files: Sequence[str]) -> list[list[str]]:
    """Give what sort of thing each file is; nothing where no reader says so of any."""
    families = {one.file: sorted(one.families) for one in inspection.extracts if one.families}
    return [[*map(str, families.get(file, ()))] for file in files] if families else []


@dataclass(slots=True)
class _Writer:
    """Writes values without what came out of the mail."""

    pseudonyms: Pseudonyms
    addresses: tuple[Glob, ...]
    files: tuple[Glob, ...]

    def address(self, address: Address) -> str:
        return self.pseudonyms.address(address, self.addresses)

    def file(self, file: str) -> str:
        return self.pseudonyms.file(file, self.files)

    def authors(self, from_: Sequence[Mailbox], sender: Address | None) -> list[str]:
        """Give who stands in From; nothing where that is the envelope's sender alone."""
        addresses = [box.address for box in from_[:MOST]]
        if addresses == [sender]:
            return []
        return [self.address(each) for each in addresses] or [NOBODY]

    def person(self, person: Address | None, sender: Address | None) -> str:
        """Give who would be asked: empty for nobody, ``=`` for the sender."""
        if person is None:
            return ""
        return "=" if person == sender else self.pseudonyms.address(person)

    def findings(
        self, findings: Sequence[Finding], recipients: Iterable[Address]
    ) -> list[dict[str, Any]]:
        """Give the most certain ones, in their order."""
        chosen = sorted(range(len(findings)), key=lambda at: -findings[at].score)[:MOST]
        kept = [findings[at] for at in sorted(chosen)]
        names = {each.key: self.address(each) for each in recipients} if kept else {}
        rows = prepared(one for one in kept if isinstance(one, CustomerRows))
        told = []
        for finding in kept:
            if isinstance(finding, CustomerRows):
                own = [[names[key], count] for key, count in finding.own_rows if key in names]
                told.append(
                    {
                        "code": finding.code,
                        "list_name": finding.list_name,
                        "file": self.file(finding.file),
                        "rows": len(finding.rows),
                        "fresh": next(rows).fresh,
                        "own": own[:MOST],
                    }
                )
            else:
                told.append(self.value(finding))
        return told

    def value(self, value: Any, *, name: str = "", ours: bool = False) -> Any:
        """Give a value for JSON, with every text left out that is none of *ours*."""
        match value:
            case None | bool() | int():
                return value
            case float():
                return round(value, 9)
            case StrEnum():
                return value.value
            case str():
                return self.file(value) if name == "file" else value if ours else ""
            case Address():
                return {"@": self.address(value)}
            case date():  # and a time
                return value.isoformat()
            case tuple() | list() | frozenset():
                if not ours and all(isinstance(item, str) for item in value):
                    return []
                return [self.value(item, name=name, ours=ours) for item in value]
        if not is_dataclass(value) or isinstance(value, type):
            return None
        words = _words(type(value))
        held = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: self.value(item, name=field.name, ours=field.name in words)
            for field, item in held
            if field.name == "code" or _tells(item, field.default)
        }


def _tells(value: Any, default: Any) -> bool:
    """Whether a value is another than who reads it would assume."""
    return default is MISSING or value != default


@lru_cache(maxsize=64)
def _words(kind: type) -> frozenset[str]:
    """Give the fields of a finding that only ever hold words of ours."""
    hints = get_type_hints(kind)
    return frozenset(name for name, hint in hints.items() if name in _OUR_WORDS or _literal(hint))


def _literal(hint: Any) -> bool:
    """Whether nothing but fixed words, or values of an enumeration, can stand there."""
    if get_origin(hint) is Literal:
        return True
    if isinstance(hint, type):
        return issubclass(hint, StrEnum)
    inner = [each for each in get_args(hint) if each is not Ellipsis and each is not type(None)]
    return bool(inner) and all(_literal(each) for each in inner)


class Recorder:
    """Takes features by the policy of the moment, with the names of one key."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms: Final = pseudonyms
        self._policy: Policy | None = None
        self._asked: Asked | None = None

    def take(self, judged: Judged, policy: Policy) -> Features:
        """Give the features of a mail that *policy* judged."""
        if self._asked is None or policy is not self._policy:
            self._policy, self._asked = policy, Asked.by(policy)
        return features(judged, self._asked, self._pseudonyms)
