"""``subject:``, ``body:`` and ``greeting:``: conditions on what the mail itself says."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from guard.model.address import Address
from guard.model.finding import Greeting
from guard.policy.about.content import AboutContent
from guard.policy.case import Case
from guard.policy.globs import listed
from guard.policy.ground import Ground
from guard.policy.part import Part
from guard.policy.phrases import Phrase
from guard.policy.words import SEVERAL, Phrases, Yes


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


class AboutGreeting(Part):
    """Conditions on whom the text greets."""

    names_someone_else: Yes

    def lacks(self, case: Case) -> bool:
        """Whether nobody else is greeted."""
        return not case.of(Greeting)

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Say whether somebody else is greeted."""
        greetings = tuple((greeting, 1) for greeting in case.of(Greeting))
        yield Ground(
            fact="greeting.names_someone_else",
            value=bool(greetings),
            wanted=True,
            holds=bool(greetings),
            found=greetings,
        )


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
