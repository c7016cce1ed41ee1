"""
Attachments that a password opens, and those that one opened before.

A password is given once, and kept nowhere; what it showed counts for as long as the mail waits,
whatever else about it is changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from guard.model.extract import Extract, ReadState, Reason
from guard.model.finding import CustomerRows, DetectorFailed, Finding
from guard.model.message import Attachment
from guard.model.unlocked import Unlocked

_NO_ANSWER: Final = frozenset(
    {Reason.TIMEOUT, Reason.CRASH, Reason.LIMIT, Reason.CORRUPT, Reason.DEFECT}
)
"""What may come of a wrong password as well; a file of which nothing was read stays encrypted."""

_BY_CHANCE: Final = frozenset({Reason.TIMEOUT, Reason.CRASH, Reason.LIMIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens the encrypted attachments of one mail."""

    password: str = field(default="", repr=False)
    known: tuple[Unlocked, ...] = ()
    """What passwords that were given before have opened."""


class Unlocking:
    """The attachments of one mail on their way from `Extract` without a password to the last."""

    def __init__(
        self,
        opening: Opening,
        attachments: Sequence[Attachment],
        extracts: Sequence[Extract],
        *,
        policy: str,
    ) -> None:
        """Begin with *extracts*, which were read without a password, one an attachment."""
        self._attachments: Final = attachments
        self._extracts: Final = [*extracts]
        self._policy: Final = policy
        self._known: Final[list[Unlocked]] = []
        self._opened: Final[list[int]] = []
        self._marks: list[str] = []
        self._locked: Final[list[int]] = []
        if opening.password or opening.known:
            self._marks = [hashlib.sha256(each.octets).hexdigest() for each in attachments]
            self._recognise(opening.known)

    @property
    def locked(self) -> list[Attachment]:
        """The attachments that a password may open."""
        return [self._attachments[place] for place in self._locked]

    @property
    def extracts(self) -> tuple[Extract, ...]:
        """One for each attachment, as far as they are known by now."""
        return tuple(self._extracts)

    def tried(self, found: Sequence[Extract]) -> None:
        """Take in what a password made of each of `locked`."""
        for place, extract in zip(self._locked, found, strict=True):
            if opens(self._extracts[place], extract):
                self._extracts[place] = extract
                self._opened.append(place)

    def findings(self) -> Iterator[Finding]:
        """Give what was found in files when they were opened before."""
        for each in self._from_before():
            yield from each.findings

    def unlocked(self, findings: Sequence[Finding]) -> tuple[Unlocked, ...]:
        """Give each file that was opened, now or before; *findings* are those of the whole mail."""
        failed = [one for one in findings if isinstance(one, DetectorFailed)]
        rows = [one for one in findings if isinstance(one, CustomerRows)]
        new = [
            Unlocked(
                file=file,
                sha256=mark,
                policy=self._policy,
                state=self._extracts[place].state,
                reasons=self._extracts[place].reasons,
                findings=(*(one for one in rows if one.file == file), *failed),
            )
            for (file, mark), place in self._now().items()
        ]
        return (*self._from_before(), *new)

    def _now(self) -> dict[tuple[str, str], int]:
        """Give where the files stand that were opened just now."""
        return {(self._extracts[at].file, self._marks[at]): at for at in self._opened}

    def _from_before(self) -> list[Unlocked]:
        now = self._now()
        return [each for each in self._known if (each.file, each.sha256) not in now]

    def _recognise(self, known: Sequence[Unlocked]) -> None:
        """Take files that were opened before for read, as far as they were."""
        before = {each.sha256: each for each in known}
        for place, extract in enumerate(self._extracts):
            found = before.get(self._marks[place])
            if found is not None:
                found = _named(found, extract.file)
                if found not in self._known:
                    self._known.append(found)
            if found is not None and found.policy == self._policy:
                self._extracts[place] = replace(extract, state=found.state, reasons=found.reasons)
            elif Reason.ENCRYPTED in extract.reasons:
                self._locked.append(place)


def opens(locked: Extract, tried: Extract) -> bool:
    """Tell whether a password opened what was *locked*, at least to the next lock within."""
    if tried.state is ReadState.UNREADABLE and not _NO_ANSWER.isdisjoint(tried.reasons):
        return False
    if Reason.ENCRYPTED not in tried.reasons:
        return True
    # What a limit had cut short may be longer now without the password's doing.
    return _BY_CHANCE.isdisjoint(locked.reasons) and _size(tried) > _size(locked)


def _named(unlocked: Unlocked, file: str) -> Unlocked:
    """Call a file what it is called now: one without a name is named by its place in the mail."""
    if unlocked.file == file:
        return unlocked
    findings = tuple(
        replace(each, file=file) if isinstance(each, CustomerRows) else each
        for each in unlocked.findings
    )
    return replace(unlocked, file=file, findings=findings)


def _size(extract: Extract) -> int:
    return sum(len(passage.text) for passage in extract.passages)
