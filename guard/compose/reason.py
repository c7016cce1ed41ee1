"""Why a mail was stopped, as its sender is told: the policy's sentences, and the evidence."""

from dataclasses import dataclass

from guard.compose.difference import Difference, difference
from guard.compose.kinds import kind_words
from guard.compose.language import speak
from guard.compose.places import placed
from guard.compose.shown import shown
from guard.model.contact import Contact, Relation
from guard.model.finding import (
    CustomerRows,
    Finding,
    Greeting,
    ListLike,
    Lookalike,
    Mark,
    OtherCompany,
    ProtectedNumbers,
    SenderNotTheirs,
    Sign,
    Unread,
    WrongFile,
)
from guard.model.hold import Hold
from guard.model.verdict import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A recipient beside the contact whom the sender more likely meant."""

    recipient: str
    intended: str
    difference: Difference
    said: str
    """What may have been confused: ``same surname, other company``, or the differing letters."""

    recipient_note: str
    """How often the sender wrote there: ``never written to before``."""

    intended_note: str
    """Who that is, and how often the sender wrote there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Customer rows in one file or in the text. Nothing of a customer in clear."""

    file: str
    """Empty for the text of the mail."""

    count: int
    places: tuple[str, ...]
    samples: tuple[str, ...]
    """Masked; for the page, which only the sender sees, not for a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file or the text looks like or carries, without a list that it was compared with."""

    file: str
    """Empty for the text of the mail."""

    said: str
    """Counts and marks, never a value: ``like a list of 30 people``."""

    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """A file that seems to be another company's. No line of the file is shown."""

    file: str
    company: str
    """As contacts call it, with the domain: ``北商事 (kita-shoji.example)``."""

    said: tuple[str, ...]
    """What shows it, a sentence each, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Everything that is said about why."""

    sentences: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    rows: tuple[Rows, ...]
    content: tuple[Content, ...] = ()
    files: tuple[Belonging, ...] = ()


def reason(hold: Hold, language: str) -> Reason:
    """Say why *hold* was stopped. Only rules that hold speak; each sentence once."""
    holding = [m for m in hold.verdict.acting if m.action is Action.HOLD] or hold.verdict.acting
    findings = tuple(dict.fromkeys(found for match in holding for found in match.findings))
    said: list[str] = []
    for match in holding:
        spoken = dict(match.sentences)
        texts = spoken.get(language) or next(filter(None, spoken.values()), ())
        said.extend(texts or [_plain(finding, language) for finding in match.findings])
    if not said:
        said.append(speak(language).gettext("A rule of your company asks you to look at it again."))
    return Reason(
        sentences=tuple(dict.fromkeys(shown(text, 600) for text in said)),
        comparisons=tuple(_compared(f, language) for f in findings if isinstance(f, Lookalike)),
        rows=tuple(
            Rows(
                file=shown(found.file, 120),
                count=len(found.rows),
                places=tuple(shown(placed(place, language), 120) for place in found.places),
                samples=tuple(shown(sample, 120) for sample in found.samples),
            )
            for found in findings
            if isinstance(found, CustomerRows)
        ),
        content=tuple(
            Content(
                file=shown(found.file, 120),
                said=_carried(found, language),
                places=tuple(shown(placed(place, language), 120) for place in found.places),
            )
            for found in findings
            if isinstance(found, ListLike | ProtectedNumbers | Mark)
        ),
        files=tuple(
            Belonging(
                file=shown(found.file, 120),
                company=_company(found, language),
                said=tuple(_shows(sign, language) for sign in found.signs),
            )
            for found in findings
            if isinstance(found, WrongFile)
        ),
    )


def _carried(finding: ListLike | ProtectedNumbers | Mark, language: str) -> str:
    """Say in a few words what was found."""
    spoken = speak(language)
    match finding:
        case ListLike(count=count):
            said = spoken.ngettext(
                "like a list of {count} person", "like a list of {count} people", count
            )
        case ProtectedNumbers(kind="my_number", count=count):
            said = spoken.ngettext(
                "{count} individual number (My Number)",
                "{count} individual numbers (My Number)",
                count,
            )
        case ProtectedNumbers(count=count):
            said = spoken.ngettext(
                "{count} payment card number", "{count} payment card numbers", count
            )
        case Mark(marks=marks):
            return shown(spoken.gettext(", ").join(marks), 200)
    return said.format(count=count)


def _company(found: WrongFile | OtherCompany, language: str) -> str:
    _ = speak(language).gettext
    if not found.domain or found.domain == found.company:
        return shown(found.company, 120)
    return _("{name} ({domain})").format(name=shown(found.company, 80), domain=found.domain)


