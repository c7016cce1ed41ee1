"""
Evidence from detectors: what somebody may want to look at again, never what to do about it.

Each kind is a class of its own, so that policies, pages and mails can name what they need. `code`
tells them apart when a finding is stored or printed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from guard.model.address import Address
from guard.model.contact import Contact, Relation
from guard.model.extract import ReadState, Reason
from guard.model.stretches import stretches


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A recipient resembles a different contact whom the sender more likely meant."""

    code: Literal["recipient.lookalike"] = "recipient.lookalike"

    score: float
    """Suspicion, 0.0 to 1.0: calibrated, so that a policy can hold a wished share of mail."""

    recipient: Address
    """The envelope recipient that is in doubt."""

    intended: Contact
    """The contact whom the sender more likely meant."""

    kind: str
    """Stable name of the likeness: ``homoglyph``, ``typo_domain``, ``same_surname``, …"""

    closeness: int
    """How alike the two are, 0 to 100 (100: the same once folded), whatever history says."""

    written: Relation
    """How often the recipient was written to."""

    usual: Relation
    """How often the intended contact was written to."""

    parts: tuple[tuple[str, float], ...] = ()
    """Named parts of the score, for those who ask why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRows:
    """Text or a file carries rows of a customer list."""

    code: Literal["content.customer_rows"] = "content.customer_rows"
    score: float = 1.0
    list_name: str
    list_version: str
    """Names the state of the list, so that the audit can say later which customers were in it."""

    file: str
    """Attachment name; empty for the body."""

    rows: tuple[int, ...]
    """1-based data rows of the list, found for certain, in rising order."""

    places: tuple[str, ...] = ()
    """Where they stand, for people: ``sheet “顧客”, rows 2–31``."""

    possible: int = 0
    """Rows beside these of which too little stands there to be certain."""

    samples: tuple[str, ...] = ()
    """At most three matches, masked: ``山田○○ ya***@m***.example``. Never a value in clear."""

    own_rows: tuple[tuple[str, int], ...] = ()
    """For each envelope recipient (by `Address.key`) how many of `rows` are the recipient's own
    person or company; recipients without any are left out."""

    recipient: None = None

    @property
    def record(self) -> str:
        """What the audit keeps: list, version and rows, so ``customers 5f1d9c3a7b20: 1-31, 45``."""
        told = (f"{a}-{b}" if a < b else f"{a}" for a, b in stretches(self.rows))
        return f"{self.list_name} {self.list_version}: {', '.join(told)}"


Whose = Literal["addressee", "file_name", "properties", "addresses", "sent_before", "usual_name"]
"""Where it shows whose a file is."""

Against = Literal["mail_names_it", "file_names_recipient", "recipient_unknown"]
"""What speaks against its being a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that shows whose a file is."""

    whose: Whose
    weight: float
    """How much it says by itself, 0.0 to 1.0."""

    place: str = ""
    """Where in the file it stands, for people: ``sheet “見積”``; may be empty."""

    count: int = 0
    """Mails that carried it there before, where that is the sign."""

    last_on: date | None = None
    """The day of the last of these, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongFile:
    """A file seems to be another known company's than those that the mail goes to."""

    code: Literal["content.wrong_file"] = "content.wrong_file"

    score: float
    """Suspicion, 0.0 to 1.0; from `LIKELY` of `guard.detect.wrong_file` on it is likely."""

    file: str
    """Attachment name."""

    company: str
    """Whose it seems to be: the name that contacts have, else the domain."""

    domain: str
    """Registrable domain of that company; empty where its people have none of their own."""

    signs: tuple[Sign, ...]
    """What shows it, the strongest first."""

    against: tuple[Against, ...] = ()
    """What has lowered the score."""

    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file, or a part of the mail's structure, could not be inspected whole."""

    code: Literal["content.unread"] = "content.unread"
    score: float = 1.0
    file: str
    """Attachment name; empty for the structure of the mail itself."""

    state: ReadState
    reasons: tuple[Reason, ...]
    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The text greets somebody who is not among the recipients."""

    code: Literal["body.greeting"] = "body.greeting"
    score: float
    greeting: str
    """As it stands in the text: ``北商事 佐藤様``."""

    intended: Contact | None = None
    """The contact who bears that name, where just one is known."""

    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCompany:
    """The text is addressed to a known company that no recipient belongs to."""

    code: Literal["body.other_company"] = "body.other_company"
    score: float
    """Suspicion, 0.0 to 1.0."""

    line: str
    """The line that is addressed to it, as it stands in the text."""

    company: str
    """The name that contacts have, else the domain."""

    domain: str
    """Registrable domain of that company; empty where its people have none of their own."""

    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNotTheirs:
    """Somebody logged in, and the mail is sent as an address that is not theirs to use."""

    code: Literal["sender.not_theirs"] = "sender.not_theirs"
    score: float = 1.0
    login: str
    """The authenticated identity (RFC 4954)."""

    address: Address | None
    """The address that was used; `None`: what stands there cannot be read as one."""

    where: Literal["envelope", "from", "sender"]
    """MAIL FROM, or the header field (RFC 5322 §3.6.2)."""

    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLike:
    """Text or a file looks like a list of people, whoever they are; no list was asked."""

    code: Literal["content.list_like"] = "content.list_like"
    score: float = 1.0
    file: str
    """Attachment name; empty for the text of the mail."""

    rows: int = 0
    """Different rows below headers like 氏名, 電話, Address."""

    columns: tuple[str, ...] = ()
    """What such headers announce: ``name``, ``phone``, as columns of a list are called."""

    emails: int = 0
    """Different e-mail addresses; of a text without those of the mail's people and of ours."""

    phones: int = 0
    """Different telephone numbers."""

    lines: int = 0
    """Different lines of one shape: a name beside an address or a number, say."""

    places: tuple[str, ...] = ()
    """Where they stand, for people; never a value."""

    recipient: None = None

    @property
    def count(self) -> int:
        """The most that any of its signs counts, which is what policies compare with."""
        return max(self.rows, self.emails, self.phones, self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedNumbers:
    """Text or a file carries numbers that the law or a contract protects. Never a number itself."""

    code: Literal["content.numbers"] = "content.numbers"
    score: float = 1.0
    file: str
    """Attachment name; empty for the text of the mail."""

    kind: Literal["my_number", "card"]
    """The individual number of Japan (個人番号), or that of a payment card."""

    count: int
    """Different numbers whose check digit is right."""

    places: tuple[str, ...] = ()
    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Text, a file or its name is marked as confidential."""

    code: Literal["content.mark"] = "content.mark"
    score: float = 1.0
    file: str
    """Attachment name; empty for the mail itself."""

    marks: tuple[str, ...]
    """Each once, in the spelling of our table: ``社外秘``, ``STRICTLY CONFIDENTIAL``."""

    places: tuple[str, ...]
    """Where they stand: ``file name``, ``subject``, ``footer``, ``page 2, line 1``."""

    recipient: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorFailed:
    """A detector crashed: nobody knows what it would have found."""

    code: Literal["detector.failed"] = "detector.failed"
    score: float = 1.0
    detector: str
    error: str
    """Class of the exception; its text could carry content, so it is left out."""

    recipient: None = None


Finding = (
    Lookalike
    | CustomerRows
    | WrongFile
    | Unread
    | Greeting
    | OtherCompany
    | SenderNotTheirs
    | ListLike
    | ProtectedNumbers
    | Mark
    | DetectorFailed
)
"""Every kind. All have `code`, `score` and `recipient` (`None`: the whole message)."""

FINDINGS: Final[TypeAdapter[tuple[Finding, ...]]] = TypeAdapter(
    tuple[Annotated[Finding, Field(discriminator="code")], ...]
)
"""To and from JSON, for the store and for ``--json``."""


def rows_in(findings: Iterable[Finding]) -> list[str]:
    """Say for the audit which rows of which lists are in a message; nothing where there is none."""
    return sorted({found.record for found in findings if isinstance(found, CustomerRows)})
