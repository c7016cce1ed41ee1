"""
How questions are answered: a rule whose every hold is sent as it was teaches people to click.

Read from the audit log: when somebody was asked by which rules, and what became of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any, Final

ENOUGH: Final = 20
"""Answers in a row, all of them “send as it is”, from which a rule should only record."""

ALMOST_ALL: Final = 0.95
"""Share of answers “send as it is” from which that is worth a word."""

QUICK_S: Final = 10.0
"""Seconds in which nobody opens a mail, follows its link, reads and decides."""


class Became(StrEnum):
    """What became of a question."""

    UNCHANGED = "sent_unchanged"
    CHANGED = "sent_changed"
    """To fewer or other recipients, or without an attachment."""

    STOPPED = "stopped"
    """Cancelled, or refused by a second person."""

    UNANSWERED = "unanswered"
    """Its time was over; it went back or stayed."""

    BY_OTHERS = "by_administrator"
    """An administrator decided: nothing is known of what its sender thinks."""

    OPEN = "open"


_ANSWERED: Final = frozenset({Became.UNCHANGED, Became.CHANGED, Became.STOPPED})


@dataclass(slots=True)
class Question:
    """One held mail, as its sender was asked about it."""

    rules: tuple[str, ...]
    person: str
    recipients: frozenset[str]
    became: Became = Became.OPEN
    seconds: float = 0.0
    """From the holding to the answer."""


@dataclass(slots=True)
class Answers:
    """How all questions of one rule, or to one person, were answered."""

    became: Counter[Became] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    last: list[Became] = field(default_factory=list)
    """Of those that the sender answered, in the order in which they were asked."""

    def add(self, question: Question) -> None:
        """Count one more."""
        self.became[question.became] += 1
        if question.became in _ANSWERED:
            self.last.append(question.became)
            self.seconds.append(question.seconds)

    @property
    def asked(self) -> int:
        """All questions."""
        return sum(self.became.values())

    @property
    def answered(self) -> int:
        """Those that their sender answered."""
        return len(self.last)

    @property
    def unchanged(self) -> int:
        """Those of which the answer was: send it as it is."""
        return self.became[Became.UNCHANGED]

    @property
    def median_s(self) -> float | None:
        """Half of the answers took no longer, in seconds."""
        return median(self.seconds) if self.seconds else None

    @property
    def quick(self) -> int:
        """Answers that came too fast to have been read."""
        return sum(seconds < QUICK_S for seconds in self.seconds)

    @property
    def only_clicked(self) -> bool:
        """Whether the last `ENOUGH` answers were all “send it as it is”."""
        last = self.last[-ENOUGH:]
        return len(last) == ENOUGH and all(each is Became.UNCHANGED for each in last)

    @property
    def tires(self) -> bool:
        """Whether nearly all of many were sent unchanged."""
        return self.answered >= ENOUGH and self.unchanged >= ALMOST_ALL * self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Fatigue:
    """How tired of questions people are."""

    rules: Mapping[str, Answers]
    people: Mapping[str, Answers]


def questions(entries: Iterable[Any]) -> Sequence[Question]:
    """
    Give the questions of some time from audit entries (`ports.AuditEntry`), the oldest first.

    One that was asked before the first of them is left out.
    """
    asked: dict[str, Question] = {}
    for entry in entries:
        details = entry.details
        if entry.event == "hold.created":
            asked[entry.hold_id] = Question(
                rules=tuple(details.get("rules", ())),
                person=entry.actor,
                recipients=frozenset(details.get("recipients", ())),
            )
        elif (question := asked.get(entry.hold_id)) is not None:
            _take(question, entry.event, details)
    return list(asked.values())


def _take(question: Question, event: str, details: Mapping[str, Any]) -> None:
    match event, details.get("choice"):
        case "hold.decided", "send" | "cancel" if details.get("how") == "command":
            question.became = Became.BY_OTHERS
        case "hold.decided", "cancel":
            question.became = Became.STOPPED
        case "hold.decided", _:
            same = frozenset(details.get("recipients", question.recipients))
            unchanged = same == question.recipients and not details.get("without")
            question.became = Became.UNCHANGED if unchanged else Became.CHANGED
        case "hold.refused", _:
            question.became = Became.STOPPED
            return  # the seconds are those of somebody else
        case "hold.undone", _:
            question.became = Became.OPEN
        case "hold.expired", _ if question.became is Became.OPEN:
            question.became = Became.UNANSWERED
        case _:
            return
    question.seconds = float(details.get("seconds", 0.0))


def fatigue(asked: Iterable[Question]) -> Fatigue:
    """Count *asked* by rule and by person."""
    rules: dict[str, Answers] = defaultdict(Answers)
    people: dict[str, Answers] = defaultdict(Answers)
    for question in asked:
        for rule in dict.fromkeys(question.rules):
            rules[rule].add(question)
        people[question.person].add(question)
    return Fatigue(rules=dict(rules), people=dict(people))


def most_asked(answers: Mapping[str, Answers]) -> Iterator[tuple[str, Answers]]:
    """Give them by how often was asked, most first."""
    yield from sorted(answers.items(), key=lambda one: (-one[1].asked, one[0]))
