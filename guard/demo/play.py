"""The script, played: every mail handed in by SMTP, its decision held against what is expected."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from guard.demo.journal import Journal
from guard.demo.letter import hand_in
from guard.demo.script import Scene
from guard.model.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One scene, with what the guard made of it."""

    scene: Scene
    reply: Reply

    decision: str | None
    """``deliver``, ``tell``, ``hold`` or ``refuse``; `None` where it came to no decision."""

    rule: str | None

    @property
    def as_expected(self) -> bool:
        """Whether decision and rule are those of the script."""
        return (self.decision, self.rule) == (self.scene.action.word, self.scene.rule)

    def as_json(self) -> dict[str, Any]:
        """Give the line of ``--json``."""
        letter = self.scene.letter
        return {
            "from": letter.sender,
            "to": list(letter.recipients),
            "subject": letter.subject,
            "attachments": [file.name for file in letter.files],
            "decision": self.decision,
            "rule": self.rule,
            "expected": {"decision": self.scene.action.word, "rule": self.scene.rule},
            "reply": " ".join(self.reply.lines()),
        }


async def play(
    scenes: Sequence[Scene], journal: Journal, mail_in: tuple[str, int]
) -> AsyncIterator[Played]:
    """
    Send the mails of *scenes* one after the other to the guard that tells *journal*.

    Raises:
        OSError: The guard does not answer.
    """
    for scene in scenes:
        octets = scene.letter.octets(at=datetime.now(UTC))
        reply = await asyncio.to_thread(hand_in, scene.letter, octets, mail_in)
        # The guard tells the journal before it answers its client.
        decision = journal.of(scene.letter.message_id)
        yield Played(
            scene=scene,
            reply=reply,
            decision=decision.action.word if decision else None,
            rule=decision.rule if decision else None,
        )
