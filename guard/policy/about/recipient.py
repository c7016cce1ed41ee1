"""``recipient:``: conditions on the one recipient whom a rule is asked about."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from guard.contacts.boxes import is_shared
from guard.detect.lookalike import ALIKE
from guard.model.address import Address
from guard.model.finding import Lookalike
from guard.names.domains import domain
from guard.names.freemail import DOPPELGANGERS
from guard.names.likeness import SLIPS, Face
from guard.policy import words
from guard.policy.case import Case
from guard.policy.globs import fits, listed
from guard.policy.ground import Ground, enough, same
from guard.policy.part import Asking
from guard.policy.words import SEVERAL


class AboutRecipient(Asking):
    """Conditions on the one recipient whom the rule is asked about."""

    BESIDE: ClassVar = {"closeness": "resembles", "alike_in": "resembles"}

    resembles: Literal["known_contacts"] | None = Field(
        None, description="Looks like a different contact whom the sender more likely meant."
    )
    closeness: words.Closeness | None = Field(
        None, description="Least likeness of the two, 50 to 100 (100: the same once folded)."
    )
    alike_in: Annotated[tuple[words.Alike, ...], SEVERAL] = Field(
        (), description="What makes them alike: letters, address, name; any, if left out."
    )
    first_time: words.YesNo | None = Field(None, description="The sender never wrote to it.")
    outside: words.YesNo | None = Field(None, description="Not of our domains.")
    address: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field(
        (), description="Address with * and ?, or a list of such."
    )
    group: Annotated[tuple[words.Name, ...], SEVERAL] = Field(
        (), description="In a group of us: groups, or in one of these."
    )
    free_mail: words.YesNo | None = Field(
        None, description="At a provider where anybody can have an address."
    )
    role: words.YesNo | None = Field(
        None, description="A box of several people, as info@ or a mailing list."
    )
    new_domain: words.YesNo | None = Field(
        None, description="Nobody here has written to its domain."
    )
    mistyped_provider: words.YesNo | None = Field(
        None, description="A slip in the name of a mail provider, as gmial.com."
    )
    joins_thread: words.YesNo | None = Field(
        None, description="The mail answers a thread that its company had no part in."
    )

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
        if self.group:
            groups = case.us.groups_of(recipient)
            yield Ground(
                fact="recipient.group",
                value=listed(groups) or None,
                wanted=listed(self.group),
                holds=not {*groups}.isdisjoint(self.group),
            )
        yield from self._domain(case, recipient)

    def _domain(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer what the address says by itself, or its domain in our history."""
        known, host = case.known(recipient), domain(recipient.domain)
        if self.free_mail is not None:
            yield same("recipient.free_mail", host.free, self.free_mail)
        if self.role is not None:
            face = Face(recipient.local, recipient.domain, known.name if known else "")
            yield same("recipient.role", is_shared(face), self.role)
        if self.new_domain is not None:
            new = known is not None and not known.standing.at_domain and not known.standing.known
            yield same("recipient.new_domain", new, self.new_domain)
        if self.mistyped_provider is not None:
            meant = DOPPELGANGERS.get(host.registrable)
            yield Ground(
                fact="recipient.mistyped_provider",
                value=meant,
                wanted=self.mistyped_provider,
                holds=(meant is not None) == self.mistyped_provider,
                says=(("provider", meant),) if meant else (),
            )
        if self.joins_thread is not None:
            joins = known is not None and case.joins_thread(known)
            yield same("recipient.joins_thread", joins, self.joins_thread)

    def _resembles(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Two grounds, or three: both must hold for the same look-alike, the best of them."""
        floor, suspicion = self.closeness or 0, case.threshold.suspicion

        def rank(finding: Lookalike) -> tuple[bool, float]:
            return finding.score >= suspicion and finding.closeness >= floor, finding.score

        alike = [
            one
            for one in case.of(Lookalike)
            if one.recipient == recipient
            and one.closeness >= min(ALIKE, floor or ALIKE)
            and (not self.alike_in or _part(one.kind) in self.alike_in)
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
            held, told = best.score >= suspicion, case.threshold.told
            yield Ground(
                fact="recipient.suspicion",
                value=best.score,
                wanted=told if best.score >= told and not held else suspicion,
                holds=best.score >= told,
                over_budget=best.score >= told and not held,
            )
            if floor:
                yield enough("recipient.closeness", best.closeness, floor)


def _part(kind: str) -> str:
    """Give the part in which two of a *kind* of likeness are alike, as ``alike_in`` has it."""
    if kind in {"homoglyph", "romanisation"}:
        return "letters"
    return "address" if kind in SLIPS else "name"
