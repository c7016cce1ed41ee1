"""``recipient:``: conditions on the one recipient whom a rule is asked about."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from guard.detect.lookalike import ALIKE
from guard.model.address import Address
from guard.model.finding import Lookalike
from guard.policy import words
from guard.policy.case import Case
from guard.policy.ground import Ground, enough, fits, listed, same
from guard.policy.part import Asking
from guard.policy.words import SEVERAL


class AboutRecipient(Asking):
    """Conditions on the one recipient whom the rule is asked about."""

    resembles: Literal["known_contacts"] | None = Field(
        None, description="Looks like a different contact whom the sender more likely meant."
    )
    closeness: words.Closeness | None = Field(
        None, description="Least likeness of the two, 50 to 100 (100: the same once folded)."
    )
    first_time: words.YesNo | None = Field(None, description="The sender never wrote to it.")
    outside: words.YesNo | None = Field(None, description="Not of our domains.")
    address: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field(
        (), description="Address with * and ?, or a list of such."
    )

    @model_validator(mode="after")
    def _closeness_of_what(self) -> Self:
        self.needs(key="closeness", other="resembles")
        return self

    def lacks(self, case: Case) -> bool:
        """Whether nothing of what is asked for was found, whoever the recipient is."""
        return bool(self.resembles and not case.of(Lookalike))

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer each condition."""
        if self.resembles:
            yield from self._resembles(case, recipient)
        if self.first_time is not None:
            first = case.relation(recipient).by_sender == 0
            yield same("recipient.first_time", first, self.first_time)
        if self.outside is not None:
            yield same("recipient.outside", not case.us.covers(recipient), self.outside)
        if self.address:
            yield Ground(
                fact="recipient.address",
                value=recipient.text,
                wanted=listed(self.address),
                holds=fits(self.address, recipient),
            )

    def _resembles(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Two grounds, or three: both must hold for the same look-alike, the best of them."""
        floor, suspicion = self.closeness or 0, case.threshold.suspicion

        def rank(finding: Lookalike) -> tuple[bool, float]:
            return finding.score >= suspicion and finding.closeness >= floor, finding.score

        alike = [
            one
            for one in case.of(Lookalike)
            if one.recipient == recipient and one.closeness >= min(ALIKE, floor or ALIKE)
        ]
        best = max(alike, key=rank, default=None)
        yield Ground(
            fact="recipient.resembles",
            value=best.intended.address.text if best else None,
            wanted="known_contacts",
            holds=best is not None,
            found=((best, 1),) if best else (),
        )
        if best:
            yield enough("recipient.suspicion", best.score, suspicion)
            if floor:
                yield enough("recipient.closeness", best.closeness, floor)
