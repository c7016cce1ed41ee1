"""
The values of the language as people write them: lengths of time, counts, shares, addresses.

Each is a type for `schema`. A value that is none of them raises pydantic's own error, worded here
for the person who wrote it; `wording` adds the name and the place. Each also has its shape, for
`json_schema`: what it looks like, as far as that can be seen without knowing what it means.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, NamedTuple, TypeVar

import idna
from publicsuffixlist import PublicSuffixList
from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from guard.detect.mark_words import MARKS
from guard.model.address import Address, AddressError
from guard.model.automatic import ANSWERS, Automatic
from guard.model.calendar import Wait, zone_named
from guard.model.extract import Family, Reason
from guard.model.verdict import Action, Confirm
from guard.policy import suggest
from guard.policy.globs import Glob
from guard.policy.phrases import Phrase
from guard.policy.shapes import Nothing, Several, any_of, choice, count, like
from guard.policy.suggest import YOU_WROTE
from guard.problems import did_you_mean, short

Word = TypeVar("Word")
Language = Literal["ja", "en"]

WRONG: Final = "guard"
"""Type of the errors that are worded here."""


def wrong(message: str, hint: str = YOU_WROTE, *, key: str | int = "") -> PydanticCustomError:
    """Make an error; *key* names the setting, or the item, of the value that it is about."""
    return PydanticCustomError(WRONG, "{message}", {"message": message, "hint": hint, "key": key})


def not_choice(value: object, words: Iterable[str], *, key: str | int = "") -> PydanticCustomError:
    """Make the error for a word that is none of *words*."""
    words = list(words)
    says = f'"{short(value)}" is not one of {", ".join(words)}'
    return wrong(says, did_you_mean(str(value), words), key=key)


class Hours(NamedTuple):
    """A stretch of the day, from the first minute to before the last; it may go past midnight."""

    begin: str
    """``HH:MM``"""

    end: str

    def cover(self, clock: str) -> bool:
        """Whether a time of day, ``HH:MM``, is within."""
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def __str__(self) -> str:
        return f"{self.begin}-{self.end}"


_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_DURATION = re.compile(rf"(\d{{1,6}}) ({'|'.join(_UNITS)})s?", re.ASCII)
_WORKING = re.compile(r"(\d{1,4}) working (hour|day)s?", re.ASCII)
_LENGTHS = 'write a length of time like "30 seconds", "15 minutes", "24 hours" or "400 days"'
_WAITS = (
    'write a length of time like "15 minutes", "24 hours", "24 working hours" or "2 working days"'
)


def _duration(value: object) -> timedelta:
    if isinstance(value, str):
        if found := _DURATION.fullmatch(value):
            return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        if _WORKING.fullmatch(value):
            raise wrong("working time only counts for if_no_answer and remind_after")
    raise wrong(_LENGTHS, suggest.length(value))


def _wait(value: object) -> Wait:
    if isinstance(value, str) and (found := _WORKING.fullmatch(value)):
        count = int(found[1])
        if found[2] == "day":
            return Wait(working_days=count)
        return Wait(working=timedelta(hours=count))
    try:
        return Wait(length=_duration(value))
    except PydanticCustomError:
        raise wrong(_WAITS, suggest.length(value)) from None


def _counted(noun: str) -> Callable[[object], int]:
    pattern = re.compile(rf"(\d{{1,9}})(?: {noun}s?)?", re.ASCII)

    def counted(value: object) -> int:
        found = None if isinstance(value, bool) else pattern.fullmatch(str(value))
        if found is None:
            raise wrong(f'write a count like "5 {noun}s"', suggest.count(value, noun))
        if int(found[1]) == 0:
            raise wrong("must be 1 or more")
        return int(found[1])

    return counted


def _share(low: float, high: float) -> Callable[[object], float]:
    def share(value: object) -> float:
        found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?) percent", str(value), re.ASCII)
        if found is None:
            raise wrong('write a share like "0.3 percent"', suggest.share(value))
        if not low <= float(found[1]) <= high:
            raise wrong(f"must be between {low:g} and {high:g} percent")
        return float(found[1]) / 100

    return share


def _between(low: int, high: int) -> Callable[[object], int]:
    def between(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            message = f"write a whole number between {low} and {high}"
            raise wrong(message, suggest.number(value))
        if not low <= value <= high:
            raise wrong(f"must be between {low} and {high}")
        return value

    return between


def _choice(words: Mapping[str, Word]) -> Callable[[object], Word]:
    def choose(value: object) -> Word:
        if not isinstance(value, str) or value not in words:
            raise not_choice(value, words)
        return words[value]

    return choose


def one_of(*allowed: str) -> Callable[[object], str]:
    """Make a validator that takes just these words."""
    return _choice({word: word for word in allowed})


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong("write true or false", suggest.yes_or_no(value))
    return value


def _yes(value: object) -> bool:
    if value is not True:
        raise wrong("write true, or leave the line out")
    return True


def _line(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("write some words")
    return value.strip()


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value):
        raise wrong('write a name of letters, digits and "-", like "customer-rows"')
    return value


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError as error:
        raise wrong("there is no such day") from error
    raise wrong('write a day like "2027-03-31"', suggest.day(value))


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _domain(value: object) -> str:
    if not isinstance(value, str):
        raise wrong('write a domain like "example.co.jp"')
    try:
        domain = Address.parse(f"x@{value}").domain
    except AddressError as error:
        bare = re.sub(r"^[a-z]+://|/.*$", "", value).lstrip("@*.").rstrip(".")
        hint = f'write "{bare}"; what stands below it counts too' if bare != value else YOU_WROTE
        raise wrong('write a domain like "example.co.jp"', hint) from error
    if "." in domain and _public_suffixes().is_public(domain):
        raise wrong(f"{domain} is shared by many organisations; write your own domain")
    return domain


def _address(value: object) -> Address:
    try:
        return Address.parse(value if isinstance(value, str) else "")
    except AddressError as error:
        raise wrong('write an address like "sales@example.co.jp"') from error


def _time_zone(value: object) -> str:
    try:
        return zone_named(str(value)).key
    except ValueError as error:
        raise wrong(str(error), suggest.time_zone(value)) from error


def _columns(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\w+( ?\+ ?\w+)*", value):
        raise wrong(
            'write a column like "email", or columns that only count together: "name+company"'
        )
    return value.replace(" ", "")


def _reasons(value: object) -> frozenset[Reason]:
    if value is True:
        return frozenset(Reason)
    if not value or not isinstance(value, str | list):
        raise wrong("write true, or the reasons that count, like [encrypted, corrupt]")
    for number, word in enumerate(_several(value)):
        if word not in (words := [reason.value for reason in Reason]):
            raise not_choice(word, words, key=number)
    return frozenset(Reason(str(word)) for word in _several(value))


def _marks(value: object) -> frozenset[str]:
    if value is True:
        return frozenset(MARKS)
    if not value or not isinstance(value, str | list):
        raise wrong("write true, or the marks that count, like [社外秘, CONFIDENTIAL]")
    for number, word in enumerate(_several(value)):
        if word not in MARKS:
            near = did_you_mean(str(word), MARKS)
            says = f'"{short(word)}" is none of the marks that are looked for'
            raise wrong(says, near, key=number)
    return frozenset(map(str, _several(value)))


def _answers(value: object) -> Automatic:
    if value in {Automatic.BULK, Automatic.GENERATED}:
        raise wrong(
            "anybody can write the header that says so, over any content",
            f'write it as an exception of a rule: "mail: {value}", and "from:"',
        )
    return _choice({kind.value: kind for kind in Automatic if kind in ANSWERS})(value)


def _if_no_answer(value: object) -> str:
    if value == "send":
        raise wrong("a held mail never leaves without a person's word", "write give_back or keep")
    return one_of(*_ANSWERS)(value)


def _glob(value: object) -> Glob:
    return Glob(_line(value))


def _address_glob(value: object) -> Glob:
    text = _line(value)
    if several := suggest.addresses(text):
        raise wrong("this is more than one address", f"write a list: [{', '.join(several)}]")
    if named := re.search(r"<([^<>\s]+@[^<>\s]+)>", text):
        raise wrong("write the address alone", f'write "{named[1]}"')
    if plain := suggest.no_expression(text):
        raise wrong("* alone stands for any characters here", suggest.rather(plain))
    if re.search(r"\s", text):
        raise wrong("no address has a space in it")
    if "@" not in text and "*" not in text:
        raise wrong("this is no address", f'for a whole domain: "*@{text}"')
    local, at, domain = text.rpartition("@")
    if domain.endswith("."):
        raise wrong("no address ends in a dot", f'write "{text.rstrip(".")}"')
    # As `Address.domain`: whichever way a label is written, it is the same domain.
    return Glob(local + at + ".".join(_u_label(label) for label in domain.split(".")))


def _u_label(label: str) -> str:
    """Give a label of an internationalised domain as people read it (RFC 5890)."""
    coded = not label.isascii() or label.lower().startswith("xn--")
    if not coded or not {"*", "?"}.isdisjoint(label):
        return label
    try:
        return idna.decode(idna.encode(label, uts46=True))
    except idna.IDNAError as error:
        raise wrong("this is no internationalised domain (RFC 5891)") from error


def _phrase(value: object) -> Phrase:
    phrase = _line(value)
    if not phrase.strip("*? "):
        raise wrong("this would be found in every text", "write at least one letter")
    return Phrase(phrase)


def _party(value: object) -> Glob | str:
    """Read an address with * and ?, or the name of a group."""
    if isinstance(value, str) and not {"@", "*"}.isdisjoint(value):
        return _address_glob(value)
    try:
        return _name(value)
    except PydanticCustomError:
        raise wrong('write an address like "*@partner.example", or the name of a group') from None


_CLOCK: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN: Final = re.compile(rf"({_CLOCK})-({_CLOCK}|24:00)", re.ASCII)


def _hours(value: object) -> Hours:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1] == found[2]:
        raise wrong('write hours like "18:00-08:00"')
    return Hours(found[1], found[2])


def _several(value: object) -> list[object]:
    """Let one value stand for a list of one."""
    return value if isinstance(value, list) else [value]


_SOME_WORDS: Final = r"\S"
_A_LENGTH: Final = "[0-9]{1,6} (second|minute|hour|day)s?"
_SHARE_SHAPE: Final = like("0.3 percent", pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})? percent$")
_GLOB_SHAPE: Final = like("*@partner.example", "sato@*", pattern=r"^\s*(?=\S*[@*])\S*[^\s.]\s*$")
_ACTIONS: Final = {action.word: action for action in Action}
_RUNGS: Final = {rung.word: rung for rung in Confirm}
_ANSWERS: Final = ("give_back", "keep")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FAMILIES: Final = {family.value: family for family in Family}
_AUTOMATIC: Final = {kind.value: kind for kind in Automatic}
_ALIKE: Final = ("letters", "address", "name")

Duration = Annotated[
    timedelta, BeforeValidator(_duration), like("15 minutes", "400 days", pattern=f"^{_A_LENGTH}$")
]
WaitingTime = Annotated[
    Wait,
    PlainValidator(_wait),
    like(
        "15 minutes",
        "24 working hours",
        pattern=f"^({_A_LENGTH}|[0-9]{{1,4}} working (hour|day)s?)$",
    ),
]
HoldOnly = Annotated[
    str, BeforeValidator(one_of("doubtful_recipients")), choice(["doubtful_recipients"])
]
Whose = Annotated[
    str, BeforeValidator(one_of("likely", "possible")), choice(["likely", "possible"])
]
Rows = Annotated[int, BeforeValidator(_counted("row")), count("row")]
Domains = Annotated[int, BeforeValidator(_counted("domain")), count("domain")]
Recipients = Annotated[int, BeforeValidator(_counted("recipient")), count("recipient")]
Numbers = Annotated[int, BeforeValidator(_counted("number")), count("number")]
Times = Annotated[int, BeforeValidator(_counted("time")), count("time")]
Marks = Annotated[frozenset[str], PlainValidator(_marks), any_of(MARKS)]
Budget = Annotated[float, BeforeValidator(_share(0.01, 5)), _SHARE_SHAPE]
Percent = Annotated[float, BeforeValidator(_share(0, 100)), _SHARE_SHAPE]
Closeness = Annotated[
    int,
    BeforeValidator(_between(50, 100)),
    WithJsonSchema({"type": "integer", "minimum": 50, "maximum": 100}),
]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Yes = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"const": True})]
Line = Annotated[str, BeforeValidator(_line), like(pattern=_SOME_WORDS)]
Name = Annotated[
    str, BeforeValidator(_name), like("customer-rows", pattern="^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    like("2027-03-31", pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
]
Domain = Annotated[
    str, BeforeValidator(_domain), like("example.co.jp", pattern=r"^[^@*\s/]*[^@*\s/.]$")
]
Mailbox = Annotated[
    Address, PlainValidator(_address), like("sales@example.co.jp", pattern=r"^[\s\S]+@[^@\s]+$")
]
TimeZone = Annotated[
    str, BeforeValidator(_time_zone), like("Asia/Tokyo", "UTC", pattern="^[A-Za-z0-9_+/-]+$")
]
Columns = Annotated[
    str,
    BeforeValidator(_columns),
    like("email", "name+company", pattern=r"^[^\s+]+( ?\+ ?[^\s+]+)*$"),
]
Reasons = Annotated[
    frozenset[Reason], PlainValidator(_reasons), any_of(reason.value for reason in Reason)
]
Phrases = Annotated[Phrase, PlainValidator(_phrase), like("見積", "price list", pattern="[^*? ]")]
Party = Annotated[
    Glob | str,
    PlainValidator(_party),
    like("*@partner.example", "sales-team", pattern=r"^\s*\S*[^\s.]\s*$"),
]
DayHours = Annotated[
    Hours, PlainValidator(_hours), like("18:00-08:00", pattern=f"^{_CLOCK}-({_CLOCK}|24:00)$")
]
Weekday = Annotated[str, BeforeValidator(one_of(*_DAYS)), choice(_DAYS)]
Kind = Annotated[Family, PlainValidator(_choice(_FAMILIES)), choice(_FAMILIES)]
Mail = Annotated[Automatic, PlainValidator(_choice(_AUTOMATIC)), choice(_AUTOMATIC)]
Answers = Annotated[Automatic, PlainValidator(_answers), choice(sorted(ANSWERS))]
Alike = Annotated[str, BeforeValidator(one_of(*_ALIKE)), choice(_ALIKE)]
FileGlob = Annotated[Glob, PlainValidator(_glob), like("*.xlsx", pattern=_SOME_WORDS)]
AddressGlob = Annotated[Glob, PlainValidator(_address_glob), _GLOB_SHAPE]
Then = Annotated[Action, PlainValidator(_choice(_ACTIONS)), choice(_ACTIONS)]
Rung = Annotated[Confirm, PlainValidator(_choice(_RUNGS)), choice(_RUNGS)]
IfNoAnswer = Annotated[str, BeforeValidator(_if_no_answer), choice(_ANSWERS)]
Mode = Annotated[str, BeforeValidator(one_of("watch", "hold")), choice(["watch", "hold"])]
SEVERAL: Final = Several()
OR_NOTHING: Final = Nothing()
