"""
One rule asked about one recipient: each condition, with what was found and whether it holds.

`decide` and `explain` both read these answers; there is no second way to judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from guard.detect.budget import threshold
from guard.detect.inspection import Inspection
from guard.detect.lookalike import ALIKE
from guard.detect.wrong_file import LIKELY
from guard.model.address import Address
from guard.model.contact import Relation
from guard.model.finding import (
    CustomerRows,
    Finding,
    Greeting,
    ListLike,
    Lookalike,
    Mark,
    ProtectedNumbers,
    SenderNotTheirs,
    Unread,
    WrongFile,
)
from guard.policy.content import Sign, signs
from guard.policy.globs import Glob
from guard.policy.rows import Rows, foreign_rows, prepared
from guard.policy.schema import (
    AboutAttachment,
    AboutBody,
    AboutContent,
    AboutRecipient,
    Exemption,
    ListRows,
    Policy,
    Rule,
    When,
)

Value = str | int | float | bool | None

NO_RELATION: Final = Relation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One condition of a rule, asked about one recipient."""

    fact: str
    """Where it stands in the rule: ``recipient.first_time``."""

    value: Value
    """What was found."""

    wanted: Value
    """What the rule asks for; a number is the least that is enough."""

    holds: bool

    found: tuple[tuple[Finding, int], ...] = ()
    """The findings that bear it out, each with how much of it counts for this recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What one rule says about one recipient, and on which grounds."""

    recipient: Address
    grounds: tuple[Ground, ...]
    exemption: Exemption | None
    """The exception that takes this recipient out, if one does."""

    @property
    def matches(self) -> bool:
        """Whether every condition holds and nothing excepts."""
        return self.exemption is None and all(ground.holds for ground in self.grounds)


