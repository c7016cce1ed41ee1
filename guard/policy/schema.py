"""
The policy language: every setting with its meaning, and the `Policy` that a folder of YAML becomes.

What the language knows but this version cannot do is an error here, never silently ignored; so is
every unknown word.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from guard.model.address import Address
from guard.model.calendar import Wait
from guard.model.finding import Finding
from guard.model.verdict import Confirm
from guard.policy import words
from guard.policy.about.content import AboutContent
from guard.policy.machines import Machines
from guard.policy.part import Part
from guard.policy.shapes import choice
from guard.policy.us import Us
from guard.policy.when import When
from guard.policy.words import OR_NOTHING, SEVERAL, wrong

NOT_YET: Final[Mapping[str, str]] = {
    "ask": "the sender is asked by mail",
}
"""Settings of a rule that a later version may know, with what is done instead."""

_COLUMN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("first", "last", "kana", "last_kana", "first_kana"), "name"),
    **dict.fromkeys(("mobile", "fax"), "phone"),
    **dict.fromkeys(("postal", "postal_code"), "postcode"),
    **dict.fromkeys(("street", "city"), "address"),
    "customer_id": "id",
}
"""Columns that are one for ``match_on``."""

BUILT_IN: Final = "guard-could-not-check"
"""Id of the rule that holds when a detector failed; no policy can take it away."""

UNCHECKED: Final = ("hold", "deliver", "try_later")
"""What may be done with mail for which lists or contacts cannot be asked."""


class Contacts(Part):
    """Who counts as known."""

    learn_from_sent_mail: words.YesNo = Field(True, description="Remember who was written to.")
    forget_after: words.Duration = Field(
        timedelta(days=400), description="Forget who was not written to for so long."
    )
    sources: Annotated[tuple[words.Name, ...], SEVERAL] = Field(
        (), description="Those [[source]]s of guard.toml that are read; all, if left out."
    )


class ProtectedList(Part):
    """A list whose rows must not leave; its values are kept as fingerprints."""

    source: words.Name | None = Field(
        None,
        description="Name that it is imported by, where that is another: of its [[list_source]].",
    )
    match_on: Annotated[tuple[words.Columns, ...], SEVERAL] = Field(
        (),
        description="Columns of which one must agree for a row to count, as email; those joined by "
        "+ must all. Any, if left out.",
    )
    owner: str = Field(
        "",
        max_length=100,
        description="Who answers for it: a department, a company. guard lists status shows it.",
    )

    def counts(self, fields: Collection[str]) -> bool:
        """Whether a row counts of which these *fields* agree, as `RowHit.fields` names them."""
        if not self.match_on:
            return True
        agreed = {_COLUMN.get(field, field) for field in fields}
        wanted = ({_COLUMN.get(part, part) for part in one.split("+")} for one in self.match_on)
        return any(parts <= agreed for parts in wanted)


class IfNoAnswer(Part):
    """What becomes of held mail that nobody answers for."""

    after: words.WaitingTime = Field(
        Wait(length=timedelta(hours=24)), description="From the holding on."
    )
    then: words.IfNoAnswer = Field(
        "give_back", description="give_back: to the sender, with the original. keep: on our disk."
    )


class Holding(Part):
    """What happens to held mail."""

    notify_within: words.Duration = Field(
        timedelta(seconds=30), description="When the sender is told at the latest."
    )
    remind_after: Annotated[tuple[words.WaitingTime, ...], SEVERAL] = Field(
        (), description="When to ask again, from the holding on."
    )
    if_no_answer: IfNoAnswer = IfNoAnswer()
    undo_after_send: words.Duration = Field(
        timedelta(seconds=10), description="How long “send” can be taken back; 0 sends at once."
    )
    retention: words.Duration = Field(
        timedelta(days=7),
        description="How long the octets of held mail are kept after its end, then destroyed.",
    )
    second_person: Annotated[tuple[words.Mailbox, ...], SEVERAL] = Field(
        (), description="Who may agree, for `confirm: second_person`; never the sender."
    )
    tell_admins_above: words.Percent = Field(
        0.02, description="Share of held mail above which administrators are told."
    )
    hold_budget: words.Budget = Field(
        0.003, description="Share of mail that may be held for look-alikes: more catches more."
    )


class Exemption(Part):
    """Mail that a rule leaves alone, with who said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["to"]}, {"required": ["from"]}, {"required": ["mail"]}]
        }
    )

    to: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field(
        (), description="Recipients with * and ?; with from: as well, only both together."
    )
    from_: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field(
        (), alias="from", description="Envelope senders with * and ?."
    )
    mail: Annotated[tuple[words.Mail, ...], SEVERAL] = Field(
        (), description="Only automatic mail of these sorts, whoever it is to or from."
    )
    because: words.Line = Field(description="Why, and who decided it.")
    until: words.Day | None = Field(None, description="The last day on which it counts.")

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if not self.to and not self.from_ and not self.mail:
            raise wrong('says neither "to:" nor "from:" nor "mail:"', "")
        return self


