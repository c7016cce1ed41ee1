"""What stands in a file of policy tests: who and what is known, mails, and what is expected."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from guard.policy import words as policy_words
from guard.policy.part import Part
from guard.policy.words import SEVERAL, wrong
from guard.policy_tests import words

MOST_ROWS: Final = 20_000
"""Rows that are invented for one file."""

MOST_TIMES: Final = 5_000
"""Mails that are learned for one contact."""


class Known(Part):
    """Somebody whom this organisation knows."""

    address: policy_words.Mailbox = Field(description="Whose mails and rows are meant.")
    name: words.OneLine = Field("", description="As it stands in the address book.")
    company: words.OneLine = Field("", description="Where they work, as the book has it.")
    written_to: policy_words.Times | None = Field(
        None, description="How often; left out: known from a directory alone."
    )
    by: Annotated[tuple[policy_words.Mailbox, ...], SEVERAL] = Field(
        (), description="Who wrote, each so often; the sender of the mail, if left out."
    )
    ago: policy_words.Duration = Field(
        timedelta(days=3), description="How long before the test the last of these mails was sent."
    )

    @model_validator(mode="after")
    def _by_whom_what(self) -> Self:
        for key in ("by", "ago"):
            if key in self.model_fields_set and self.written_to is None:
                raise wrong('only means something beside "written_to:"', "", key=key)
        if (self.written_to or 0) > MOST_TIMES:
            raise wrong(f"must be {MOST_TIMES} or less", "", key="written_to")
        return self


class Given(Part):
    """What is known before a mail is sent. Nothing else is: no store is asked."""

    today: policy_words.Day | None = Field(None, description="The day; the real one, if left out.")
    contacts: tuple[Known, ...] = Field((), description="Who is known.")
    lists: dict[policy_words.Name, tuple[dict[words.ColumnName, words.Cell], ...]] = Field(
        default_factory=dict, description="Rows of the policy's lists, by column."
    )


class GivenHere(Part):
    """What is given for one test beside what the file gives."""

    today: policy_words.Day | None = Field(None, description="The day of this test.")
    contacts: tuple[Known, ...] = Field((), description="Who is known beside the file's.")


class RowsOf(Part):
    """Rows of a list; where it has too few, more are invented and added to it."""

    list_: policy_words.Name = Field(alias="list", description="Which, by its name.")
    company: words.OneLine = Field("", description="Whose; of all companies, if left out.")
    count: policy_words.Rows = Field(description="How many.")

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if self.count > MOST_ROWS:
            raise wrong(f"must be {MOST_ROWS} or less", "", key="count")
        return self


class Attached(Part):
    """One attachment: a file beside the tests, words, or rows of a list."""

    name: words.OneLine | None = Field(None, description="File name; that of file:, if left out.")
    file: words.OneLine | None = Field(None, description="Relative to the folder of the test file.")
    text: words.Text | None = Field(None, description="Words that stand in it.")
    rows_of: RowsOf | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(each is not None for each in (self.file, self.text, self.rows_of)) != 1:
            raise wrong("says what is in it once: file:, text: or rows_of:", "")
        if self.name is None and self.text is not None:
            raise wrong("needs a name", "like: name: memo.txt")
        if self.rows_of and not (self.name or "x.csv").lower().endswith(words.TABLES):
            raise wrong(f"rows can be put in {', '.join(words.TABLES)}", key="name")
        return self


class Mail(Part):
    """One mail, as its sender's program hands it in."""

    from_: words.Box | None = Field(None, alias="from", description="Who writes.")
    to: Annotated[tuple[words.Box, ...], SEVERAL] = Field((), description="To whom.")
    cc: Annotated[tuple[words.Box, ...], SEVERAL] = Field((), description="With a copy to whom.")
    bcc: Annotated[tuple[words.Box, ...], SEVERAL] = Field((), description="And to whom unseen.")
    mail_from: words.ReturnPath = Field(
        None, description="Envelope sender where it is not the one in “from”; <> is the null one."
    )
    login: words.OneLine | None = Field(None, description="Who logged in to send it.")
    at: words.TimeOfDay | None = Field(
        None, description="Time of day, in the policy's time zone; noon, if left out."
    )
    subject: words.OneLine = Field("", description="Its subject.")
    text: words.Text | None = Field(None, description="Its plain text.")
    html: words.Text | None = Field(None, description="Its HTML.")
    attach: Annotated[tuple[Attached, ...], SEVERAL] = Field((), description="Its files.")
    thread_with: Annotated[tuple[words.Box, ...], SEVERAL] = Field(
        (), description="It answers a thread in which its sender and these took part."
    )
    headers: dict[words.HeaderName, words.OneLine] = Field(
        default_factory=dict, description="Further fields of its header, like Auto-Submitted."
    )
    eml: words.OneLine | None = Field(
        None, description="A whole mail in a file beside the tests; people are those of its header."
    )

    @model_validator(mode="after")
    def _a_mail(self) -> Self:
        if self.eml is None:
            if self.from_ is None:
                raise wrong('says no sender; write "from:"', "")
            if not (self.to or self.cc or self.bcc):
                raise wrong('goes to nobody; write "to:"', "")
        else:
            for key in ("subject", "text", "html", "attach", "thread_with", "headers"):
                if key in self.model_fields_set:
                    raise wrong('stands in the file that "eml:" names', "", key=key)
        return self


class Expect(Part):
    """What the policy must say of it."""

    decision: policy_words.Then | None = Field(None, description="What is done with it.")
    rule: Annotated[tuple[policy_words.Name, ...], SEVERAL] = Field(
        (), description="Rules that must speak; others may."
    )
    rules: Annotated[tuple[policy_words.Name, ...], SEVERAL] | None = Field(
        None, description="The rules that speak: these, and no other."
    )
    records: Annotated[tuple[policy_words.Name, ...], SEVERAL] = Field(
        (), description="Rules that match, and only record (mode: watch)."
    )
    not_rule: Annotated[tuple[policy_words.Name, ...], SEVERAL] = Field(
        (), description="Rules that must not match, not even to record."
    )
    about: Annotated[tuple[policy_words.Mailbox, ...], SEVERAL] = Field(
        (), description="The recipients whom the rules speak about: these, and no other."
    )
    confirm: policy_words.Rung | None = Field(
        None, description="What its sender must do to send it all the same."
    )
    says: Annotated[tuple[words.OneLine, ...], SEVERAL] = Field(
        (), description="Words of the sentences that the sender is told, in any language."
    )
    finding: Annotated[tuple[words.OneLine, ...], SEVERAL] = Field(
        (), description="Codes of what detectors must find."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("says nothing to expect", "like: expect: {decision: hold}")
        return self


class Trial(Part):
    """One test."""

    it: policy_words.Line = Field(description="What the policy does, in words.")
    given: GivenHere = GivenHere()
    mail: Mail
    expect: Expect


class Suite(Part):
    """One file of tests."""

    given: Given = Given()
    tests: tuple[Trial, ...] = Field(min_length=1, description="Mails, and what is expected.")
