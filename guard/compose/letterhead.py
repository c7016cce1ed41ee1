"""Who we are when we write: the same for every mail and page."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What stands on all our mail and pages."""

    from_: str
    """The From of our mail, with its name: ``Mail check <guard@example.co.jp>``."""

    public_url: str
    """What every link begins with, without a slash at the end; never taken from a Host header."""

    language: str = "en"
    """What is spoken to whoever's own language is not known: to the administrators."""

    time_zone: str = "UTC"
    """IANA name of the zone that people here live in: ``Asia/Tokyo``."""

    our_domains: frozenset[str] = frozenset()
    """Domains of the organisation, folded as `Address.domain`."""

    mark_key: bytes = field(default=b"", repr=False)
    """Seals `LOOP_HEADER`, so that no other Guard's mail is taken for ours."""

    @property
    def zone(self) -> ZoneInfo:
        """
        The time zone itself.

        Raises:
            ZoneInfoNotFoundError: There is no zone of that name.
        """
        return ZoneInfo(self.time_zone)

    def link(self, token: str) -> str:
        """Give the address of the page that *token* opens."""
        return f"{self.public_url}/m/{token}"