class Rule(Part):
    """One thing to watch for, asked about each recipient."""

    id: words.Name = Field(
        description="Its name in logs, audit and explanations: letters, digits, - _ and dots."
    )
    mode: words.Mode | None = Field(None, description="watch: this rule only records.")
    message: dict[words.Language, words.Line] = Field(
        min_length=1, description="The sentence for the sender, in each language."
    )
    when: When
    then: words.Then = Field(
        description="deliver: record only. tell: deliver, and tell the sender. hold: ask first."
        " refuse: never."
    )
    confirm: words.Rung = Field(
        Confirm.TICK_EACH, description="What the sender must do to send held mail all the same."
    )
    hold_only: words.HoldOnly | None = Field(
        None, description="doubtful_recipients: the others get the mail at once."
    )
    except_: tuple[Exemption, ...] = Field(
        (), alias="except", description="Whom the rule leaves alone, with who said so."
    )


class Policy(Part):
    """Everything that administrators say about outgoing mail."""

    guard: Literal[1] = Field(description="Version of this format.")
    us: Us
    machines: Machines = Machines()
    mode: words.Mode = Field("hold", description="watch: record only. hold: really hold.")
    contacts: Contacts = Contacts()
    lists: dict[words.Name, Annotated[ProtectedList, OR_NOTHING]] = Field(
        default_factory=dict, description="Lists to protect, by their names."
    )
    holding: Holding = Holding()
    rules: tuple[Rule, ...] = Field((), description="What is watched for, and what then.")
    if_guard_cannot_check: Annotated[
        str, BeforeValidator(words.one_of(*UNCHECKED)), choice(UNCHECKED)
    ] = Field("try_later", description="When lists or contacts cannot be asked.")

    _hash: str = PrivateAttr("")

    def model_post_init(self, context: Any, /) -> None:
        """Keep the hash that the loader gives as ``{"hash": …}``."""
        if isinstance(context, dict):
            self._hash = context.get("hash", "")

    @property
    def hash(self) -> str:
        """
        First twelve hexadecimal digits of a SHA-256 over what it was made of.

        Of its files, and of the exceptions of the database where there are some; empty without
        files.
        """
        return self._hash

    def with_rules(self, rules: tuple[Rule, ...], *, digest: str) -> "Policy":
        """Give the same policy with other rules, and the hash *digest*."""
        changed = self.model_copy(update={"rules": rules})
        changed.__dict__.pop("list_names", None)  # it was asked of the rules before
        changed._hash = digest
        return changed

    @property
    def can_hold(self) -> bool:
        """Whether mail may be held: even without rules, a detector that fails holds."""
        return self.mode == "hold"

    @cached_property
    def list_names(self) -> tuple[str, ...]:
        """The lists that some rule looks for, each once, in order."""
        return tuple(sorted({name for part in self._contents for name in part.contains or ()}))

    @cached_property
    def content_wanted(self) -> frozenset[type[Finding]]:
        """What some rule asks for, of what is found in files and texts without a list."""
        return frozenset(kind for part in self._contents for kind in part.wanted)

    @property
    def _contents(self) -> Iterator[AboutContent]:
        asked = (part for r in self.rules for part in (r.when.attachment, r.when.body))
        return (part for part in asked if part)

    def imported(self, name: str) -> str:
        """Give the name that the list called *name* here is imported by."""
        its = self.lists.get(name)
        return (its.source if its else None) or name

    def watches(self, rule: Rule) -> bool:
        """Whether *rule* only records."""
        return "watch" in (self.mode, rule.mode)

    def is_ours(self, address: Address) -> bool:
        """Whether *address* is of our domains, or of one below them."""
        return self.us.covers(address)
