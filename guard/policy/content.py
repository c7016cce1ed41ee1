"""What rules ask of content without a list: looks like one, protected numbers, marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from guard.model.finding import Finding, ListLike, Mark, ProtectedNumbers
from guard.policy.schema import AboutContent

Content = ListLike | ProtectedNumbers | Mark

_SHOWN: Final = 3
"""Marks that are repeated to whoever asks which count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """The answer to one such condition, over some files or the text."""

    fact: str
    value: int | str | None
    wanted: int | str
    holds: bool
    found: tuple[tuple[Finding, int], ...]
    """What bears it out, each with its count; empty where it does not hold."""

    @property
    def files(self) -> frozenset[str]:
        """The files for which it holds."""
        return frozenset(
            one.file for one, _ in self.found if isinstance(one, ListLike | ProtectedNumbers | Mark)
        )


def signs(asked: AboutContent, findings: Sequence[Content]) -> tuple[Sign, ...]:
    """Answer what is asked; a count is that of one file, never a sum over several."""
    return tuple(_signs(asked, findings))


def _signs(asked: AboutContent, findings: Sequence[Content]) -> Iterator[Sign]:
    if asked.looks_like_list:
        lists = [(one, one.count) for one in findings if isinstance(one, ListLike)]
        yield _most("looks_like_list", lists, {}, asked.looks_like_list.at_least)
    if asked.numbers:
        counts = list[tuple[Finding, int]]()
        of_file: dict[str, int] = {}
        for one in findings:
            if isinstance(one, ProtectedNumbers) and one.kind in asked.numbers.kinds:
                counts.append((one, one.count))
                of_file[one.file] = of_file.get(one.file, 0) + one.count
        yield _most("numbers", counts, of_file, asked.numbers.at_least)
    if asked.marked:
        marked = [
            (one, each)
            for one in findings
            if isinstance(one, Mark)
            and (each := [mark for mark in one.marks if mark in asked.marked])
        ]
        wanted = sorted(asked.marked)
        yield Sign(
            fact="marked",
            value=", ".join(dict.fromkeys(mark for _, each in marked for mark in each)) or None,
            wanted=", ".join(wanted) if len(wanted) <= _SHOWN else "any",
            holds=bool(marked),
            found=tuple((one, len(each)) for one, each in marked),
        )


def _most(
    fact: str,
    counts: Sequence[tuple[Finding, int]],
    of_file: dict[str, int],
    at_least: int,
) -> Sign:
    """Compare the fullest file; *of_file* has the sums where a file has several findings."""

    def whole(one: Finding, count: int) -> int:
        return of_file.get(getattr(one, "file", ""), count)

    most = max((whole(one, count) for one, count in counts), default=0)
    return Sign(
        fact=fact,
        value=most,
        wanted=at_least,
        holds=most >= at_least,
        found=tuple((one, count) for one, count in counts if whole(one, count) >= at_least),
    )
