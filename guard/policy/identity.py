"""Whose a login is, and as whom it may send."""

from dataclasses import dataclass, replace
from typing import Self

from guard.model.address import Address, AddressError
from guard.model.envelope import Submitter
from guard.policy.globs import Glob
from guard.policy.us import Us


def address_of(submitter: Submitter) -> Address | None:
    """Give the mail address of whoever logged in; `None` where nobody did, or nobody knows it."""
    if submitter.login is None:
        return None
    return submitter.address or _address(submitter.login)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The addresses that one login may send as."""

    own: frozenset[Address]
    """Its own, and the shared mailboxes that it belongs to."""

    granted: tuple[Glob, ...] = ()
    """What ``us: send_as`` adds."""

    @classmethod
    def of(cls, submitter: Submitter | None, us: Us) -> Self:
        """
        Give those of *submitter*; none where nobody logged in.

        A login of which no address is known stands for that name at each of our domains.
        """
        people = _people(submitter, us)
        shared = {box for box, members in us.shared_mailboxes.items() if people & {*members}}
        granted = (glob for login, globs in us.send_as.items() if login in people for glob in globs)
        return cls(own=frozenset(people | shared), granted=tuple(granted))

    def may_use(self, address: Address) -> bool:
        """Whether mail may be sent as *address*, or as the one that it is a sub-address of."""
        return any(
            one in self.own or any(glob.matches(one.key, one.text) for glob in self.granted)
            for one in (address, without_tag(address))
        )


def _people(submitter: Submitter | None, us: Us) -> set[Address]:
    """Give the addresses of the login itself."""
    if submitter is None or submitter.login is None:
        return set()
    known = address_of(submitter)
    guessed = (known,) if known else (_address(f"{submitter.login}@{d}") for d in us.domains)
    return {address for address in guessed if address is not None}


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except AddressError:
        return None


def without_tag(address: Address) -> Address:
    """Give ``yamada@…`` for ``yamada+tag@…`` (RFC 5233)."""
    name, plus, _ = address.local.partition("+")
    if not name or not plus:
        return address
    return replace(address, text=f"{name}@{address.domain}", local=name)