def _shows(sign: Sign, language: str) -> str:
    """Say what shows whose a file is."""
    spoken = speak(language)
    _ = spoken.gettext
    day = sign.last_on.isoformat() if sign.last_on else ""
    match sign.whose:
        case "addressee":
            said = _("The file is addressed to them.")
        case "file_name":
            said = _("The name of the file mentions them.")
        case "properties":
            said = _("The properties of the file mention them.")
        case "addresses":
            said = _("The mail addresses in the file are all theirs.")
        case "sent_before":
            said = spoken.ngettext(
                "The very same file went to them {count} time, last on {day}, and never to the "
                "recipients of this mail.",
                "The very same file went to them {count} times, last on {day}, and never to the "
                "recipients of this mail.",
                sign.count,
            ).format(count=sign.count, day=day)
        case "usual_name":
            said = spoken.ngettext(
                "Files of this name went to them alone so far, {count} time, last on {day}.",
                "Files of this name went to them alone so far, {count} times, last on {day}.",
                sign.count,
            ).format(count=sign.count, day=day)
    place = shown(placed(sign.place, language), 120) if sign.place else ""
    return _("{said} ({place})").format(said=said, place=place) if place else said


def _compared(finding: Lookalike, language: str) -> Comparison:
    who = _who(finding.intended, language)
    often = _often(finding.usual, language)
    return Comparison(
        recipient=finding.recipient.text,
        intended=finding.intended.address.text,
        difference=difference(finding.recipient, finding.intended.address),
        said=kind_words(finding.kind, finding.recipient, finding.intended.address, language),
        recipient_note=_often(finding.written, language),
        intended_note=speak(language).gettext("; ").join(filter(None, (who, often))),
    )


def _who(contact: Contact, language: str) -> str:
    """Name a contact: company and person, in the order of the language."""
    _ = speak(language).gettext
    name, company = shown(contact.name, 60), shown(contact.company, 60)
    if name and company:
        return _("{name}, {company}").format(name=name, company=company)
    return _("{name}").format(name=name) if name else company


def _often(relation: Relation, language: str) -> str:
    """Say how often somebody was written to; an empty string where nothing is known."""
    spoken = speak(language)
    if relation.by_sender:
        count = relation.by_sender
        return spoken.ngettext("{count} mail so far", "{count} mails so far", count).format(
            count=count
        )
    if relation.by_organisation:
        count = relation.by_organisation
        return spoken.ngettext(
            "{count} mail from your company so far",
            "{count} mails from your company so far",
            count,
        ).format(count=count)
    return spoken.gettext("never written to before")


def _plain(finding: Finding, language: str) -> str:
    """Say a finding in our own words, where the policy has none."""
    _ = speak(language).gettext
    match finding:
        case Lookalike(recipient=recipient, intended=intended):
            return _("{recipient} looks very much like {intended}.").format(
                recipient=recipient, intended=intended.address
            )
        case CustomerRows(file=file, rows=rows):
            where = shown(file, 120) or _("The text of the mail")
            return (
                speak(language)
                .ngettext(
                    "{where} contains data of {count} customer.",
                    "{where} contains data of {count} customers.",
                    len(rows),
                )
                .format(where=where, count=len(rows))
            )
        case WrongFile(file=file):
            return _("{file} seems to be for {company}, not for the recipients.").format(
                file=shown(file, 120), company=_company(finding, language)
            )
        case Unread(file=file):
            where = shown(file, 120) or _("A part of the mail")
            return _("{where} could not be checked.").format(where=where)
        case ListLike(file=file, count=count):
            where = shown(file, 120) or _("The text of the mail")
            return (
                speak(language)
                .ngettext(
                    "{where} looks like a list of {count} person.",
                    "{where} looks like a list of {count} people.",
                    count,
                )
                .format(where=where, count=count)
            )
        case ProtectedNumbers(file=file):
            where = shown(file, 120) or _("The text of the mail")
            return _("{where} contains {numbers}.").format(
                where=where, numbers=_carried(finding, language)
            )
        case Mark(file=file):
            where = shown(file, 120) or _("The mail")
            return _("{where} is marked: {marks}").format(
                where=where, marks=_carried(finding, language)
            )
        case Greeting(greeting=greeting):
            return _("The greeting says “{greeting}”, who is not among the recipients.").format(
                greeting=shown(greeting, 80)
            )
        case OtherCompany():
            return _("The text is addressed to {company}, and no recipient is of it.").format(
                company=_company(finding, language)
            )
        case SenderNotTheirs(address=address):
            used = shown(address.text, 120) if address else _("an address that cannot be read")
            return _("The mail is sent as {address}, which is not yours to use.").format(
                address=used
            )
        case _:
            return _("A check could not be finished.")
