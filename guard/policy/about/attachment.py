"""``attachment:``: conditions on files; several must hold for the same one."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from guard.detect.wrong_file import LIKELY
from guard.model.address import Address
from guard.model.extract import Reason
from guard.model.finding import Unread, WrongFile
from guard.policy import words
from guard.policy.about.content import AboutContent, files_of
from guard.policy.case import Case
from guard.policy.globs import Glob, listed
from guard.policy.ground import Ground, found
from guard.policy.words import SEVERAL


class AboutAttachment(AboutContent):
    """Conditions on attachments; several must hold for the same one."""

    name: Annotated[tuple[words.FileGlob, ...], SEVERAL] = Field(
        (), description="File name with * and ?, or a list of such."
    )
    kind: Annotated[tuple[words.Kind, ...], SEVERAL] = Field(
        (), description="What it is, or what is in it: spreadsheet, document, pdf, archive, …"
    )
    of_another_company: words.Whose | None = Field(
        None,
        description="Seems to be another known company's: likely, or possible.",
    )
    unreadable: words.Reasons = Field(
        frozenset[Reason](),
        description="Could not be inspected whole: true, or the reasons that count.",
    )

    def lacks(self, case: Case) -> bool:
        """Whether nothing of what is asked for was found, whoever the recipient is."""
        return bool(
            (self.contains and not case.rows)
            or (self.unreadable and not case.of(Unread))
            or (self.of_another_company and not case.of(WrongFile))
            or (self.needs_no_list and not case.content)
        )

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer each condition, by what is left of files for which all of them hold."""
        if self.name or self.kind:
            yield from self._chosen(case)
        rows = [
            one for one in case.rows if one.finding.file and self._is_meant(one.finding.file, case)
        ]
        content = [one for one in case.content if one.file and self._is_meant(one.file, case)]
        unread = [
            one
            for one in case.of(Unread)
            if self._is_meant(one.file, case) and self.unreadable.intersection(one.reasons)
        ]
        least = LIKELY if self.of_another_company == "likely" else 0.0
        wrong = [
            one
            for one in case.of(WrongFile)
            if one.score >= least and self._is_meant(one.file, case)
        ]
        signed = tuple(self.content_grounds("attachment", content))
        files_with = [files_of(ground) for ground in signed]
        if self.unreadable:
            files_with.append(frozenset(one.file for one in unread))
        if self.of_another_company:
            files_with.append(frozenset(one.file for one in wrong))
        if self.contains:
            wanted = {one.finding.file for one in rows if one.finding.list_name in self.contains}
            files_with.append(frozenset(wanted))
        if len(files_with) > 1:
            same = frozenset.intersection(*files_with)
            rows = [one for one in rows if one.finding.file in same]
            unread = [one for one in unread if one.file in same]
            wrong = [one for one in wrong if one.file in same]
            content = [one for one in content if one.file in same]
            signed = tuple(self.content_grounds("attachment", content))
        yield from signed
        yield from self.rows_ground("attachment", rows, recipient)
        if self.of_another_company:
            told = (f"{one.file}: {one.company} {one.score:.2f}" for one in wrong)
            yield found("attachment.of_another_company", wrong, told, self.of_another_company)
        if self.unreadable:
            told = (f"{one.file}: {'+'.join(one.reasons)}" for one in unread)
            yield found("attachment.unreadable", unread, told, ", ".join(sorted(self.unreadable)))

    def _chosen(self, case: Case) -> Iterator[Ground]:
        """Say whether there are files of such a name, and of such a kind."""
        files = list(case.files)
        if self.name:
            files = [file for file in files if _named(self.name, file)]
            yield _first("attachment.name", files, listed(self.name))
        if self.kind:
            files = [file for file in files if self._is_of_kind(file, case)]
            yield _first("attachment.kind", files, listed(self.kind))

    def _is_meant(self, file: str, case: Case) -> bool:
        """Whether findings about *file* count: it is called so, and of such a kind."""
        if not self.name and not self.kind:
            return True
        return (
            bool(file)
            and (not self.name or _named(self.name, file))
            and (not self.kind or self._is_of_kind(file, case))
        )

    def _is_of_kind(self, file: str, case: Case) -> bool:
        return not case.families(file).isdisjoint(self.kind)


def _first(fact: str, files: Sequence[str], wanted: str) -> Ground:
    """Hold where there is one of these files; the first is told."""
    first = files[0] if files else None
    says = (("file", first),) if first else ()
    return Ground(fact=fact, value=first, wanted=wanted, holds=bool(files), says=says)


def _named(globs: Sequence[Glob], file: str) -> bool:
    """Whether a file is of one of these patterns; one in an archive also by its last name."""
    return any(glob.matches(file, file.rpartition("/")[2]) for glob in globs)
