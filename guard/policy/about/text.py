"""``body:`` and ``greeting:``: conditions on what the mail itself says."""

from collections.abc import Iterator

from guard.model.address import Address
from guard.model.finding import Greeting
from guard.policy import words
from guard.policy.about.content import AboutContent
from guard.policy.case import Case
from guard.policy.ground import Ground
from guard.policy.part import Part


class AboutBody(AboutContent):
    """Conditions on the text of the mail itself."""

    def lacks(self, case: Case) -> bool:
        """Whether nothing of what is asked for was found, whoever the recipient is."""
        return bool((self.contains and not case.rows) or (self.needs_no_list and not case.content))

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer each condition."""
        rows = [one for one in case.rows if not one.finding.file]
        yield from self.rows_ground("body", rows, recipient)
        yield from self.content_grounds("body", [one for one in case.content if not one.file])


class AboutGreeting(Part):
    """Conditions on whom the text greets."""

    names_someone_else: words.Yes

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
