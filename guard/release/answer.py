"""What a person says on the page, and what is made of it."""

from dataclasses import dataclass, field

from guard.model.address import Address
from guard.model.hold import Choice, Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person said on the page."""

    choice: Choice
    ticked: frozenset[str] = frozenset()
    """Values of the ``confirm`` boxes that were ticked, as they came."""

    without: frozenset[str] = frozenset()
    """Values of the ``without`` boxes that were ticked: part numbers."""

    domain: str = ""
    """Typed domain, for the rung ``type_domain``."""

    reason: str = ""
    """Typed reason, for the rung ``give_reason``."""

    never_again: bool = False
    """Whether the person does not want to be asked about these look-alikes again."""

    question: str = ""
    """Which question was on the page (`Hold.question`); empty: the one that stands."""

    password: str = field(default="", repr=False)
    """Typed password of an attachment, for `Choice.OPEN`. Used once, and kept nowhere."""

    how: str = "link"
    """By what they showed who they are."""

    peer: str = ""
    """IP address of the browser."""

    browser: str = ""
    """Family of the browser, as far as it says so: ``firefox``."""


class Unconfirmed(Exception):  # noqa: N818 -- an answer of a person, not an error of ours
    """The answer lacks what the rung asks for (422); nothing was changed."""

    def __init__(self, hold: Hold, missing: frozenset[str], *, wait_s: int = 0) -> None:
        super().__init__("the answer lacks a confirmation")
        self.hold = hold
        self.missing = missing
        """
        What to mark on the page: addresses (`Address.text`) not ticked, or one of these words.

        ``domain``, ``reason``: not given. ``recipients``: nobody would be left to send to.
        ``without``: no attachment was chosen. ``refused``: the policy turns it away like this.
        ``password``: it opens no attachment. ``wait``: too many did not; the next one may come in
        `wait_s`. ``ended``: no more are taken. ``busy``: others are being tried just now.
        ``second``: nobody may agree. Empty: what was to be replaced was ticked as right.
        """
        self.wait_s = wait_s
        """Seconds, rounded up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What would be sent by an answer."""

    recipients: tuple[Address, ...]
    without: tuple[str, ...]
    """Part numbers of attachments that are left out."""

    @classmethod
    def of(cls, hold: Hold) -> "Sending":
        """Give what the question of *hold* is about."""
        return cls(recipients=hold.recipients, without=hold.without)
