"""What the demo's page shows, read off the catcher and the journal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guard.demo.catcher import Catcher, Caught
from guard.demo.journal import Decision, Journal
from guard.demo.people import colleagues
from guard.demo.words import Language
from guard.model.address import Address, Mailbox
from guard.model.verdict import Action

COUNTS: Final = {
    "delivered": Action.DELIVER,
    "told": Action.TELL,
    "held": Action.HOLD,
    "refused": Action.REFUSE,
}

_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMail:
    """One mail that was caught."""

    time: str
    sender: str
    to: tuple[str, ...]
    subject: str
    language: Language
    """Of the subject."""

    text: str
    files: tuple[str, ...]
    kind: str = ""
    """``notice`` or ``result`` of the guard, else ``internal``; empty for what left the company."""

    link: str = ""
    """The confirm page that a notice asks to open."""

    reasons: tuple[str, ...] = ()
    """Why the mail that a notice is about was held."""

    fate: str = ""
    """Of the hold it belongs to: ``waiting``, ``sent`` or ``returned``; empty where none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """One line of the log."""

    time: str
    sender: str
    to: tuple[str, ...]
    subject: str
    language: Language
    action: str
    rule: str
    reasons: tuple[str, ...]
    number: str
    fate: str


class View:
    """Reads catcher and journal anew each time it is asked."""

    def __init__(self, journal: Journal, catcher: Catcher, confirm_url: str) -> None:
        self._journal = journal
        self._catcher = catcher
        self._link = re.compile(re.escape(confirm_url) + r"/m/[A-Za-z0-9_-]+")

    def counts(self) -> list[tuple[str, int]]:
        """Give how many mails were delivered, told of and held; and refused, if any were."""
        actions = [decision.action for decision in self._journal]
        counted = [(name, actions.count(action)) for name, action in COUNTS.items()]
        return [(name, count) for name, count in counted if count or name != "refused"]

    def inboxes(self, language: Language) -> list[tuple[Mailbox, list[ShownMail]]]:
        """Give each colleague's mail, latest first; people keep their places."""
        staff = {each.address: each for each in colleagues().values()}
        boxes: dict[Address, list[ShownMail]] = {address: [] for address in staff}
        for caught in self._catcher.inboxes():
            for recipient in caught.inside:
                boxes.setdefault(Address.parse(recipient), []).append(
                    self._received(caught, language)
                )
        return [
            (staff.get(address, Mailbox(address=address)), mails)
            for address, mails in boxes.items()
            if mails
        ]

    def left(self) -> list[ShownMail]:
        """Give what left the company, latest first."""
        return [self._gone(caught) for caught in self._catcher.left()]

    def log(self, language: Language) -> list[ShownDecision]:
        """Give the decisions, latest first, with their reasons in *language*."""
        return [
            ShownDecision(
                time=_time(each.at),
                sender=each.sender,
                to=each.recipients,
                subject=each.subject,
                language=_language(each.subject),
                action=each.action.word,
                rule=each.rule or "",
                reasons=each.reasons(language),
                number=each.number,
                fate=self._fate(each),
            )
            for each in self._journal
        ]

    def _received(self, caught: Caught, language: Language) -> ShownMail:
        message, text = caught.message, _text(caught)
        link = self._link.search(text)
        if caught.sender:
            kind, held = "internal", None
        elif link and not message.attachments:
            kind, held = "notice", self._of_thread(message.references)
        else:
            kind, held = "result", None
        return ShownMail(
            time=_time(caught.at),
            sender=_sender(caught),
            to=caught.inside,
            subject=message.subject,
            language=_language(message.subject),
            text=text,
            files=tuple(each.name for each in message.attachments if not each.inline),
            kind=kind,
            link=link.group() if link and kind == "notice" else "",
            reasons=held.reasons(language) if held else (),
            fate=self._fate(held) if held else "",
        )

    def _gone(self, caught: Caught) -> ShownMail:
        message = caught.message
        decision = self._journal.of(message.message_id)
        held = decision is not None and decision.action is Action.HOLD
        return ShownMail(
            time=_time(caught.at),
            sender=_sender(caught),
            to=caught.outside,
            subject=message.subject,
            language=_language(message.subject),
            text=_text(caught),
            files=tuple(each.name for each in message.attachments if not each.inline),
            fate="sent" if held else "",
        )

    def _fate(self, decision: Decision) -> str:
        """Say what became of a hold, as the mail server behind the guard would see it."""
        if not decision.number:
            return ""
        for caught in self._catcher:
            if caught.sender and caught.message.message_id == decision.message_id:
                return "sent"
            returned = not caught.sender and caught.message.attachments
            if returned and decision.message_id in caught.message.references:
                return "returned"
        return "waiting"

    def _of_thread(self, references: Sequence[str]) -> Decision | None:
        """Give the decision on the held mail that a notice or result answers to."""
        found = (self._journal.of(reference) for reference in reversed(references))
        return next((each for each in found if each is not None), None)


def _language(text: str) -> Language:
    """Tell readers aloud which voice to take: Japanese where there are kana or kanji."""
    return "ja" if _JAPANESE.search(text) else "en"


def _text(caught: Caught) -> str:
    """Give the plain text, or the HTML as text where there is none."""
    bodies = sorted(caught.message.bodies, key=lambda body: body.html)
    return bodies[0].text.strip() if bodies else ""


def _sender(caught: Caught) -> str:
    """Give the writer as the header has it: a notice's reverse-path is empty."""
    return str(caught.message.from_[0].address) if caught.message.from_ else caught.sender


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")
