"""Two policies over the same mails: what each would do, and where they differ."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from guard.model.verdict import Action, Verdict
from guard.policy.past.replay import Answer

OFTEN: Final = 3
"""Questions in the time that was replayed above which somebody is asked often."""

MOST_LISTED: Final = 10_000
"""Mails that are kept to be listed; beyond them only the numbers grow."""


@dataclass(slots=True)
class Tally:
    """What one policy would do with all mails."""

    actions: Counter[Action] = field(default_factory=Counter)
    rules: dict[Action, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Of the rules that act, in how many mails each spoke, by what it does."""

    watched: Counter[str] = field(default_factory=Counter)
    """The same of those that only record."""

    recorded: int = 0
    """Mails that a rule would hold or refuse, if it did not only record."""

    people: Counter[str] = field(default_factory=Counter)
    """How often each person would be asked."""

    def add(self, answer: Answer, person: str) -> None:
        """Count one mail."""
        self.actions[answer.action] += 1
        acting: set[str] = set()
        for match in answer.verdict.matches:
            if match.watched:
                self.watched[match.rule] += 1
            elif answer.action is not Action.DELIVER:
                self.rules[match.action][match.rule] += 1
                acting.add(match.rule)
        self.recorded += would(answer.verdict) >= Action.HOLD and answer.action < Action.HOLD
        if answer.action is Action.HOLD and person:
            self.people[person] += 1

    def asked_often(self) -> list[tuple[str, int]]:
        """Give who would be asked more than `OFTEN`, those asked most first."""
        often = [(person, count) for person, count in self.people.items() if count > OFTEN]
        return sorted(often, key=lambda one: (-one[1], one[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One mail with which the two would do something else."""

    id: str
    at: int
    """Seconds since 1970, UTC."""

    sender: str
    """Name as the features have it, or an address; so are `recipients`."""

    recipients: tuple[str, ...]
    """About whom the rules that make the difference speak, else all."""

    now: Action
    new: Action
    rules_now: tuple[str, ...]
    rules_new: tuple[str, ...]

    @property
    def gained(self) -> bool:
        """Whether more is done with it than before."""
        return self.new > self.now


@dataclass(slots=True)
class Trial:
    """All mails so far."""

    mails: int = 0
    now: Tally = field(default_factory=Tally)
    new: Tally = field(default_factory=Tally)
    changes: list[Change] = field(default_factory=list)
    gained: int = 0
    lost: int = 0
    same_policy: int = 0
    """Mails that the policy in force judged when they came."""

    otherwise: int = 0
    """Of these those that were judged otherwise then: by what features do not know."""

    cut: int = 0
    """Mails with more recipients, files or addresses than features keep."""

    first_at: int = 0
    last_at: int = 0

    def add(self, mail: "Mail", now: Answer, new: Answer) -> None:
        """Count one mail."""
        self.mails += 1
        self.first_at = min(self.first_at or mail.at, mail.at)
        self.last_at = max(self.last_at, mail.at)
        self.cut += mail.cut
        self.now.add(now, mail.person)
        self.new.add(new, mail.person)
        if differs(now, new):
            change = _change(mail, now, new)
            self.gained += change.gained
            self.lost += change.now > change.new
            if len(self.changes) < MOST_LISTED:
                self.changes.append(change)

    def to_whom(self, rule: str) -> Counter[str]:
        """Count whom mails go to that *rule* would newly stop, each mail's people once."""
        found: Counter[str] = Counter()
        for change in self.changes:
            if rule in change.rules_new and rule not in change.rules_now:
                found.update(set(change.recipients))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What of a mail is told besides what is done with it."""

    id: str
    at: int
    sender: str
    recipients: tuple[str, ...]
    person: str
    """Who would be asked; empty: nobody."""

    cut: bool = False

    @classmethod
    def of(cls, record: dict[str, object], bare: Iterable[str], sender: str, person: str) -> Self:
        """Take it from a record."""
        return cls(
            id=str(record["id"]),
            at=int(str(record["at"])),
            sender=sender,
            recipients=tuple(bare),
            person=person,
            cut=bool(record.get("more")),
        )


def differs(now: Answer, new: Answer) -> bool:
    """Whether something else is done, or would be if nothing only recorded."""
    return now.action != new.action or would(now.verdict) != would(new.verdict)


def would(verdict: Verdict) -> Action:
    """Give the strictest action over all rules, those that only record, too."""
    return max((match.action for match in verdict.matches), default=Action.DELIVER)


def _change(mail: Mail, now: Answer, new: Answer) -> Change:
    rules_now, rules_new = (tuple(_rules(answer)) for answer in (now, new))
    return Change(
        id=mail.id,
        at=mail.at,
        sender=mail.sender,
        recipients=mail.recipients,
        now=max(now.action, would(now.verdict)),
        new=max(new.action, would(new.verdict)),
        rules_now=rules_now,
        rules_new=rules_new,
    )


def _rules(answer: Answer) -> Iterator[str]:
    return (match.rule for match in answer.verdict.matches if match.action > Action.DELIVER)