class Case:
    """One message, with its findings laid out for the questions that rules ask."""

    def __init__(
        self, inspection: Inspection, findings: Sequence[Finding], policy: Policy, *, today: date
    ) -> None:
        self.policy = policy
        self.today = today
        self.sender = inspection.envelope.sender
        self.recipients = tuple(dict.fromkeys(inspection.envelope.addresses))
        self.threshold = threshold(
            inspection.channel, inspection.recent, policy.holding.hold_budget
        )
        self._relations = {one.address: one.relation for one in inspection.acquaintance.recipients}
        self._lookalikes = [f for f in findings if isinstance(f, Lookalike)]
        self._wrong_files = [f for f in findings if isinstance(f, WrongFile)]
        self._unread = [f for f in findings if isinstance(f, Unread)]
        self._greetings = [f for f in findings if isinstance(f, Greeting)]
        self._not_theirs = [f for f in findings if isinstance(f, SenderNotTheirs)]
        self._rows = list(prepared(f for f in findings if isinstance(f, CustomerRows)))
        self._content = [f for f in findings if isinstance(f, ListLike | ProtectedNumbers | Mark)]
        message = inspection.message
        typed = {box.address for box in (*message.to, *message.cc)}
        visible = {address for address in typed if not policy.is_ours(address)}
        self._visible_recipients = len(visible)
        self._visible_domains = len({address.domain for address in visible})
        self._files = tuple(
            dict.fromkeys(
                [extract.file for extract in inspection.extracts]
                + [attachment.name for attachment in message.attachments]
            )
        )

    def relation(self, address: Address) -> Relation:
        """Give how often *address* was written to."""
        return self._relations.get(address, NO_RELATION)

    def hear(self, rule: Rule) -> tuple[Hearing, ...]:
        """Ask *rule* about each recipient, in envelope order, to the last condition."""
        return tuple(
            Hearing(
                recipient=recipient,
                grounds=tuple(self._grounds(rule, recipient)),
                exemption=self._exemption(rule, recipient),
            )
            for recipient in self.recipients
        )

    def matching(self, rule: Rule) -> Iterator[Hearing]:
        """Give those of `hear` that match; of the others, nothing is asked after the first no."""
        for recipient in () if self._lacks(rule.when) else self.recipients:
            grounds = list[Ground]()
            for ground in self._grounds(rule, recipient):
                if not ground.holds:
                    break
                grounds.append(ground)
            else:
                exemption = self._exemption(rule, recipient)
                if exemption is None:
                    yield Hearing(recipient=recipient, grounds=tuple(grounds), exemption=None)

    def _lacks(self, when: When) -> bool:
        """Whether nothing that *when* looks for was found, whoever the recipient is."""
        recipient, files, body = when.recipient, when.attachment, when.body
        return bool(
            (recipient and recipient.resembles and not self._lookalikes)
            or (files and files.contains and not self._rows)
            or (files and files.unreadable and not self._unread)
            or (files and files.of_another_company and not self._wrong_files)
            or (body and body.contains and not self._rows)
            or (not self._content and any(_asks_content(part) for part in (files, body)))
            or (when.greeting and not self._greetings)
            or (when.sender and not self._not_theirs)
        )

    def _grounds(self, rule: Rule, recipient: Address) -> Iterator[Ground]:
        when = rule.when
        if when.recipient:
            yield from self._recipient(when.recipient, recipient)
        if when.attachment:
            yield from self._attachment(when.attachment, recipient)
        if when.body:
            yield from self._body(when.body, recipient)
        if domains := when.visible_outside_domains:
            yield _enough("visible_outside_domains", self._visible_domains, domains.at_least)
        if people := when.visible_outside_recipients:
            yield _enough("visible_outside_recipients", self._visible_recipients, people.at_least)
        if when.greeting:
            yield Ground(
                fact="greeting.names_someone_else",
                value=bool(self._greetings),
                wanted=True,
                holds=bool(self._greetings),
                found=tuple((greeting, 1) for greeting in self._greetings),
            )
        if when.sender:
            used = dict.fromkeys(f"{one.where}: {one.address or '?'}" for one in self._not_theirs)
            yield Ground(
                fact="sender.not_theirs",
                value=", ".join(used) or None,
                wanted=True,
                holds=bool(used),
                found=tuple((one, 1) for one in self._not_theirs),
            )

    def _recipient(self, asked: AboutRecipient, recipient: Address) -> Iterator[Ground]:
        if asked.resembles:
            yield from self._resembles(asked.closeness or 0, recipient)
        if asked.first_time is not None:
            first = self.relation(recipient).by_sender == 0
            yield _same("recipient.first_time", first, asked.first_time)
        if asked.outside is not None:
            outside = not self.policy.is_ours(recipient)
            yield _same("recipient.outside", outside, asked.outside)
        if asked.address:
            yield Ground(
                fact="recipient.address",
                value=recipient.text,
                wanted=_listed(asked.address),
                holds=_any(asked.address, recipient),
            )

    def _resembles(self, floor: int, recipient: Address) -> Iterator[Ground]:
        """Two grounds, or three: both must hold for the same look-alike, the best of them."""

        def enough(finding: Lookalike) -> tuple[bool, float]:
            return (
                finding.score >= self.threshold.suspicion and finding.closeness >= floor,
                finding.score,
            )

        found = [
            one
            for one in self._lookalikes
            if one.recipient == recipient and one.closeness >= min(ALIKE, floor or ALIKE)
        ]
        best = max(found, key=enough, default=None)
        yield Ground(
            fact="recipient.resembles",
            value=best.intended.address.text if best else None,
            wanted="known_contacts",
            holds=best is not None,
            found=((best, 1),) if best else (),
        )
        if best:
            yield _enough("recipient.suspicion", best.score, self.threshold.suspicion)
            if floor:
                yield _enough("recipient.closeness", best.closeness, floor)

    def _attachment(self, asked: AboutAttachment, recipient: Address) -> Iterator[Ground]:
        """Ask for files; several conditions must hold for the same file."""
        rows = [one for one in self._rows if one.finding.file]
        content = [one for one in self._content if one.file]
        unread = [one for one in self._unread if asked.unreadable.intersection(one.reasons)]
        least = LIKELY if asked.of_another_company == "likely" else 0.0
        wrong = [one for one in self._wrong_files if one.score >= least]
        if asked.name:
            files = [file for file in self._files if _named(asked.name, file)]
            yield Ground(
                fact="attachment.name",
                value=files[0] if files else None,
                wanted=_listed(asked.name),
                holds=bool(files),
            )
            rows = [one for one in rows if _named(asked.name, one.finding.file)]
            unread = [one for one in unread if one.file and _named(asked.name, one.file)]
            content = [one for one in content if _named(asked.name, one.file)]
            wrong = [one for one in wrong if _named(asked.name, one.file)]
        signed = signs(asked, content)
        files_of = [sign.files for sign in signed]
        if asked.unreadable:
            files_of.append(frozenset(one.file for one in unread))
        if asked.of_another_company:
            files_of.append(frozenset(one.file for one in wrong))
        if asked.contains:
            wanted = {one.finding.file for one in rows if one.finding.list_name in asked.contains}
            files_of.append(frozenset(wanted))
        if len(files_of) > 1:
            same = frozenset.intersection(*files_of)
            rows = [one for one in rows if one.finding.file in same]
            unread = [one for one in unread if one.file in same]
            wrong = [one for one in wrong if one.file in same]
            signed = signs(asked, [one for one in content if one.file in same])
        yield from _signed("attachment", signed)
        if asked.contains:
            yield _contains("attachment.contains", asked, asked.contains, rows, recipient)
        if asked.of_another_company:
            yield Ground(
                fact="attachment.of_another_company",
                value=", ".join(f"{one.file}: {one.company} {one.score:.2f}" for one in wrong)
                or None,
                wanted=asked.of_another_company,
                holds=bool(wrong),
                found=tuple((one, 1) for one in wrong),
            )
        if asked.unreadable:
            yield Ground(
                fact="attachment.unreadable",
                value=", ".join(f"{one.file}: {'+'.join(one.reasons)}" for one in unread) or None,
                wanted=", ".join(sorted(asked.unreadable)),
                holds=bool(unread),
                found=tuple((one, 1) for one in unread),
            )

    def _body(self, asked: AboutBody, recipient: Address) -> Iterator[Ground]:
        if asked.contains:
            rows = [one for one in self._rows if not one.finding.file]
            yield _contains("body.contains", asked, asked.contains, rows, recipient)
        content = [one for one in self._content if not one.file]
        yield from _signed("body", signs(asked, content))

    def _exemption(self, rule: Rule, recipient: Address) -> Exemption | None:
        for exemption in rule.except_:
            ended = exemption.until is not None and exemption.until < self.today
            to = not exemption.to or _any(exemption.to, recipient)
            from_ = not exemption.from_ or (
                self.sender is not None and _any(exemption.from_, self.sender)
            )
            if to and from_ and not ended:
                return exemption
        return None


