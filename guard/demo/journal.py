"""What the demo's guard decided, for the page and the terminal."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from guard.examine import Examination
from guard.model.reply import Reply
from guard.model.verdict import Action

KEPT: Final = 500
"""Decisions; older ones are forgotten."""

_NUMBER = re.compile(r"\bH-[0-9A-Z]{4}-[0-9A-Z]{2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One message, and what became of it at the door."""

    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    attachments: tuple[str, ...]
    message_id: str
    action: Action

    rule: str | None
    """The rule that spoke most strictly, first in the policy's order; `None` where none did."""

    sentences: dict[str, tuple[str, ...]]
    """What the acting rules say, for each language."""

    number: str
    """Of the hold; empty where nothing is held."""

    reply: Reply

    def reasons(self, language: str) -> tuple[str, ...]:
        """Give the rules' sentences in *language*, or in another where it has none."""
        return self.sentences.get(language) or next(iter(self.sentences.values()), ())


class Journal:
    """Keeps decisions; `observe` is what a `Guard` calls after each."""

    def __init__(self, told: Callable[[Decision], None] = lambda _: None) -> None:
        self._kept: deque[Decision] = deque(maxlen=KEPT)
        self._told = told

    def observe(self, examination: Examination, reply: Reply) -> None:
        """Note one decision."""
        decision = _decision(examination, reply)
        self._kept.append(decision)
        self._told(decision)

    def __iter__(self) -> Iterator[Decision]:
        """Give the decisions, latest first."""
        return reversed(self._kept)

    def of(self, message_id: str) -> Decision | None:
        """Give the latest decision on the message with this Message-ID."""
        return next((each for each in self if each.message_id == message_id), None)


def _decision(examination: Examination, reply: Reply) -> Decision:
    inspection, verdict = examination.inspection, examination.verdict
    strictest = [match for match in verdict.acting if match.action is verdict.action]
    sentences: dict[str, tuple[str, ...]] = {}
    for match in verdict.acting:
        for language, said in match.sentences:
            sentences[language] = (*sentences.get(language, ()), *said)
    number = _NUMBER.search(reply.text)
    return Decision(
        at=datetime.now(UTC),
        sender=str(inspection.envelope.sender or ""),
        recipients=tuple(map(str, inspection.envelope.addresses)),
        subject=inspection.message.subject,
        attachments=tuple(each.name for each in inspection.message.attachments if not each.inline),
        message_id=inspection.message.message_id,
        action=verdict.action,
        rule=strictest[0].rule if strictest else None,
        sentences=sentences,
        number=number.group() if number else "",
        reply=reply,
    )
