"""What ``attachment:`` and ``body:`` can both ask: rows of a list, and what needs no list."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Final, get_args

from pydantic import Field

from guard.lists.checked import NumberKind
from guard.model.address import Address
from guard.model.finding import Finding, ListLike, Mark, ProtectedNumbers
from guard.policy import words
from guard.policy.case import Content
from guard.policy.ground import Ground
from guard.policy.part import Asking, Part
from guard.policy.rows import Rows, foreign_rows
from guard.policy.words import SEVERAL

_SHOWN: Final = 3
"""Marks that are repeated to whoever asks which count."""


class LooksLikeList(Part):
    """How many rows, addresses, numbers or lines of people one file or the text has."""

    at_least: words.Rows = Field(10, description="How many people.")


class AboutNumbers(Part):
    """Which protected numbers, and how many, one file or the text has."""

    kinds: Annotated[tuple[NumberKind, ...], SEVERAL] = Field(
        get_args(NumberKind), min_length=1, description="my_number (個人番号), card, or both."
    )
    at_least: words.Numbers = Field(1, description="How many different ones, in one file.")


class AboutContent(Asking):
    """Conditions on what stands in a file or in the text, whoever it is about."""

    BESIDE: ClassVar = {"at_least": "contains", "of_other_companies": "contains"}

    contains: Annotated[tuple[words.Name, ...], SEVERAL] | None = Field(
        None, description="Rows of this list, or of one of these."
    )
    at_least: words.Rows = Field(1, description="How many different rows.")
    of_other_companies: words.YesNo = Field(
        True, description="Rows of the recipient's own person or company do not count."
    )
    looks_like_list: LooksLikeList | None = Field(
        None, description="Looks like a list of people, so many of them."
    )
    numbers: AboutNumbers | None = Field(
        None, description="Has individual numbers of Japan, or numbers of payment cards."
    )
    marked: words.Marks = Field(
        frozenset[str](), description="Marked as confidential: true, or the marks that count."
    )

    @property
    def needs_no_list(self) -> bool:
        """Whether something is asked that is found without a list."""
        return bool(self.looks_like_list or self.numbers or self.marked)

    @property
    def wanted(self) -> Iterator[type[Content]]:
        """What must be looked for, of what is found without a list."""
        if self.looks_like_list:
            yield ListLike
        if self.numbers:
            yield ProtectedNumbers
        if self.marked:
            yield Mark

    def rows_ground(self, part: str, rows: Sequence[Rows], recipient: Address) -> Iterator[Ground]:
        """Count the rows that are not the recipient's own, if they are asked for."""
        if not self.contains:
            return
        count, found = foreign_rows(
            self.contains, rows, recipient, of_other_companies=self.of_other_companies
        )
        yield Ground(
            fact=f"{part}.contains",
            value=count,
            wanted=self.at_least,
            holds=count >= self.at_least,
            found=found,
        )

    def content_grounds(self, part: str, findings: Sequence[Content]) -> Iterator[Ground]:
        """Answer what needs no list; a count is that of one file, never a sum over several."""
        if self.looks_like_list:
            lists = [(one, one.count) for one in findings if isinstance(one, ListLike)]
            fact, at_least = f"{part}.looks_like_list", self.looks_like_list.at_least
            yield _most(fact, lists, {}, at_least)
        if self.numbers:
            counts = list[tuple[Finding, int]]()
            of_file: dict[str, int] = {}
            for one in findings:
                if isinstance(one, ProtectedNumbers) and one.kind in self.numbers.kinds:
                    counts.append((one, one.count))
                    of_file[one.file] = of_file.get(one.file, 0) + one.count
            yield _most(f"{part}.numbers", counts, of_file, self.numbers.at_least)
        if self.marked:
            yield self._marked(part, [one for one in findings if isinstance(one, Mark)])

    def _marked(self, part: str, findings: Sequence[Mark]) -> Ground:
        marked = [
            (one, each)
            for one in findings
            if (each := [mark for mark in one.marks if mark in self.marked])
        ]
        wanted = sorted(self.marked)
        return Ground(
            fact=f"{part}.marked",
            value=", ".join(dict.fromkeys(mark for _, each in marked for mark in each)) or None,
            wanted=", ".join(wanted) if len(wanted) <= _SHOWN else "any",
            holds=bool(marked),
            found=tuple((one, len(each)) for one, each in marked),
        )


def files_of(ground: Ground) -> frozenset[str]:
    """Give the files for which a ground of `AboutContent.content_grounds` holds."""
    return frozenset(getattr(one, "file", "") for one, _ in ground.found)


def _most(
    fact: str,
    counts: Sequence[tuple[Finding, int]],
    of_file: dict[str, int],
    at_least: int,
) -> Ground:
    """Compare the fullest file; *of_file* has the sums where a file has several findings."""

    def whole(one: Finding, count: int) -> int:
        return of_file.get(getattr(one, "file", ""), count)

    most = max((whole(one, count) for one, count in counts), default=0)
    return Ground(
        fact=fact,
        value=most,
        wanted=at_least,
        holds=most >= at_least,
        found=tuple((one, count) for one, count in counts if whole(one, count) >= at_least),
    )