def _contains(
    fact: str, asked: ListRows, names: Sequence[str], rows: Sequence[Rows], recipient: Address
) -> Ground:
    """Give the ground for rows of the lists called *names*."""
    count, found = foreign_rows(names, rows, recipient, of_other_companies=asked.of_other_companies)
    return Ground(
        fact=fact,
        value=count,
        wanted=asked.at_least,
        holds=count >= asked.at_least,
        found=found,
    )


def _asks_content(part: AboutContent | None) -> bool:
    return bool(part and (part.looks_like_list or part.numbers or part.marked))


def _signed(part: str, signed: Sequence[Sign]) -> Iterator[Ground]:
    for sign in signed:
        yield Ground(
            fact=f"{part}.{sign.fact}",
            value=sign.value,
            wanted=sign.wanted,
            holds=sign.holds,
            found=sign.found,
        )


def _enough(fact: str, value: float, wanted: float) -> Ground:
    return Ground(fact=fact, value=value, wanted=wanted, holds=value >= wanted)


def _same(fact: str, value: bool, wanted: bool) -> Ground:
    return Ground(fact=fact, value=value, wanted=wanted, holds=value == wanted)


def _any(globs: Sequence[Glob], address: Address) -> bool:
    """Whether *address* is of one of these patterns, as compared or as it was typed."""
    return any(glob.matches(address.key, address.text) for glob in globs)


def _named(globs: Sequence[Glob], file: str) -> bool:
    """Whether a file is of one of these patterns; one in an archive also by its last name."""
    return any(glob.matches(file, file.rpartition("/")[2]) for glob in globs)


def _listed(globs: Sequence[Glob]) -> str:
    return ", ".join(map(str, globs))
