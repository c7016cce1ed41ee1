"""What a policy says of a message: the action, and the rules and findings that led to it."""

from dataclasses import dataclass
from enum import IntEnum

from guard.model.address import Address
from guard.model.automatic import Automatic
from guard.model.finding import Finding, Lookalike
from guard.model.unlocked import Unlocked


class Action(IntEnum):
    """What is done with a message; of several the greatest counts."""

    DELIVER = 0
    TELL = 1
    HOLD = 2
    REFUSE = 3

    @property
    def word(self) -> str:
        """The word that policies and ``--json`` use."""
        return self.name.lower()


class Confirm(IntEnum):
    """What a sender must do to send a held message; of several the highest rung counts."""

    ONE_CLICK = 0
    TICK_EACH = 1
    TYPE_DOMAIN = 2
    GIVE_REASON = 3
    SECOND_PERSON = 4

    @property
    def word(self) -> str:
        """The word that policies and ``--json`` use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One rule that spoke, about whom and why."""

    rule: str
    """The rule's id."""

    action: Action
    confirm: Confirm = Confirm.TICK_EACH

    recipients: tuple[Address, ...] = ()
    """Envelope recipients about whom the rule spoke, in envelope order."""

    findings: tuple[Finding, ...] = ()

    sentences: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For each language (``ja``, ``en``) the rule's sentences with the placeholders filled."""

    hold_only_doubtful: bool = False
    """Whether others than `recipients` may get the message at once (``hold_only``)."""

    over_budget: bool = False
    """The rule would do more, had not more mail of late been as suspicious as may be held."""

    watched: bool = False
    """The rule (or the policy) only records: `action` is what would have been done."""

    unasked: Automatic | None = None
    """The sort of automatic mail about which nobody is asked, where it only records for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer of a policy to one message."""

    action: Action
    """The strictest over all matches that are not only watched."""

    matches: tuple[Match, ...] = ()
    """In the order of the policy."""

    policy: str = ""
    """Hash of the policy that was asked, first twelve hexadecimal digits."""

    excused: tuple[str, ...] = ()
    """Exceptions of the database without which some rule would have spoken, by their ids."""

    recipients: tuple[Address, ...] = ()
    """Who would get the message, where the sender changed that; empty: the whole envelope."""

    without: tuple[str, ...] = ()
    """Part numbers of attachments that the message was judged without."""

    opened: int = 0
    """How many times a password of the sender's opened an attachment since the last change."""

    unlocked: tuple[Unlocked, ...] = ()
    """What passwords of the sender's have opened of all that would be sent."""

    @property
    def acting(self) -> tuple[Match, ...]:
        """The matches that are not only watched."""
        return tuple(match for match in self.matches if not match.watched)

    @property
    def unasked(self) -> tuple[Match, ...]:
        """The matches that would act, but nobody is asked about such automatic mail."""
        return tuple(match for match in self.matches if match.unasked is not None)

    @property
    def confirm(self) -> Confirm:
        """The highest rung that a holding rule asks for."""
        holding = (m.confirm for m in self.acting if m.action is Action.HOLD)
        return max(holding, default=Confirm.TICK_EACH)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the acting matches, each once."""
        return tuple(dict.fromkeys(f for match in self.acting for f in match.findings))

    @property
    def holds_for_lookalike(self) -> bool:
        """Whether a rule holds for a look-alike, or would if it were not only watched."""
        return any(
            match.action is Action.HOLD and any(isinstance(f, Lookalike) for f in match.findings)
            for match in self.matches
        )

    @property
    def splits(self) -> bool:
        """Whether recipients whom no holding rule spoke about may get the message at once."""
        holding = [match for match in self.acting if match.action is Action.HOLD]
        return bool(holding) and all(m.hold_only_doubtful and m.recipients for m in holding)

    @property
    def doubtful(self) -> tuple[Address, ...]:
        """Recipients whom a holding rule spoke about, each once: they get a box to tick."""
        return tuple(
            dict.fromkeys(a for m in self.acting if m.action is Action.HOLD for a in m.recipients)
        )
