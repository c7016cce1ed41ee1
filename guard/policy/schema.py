"""
The policy language: every setting with its meaning, and the `Policy` that a folder of YAML becomes.

What the language knows but this version cannot do is an error here, never silently ignored; so is
every unknown word.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from guard.lists.checked import NumberKind
from guard.model.address import Address
from guard.model.calendar import Wait
from guard.model.extract import Reason
from guard.model.verdict import Confirm
from guard.policy import words
from guard.policy.words import SEVERAL, wrong

NOT_YET: Final[Mapping[str, str]] = {
    "ask": "the sender is asked by mail",
}
"""Settings of a rule that a later version may know, with what is done instead."""

BUILT_IN: Final = "guard-could-not-check"
"""Id of the rule that holds when a detector failed; no policy can take it away."""


class Part(BaseModel):
    """A group of settings: unknown words are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Asking(Part):
    """A group of conditions, all of which must hold; one that asks nothing is a slip."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.model_fields_set:
            raise wrong("says nothing to look for", "")
        return self

    def _needs(self, *, key: str, other: str) -> None:
        if key in self.model_fields_set and getattr(self, other) is None:
            raise wrong(f'only means something beside "{other}:"', f'add "{other}:"', key=key)


class Us(Part):
    """Who we are."""

    domains: Annotated[tuple[words.Domain, ...], SEVERAL] = Field(
        min_length=1, description="Our own domains; what stands below them is ours too."
    )
    language: words.Language = Field(
        "en", description="What notices speak where the sender's own language is not known."
    )
    time_zone: words.TimeZone = Field("UTC", description="For times on notices and pages.")
    shared_mailboxes: dict[words.Mailbox, Annotated[tuple[words.Mailbox, ...], SEVERAL]] = Field(
        default_factory=dict, description="Shared address: those who may use and answer for it."
    )
    send_as: dict[words.Mailbox, Annotated[tuple[words.AddressGlob, ...], SEVERAL]] = Field(
        default_factory=dict,
        description="Address of a login: others, with * and ?, that it may send as.",
    )


class Contacts(Part):
    """Who counts as known."""

    learn_from_sent_mail: words.YesNo = Field(True, description="Remember who was written to.")
    forget_after: words.Duration = Field(
        timedelta(days=400), description="Forget who was not written to for so long."
    )
    sources: Annotated[tuple[words.Name, ...], SEVERAL] = Field(
        (), description="Directories, by their names in guard.toml."
    )


class ProtectedList(Part):
    """A list whose rows must not leave; its values are kept as fingerprints."""

    source: words.Name | None = Field(
        None,
        description="Where it comes from, by its name in guard.toml; none: guard lists import.",
    )
    match_on: Annotated[tuple[words.Columns, ...], SEVERAL] = Field(
        (), description="Columns that count; all that the list has, if left out."
    )
    owner: str = Field(
        "",
        max_length=100,
        description="Who answers for it: a department, a company. guard lists status shows it.",
    )


class IfNoAnswer(Part):
    """What becomes of held mail that nobody answers for."""

    after: words.WaitingTime = Wait(length=timedelta(hours=24))
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
        self._needs(key="closeness", other="resembles")
        return self


class ListRows(Asking):
    """Conditions on rows of a protected list."""

    contains: Annotated[tuple[words.Name, ...], SEVERAL] | None = Field(
        None, min_length=1, description="Rows of this list, or of one of these."
    )
    at_least: words.Rows = Field(1, description="How many different rows.")
    of_other_companies: words.YesNo = Field(
        True, description="Rows of the recipient's own person or company do not count."
    )

    @model_validator(mode="after")
    def _rows_of_what(self) -> Self:
        self._needs(key="at_least", other="contains")
        self._needs(key="of_other_companies", other="contains")
        return self


class LooksLikeList(Part):
    """How many rows, addresses, numbers or lines of people one file or the text has."""

    at_least: words.Rows = 10


class AboutNumbers(Part):
    """Which protected numbers, and how many, one file or the text has."""

    kinds: Annotated[tuple[NumberKind, ...], SEVERAL] = Field(
        get_args(NumberKind), min_length=1, description="my_number (個人番号), card, or both."
    )
    at_least: words.Numbers = 1


class AboutContent(ListRows):
    """Conditions on what stands in a text, whoever it is about; no list is needed for them."""

    looks_like_list: LooksLikeList | None = Field(
        None, description="Looks like a list of people, so many of them."
    )
    numbers: AboutNumbers | None = Field(
        None, description="Has individual numbers of Japan, or numbers of payment cards."
    )
    marked: words.Marks = Field(
        frozenset[str](), description="Marked as confidential: true, or the marks that count."
    )


class AboutAttachment(AboutContent):
    """Conditions on attachments; several must hold for the same one."""

    name: Annotated[tuple[words.FileGlob, ...], SEVERAL] = Field(
        (), description="File name with * and ?, or a list of such."
    )
    of_another_company: words.Whose | None = Field(
        None,
        description="Seems to be another known company's: likely, or possible.",
    )
    unreadable: words.Reasons = Field(
        frozenset[Reason](),
        description="Could not be inspected whole: true, or the reasons that count.",
    )


class AboutBody(AboutContent):
    """Conditions on the text of the mail itself."""


class VisibleDomains(Part):
    """How many outside domains can be seen in To and Cc."""

    at_least: words.Domains


class VisibleRecipients(Part):
    """How many outside addresses can be seen in To and Cc."""

    at_least: words.Recipients


class AboutSender(Part):
    """Conditions on whoever logged in; without a login they never hold."""

    not_theirs: words.Yes


class AboutGreeting(Part):
    """Conditions on whom the text greets."""

    names_someone_else: words.Yes


class When(Asking):
    """Conditions, all of which must hold."""

    recipient: AboutRecipient | None = None
    attachment: AboutAttachment | None = None
    body: AboutBody | None = None
    visible_outside_domains: VisibleDomains | None = None
    visible_outside_recipients: VisibleRecipients | None = None
    greeting: AboutGreeting | None = None
    sender: AboutSender | None = None


class Exemption(Part):
    """Mail that a rule leaves alone, with who said so."""

    to: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = ()
    from_: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field((), alias="from")
    because: words.Line = Field(description="Why, and who decided it.")
    until: words.Day | None = Field(None, description="The last day on which it counts.")

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if not self.to and not self.from_:
            raise wrong('says neither "to:" nor "from:"', "")
        return self


class Rule(Part):
    """One thing to watch for, asked about each recipient."""

    id: words.Name
    mode: words.Mode | None = Field(None, description="watch: this rule only records.")
    message: dict[words.Language, words.Line] = Field(
        min_length=1, description="The sentence for the sender, in each language."
    )
    when: When
    then: words.Then
    confirm: words.Rung = Confirm.TICK_EACH
    hold_only: words.HoldOnly | None = Field(
        None, description="doubtful_recipients: the others get the mail at once."
    )
    except_: tuple[Exemption, ...] = Field((), alias="except")


class Policy(Part):
    """Everything that administrators say about outgoing mail."""

    guard: Literal[1] = Field(description="Version of this format.")
    us: Us
    mode: words.Mode = Field("hold", description="watch: record only. hold: really hold.")
    contacts: Contacts = Contacts()
    lists: dict[words.Name, Annotated[ProtectedList, BeforeValidator(lambda v: v or {})]] = Field(
        default_factory=dict
    )
    holding: Holding = Holding()
    rules: tuple[Rule, ...] = ()
    if_guard_cannot_check: Annotated[
        str, BeforeValidator(words.one_of("hold", "deliver", "try_later"))
    ] = Field("try_later", description="When lists or contacts cannot be asked.")

    _hash: str = PrivateAttr("")

    def model_post_init(self, context: Any, /) -> None:
        """Keep the hash that the loader gives as ``{"hash": …}``."""
        if isinstance(context, dict):
            self._hash = context.get("hash", "")

    @property
    def hash(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 over its files; empty without files."""
        return self._hash

    @property
    def can_hold(self) -> bool:
        """Whether mail may be held: even without rules, a detector that fails holds."""
        return self.mode == "hold"

    @cached_property
    def list_names(self) -> tuple[str, ...]:
        """The lists that some rule looks for, each once, in order."""
        asked = (part for r in self.rules for part in (r.when.attachment, r.when.body) if part)
        return tuple(sorted({name for part in asked for name in part.contains or ()}))

    def watches(self, rule: Rule) -> bool:
        """Whether *rule* only records."""
        return "watch" in (self.mode, rule.mode)

    def is_ours(self, address: Address) -> bool:
        """Whether *address* is of our domains, or of one below them."""
        return any(
            address.domain == ours or address.domain.endswith(f".{ours}")
            for ours in self.us.domains
        )
