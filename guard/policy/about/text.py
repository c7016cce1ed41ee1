"""``subject:``, ``body:`` and ``greeting:``: conditions on what the mail itself says."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from pydantic import Field

from guard.detect.other_company import NAMED
from guard.model.address import Address
from guard.model.finding import Greeting, OtherCompany
from guard.policy.about.content import AboutContent
from guard.policy.case import Case
from guard.policy.globs import listed
from guard.policy.ground import Ground, found
from guard.policy.part import Asking, Part
from guard.policy.phrases import Phrase
from guard.policy.words import SEVERAL, Phrases, Whose, Yes, YesNo

_TOLD: Final = 3
"""Domains of others that are told."""


class AboutSubject(Part):
    """Conditions on the subject."""

    words: Annotated[tuple[Phrases, ...], SEVERAL] = Field(
        min_length=1, description="A word or phrase, with * and ? within a word; or a list of such."
    )

    def lacks(self, case: Case) -> bool:
        """Whether there is no subject."""
        return not case.subject

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Say which of the phrases stand there."""
        yield _spoken("subject.words", self.words, case.subject)


class AboutBody(AboutContent):
    """Conditions on the text of the mail itself."""

    words: Annotated[tuple[Phrases, ...], SEVERAL] = Field(
        (), description="A word or phrase in what the sender wrote, not in what is quoted."
    )
    quotes_others: YesNo | None = Field(
        None,
        description="Quotes mail of outside people, of none of whose companies a recipient is.",
    )

    def lacks(self, case: Case) -> bool:
        """Whether nothing of what is asked for was found, whoever the recipient is."""
        return bool((self.contains and not case.rows) or (self.needs_no_list and not case.content))

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer each condition."""
        rows = [one for one in case.rows if not one.finding.file]
        yield from self.rows_ground("body", rows, recipient)
        yield from self.content_grounds("body", [one for one in case.content if not one.file])
        if self.words:
            yield _spoken("body.words", self.words, case.own_text)
        if self.quotes_others is not None:
            others = case.quoted_homes if case.quoted_homes.isdisjoint(case.homes) else frozenset()
            told = listed(sorted(others)[:_TOLD])
            yield Ground(
                fact="body.quotes_others",
                value=told or False,
                wanted=self.quotes_others,
                holds=bool(others and case.homes) == self.quotes_others,
                says=(("others", told),) if others else (),
            )


class AboutGreeting(Asking):
    """Conditions on whom the text greets."""

    names_someone_else: Yes | None = Field(
        None, description="Greets a person who is not among the recipients."
    )
    names_other_company: Whose | None = Field(
        None,
        description="Is addressed to a known company that no recipient belongs to: likely, or "
        "possible, also where nobody knows whose a recipient is.",
    )

    def lacks(self, case: Case) -> bool:
        """Whether nobody else is greeted."""
        return bool(
            (self.names_someone_else and not case.of(Greeting))
            or (self.names_other_company and not self._others(case))
        )

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Say who else is greeted."""
        if self.names_someone_else:
            greetings = tuple((greeting, 1) for greeting in case.of(Greeting))
            yield Ground(
                fact="greeting.names_someone_else",
                value=bool(greetings),
                wanted=True,
                holds=bool(greetings),
                found=greetings,
            )
        if self.names_other_company:
            others = self._others(case)
            told = (f"{one.line}: {one.company} {one.score:.2f}" for one in others)
            yield found("greeting.names_other_company", others, told, self.names_other_company)

    def _others(self, case: Case) -> list[OtherCompany]:
        least = NAMED if self.names_other_company == "likely" else 0.0
        return [one for one in case.of(OtherCompany) if one.score >= least]


def _spoken(fact: str, phrases: Sequence[Phrase], text: str) -> Ground:
    """Say which of *phrases* stand in a folded text."""
    said = ", ".join(phrase.text for phrase in phrases if phrase.within(text))
    return Ground(
        fact=fact,
        value=said or None,
        wanted=listed(phrases),
        holds=bool(said),
        says=(("words", said),) if said else (),
    )
