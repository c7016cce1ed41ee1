"""Forms in which Western rows leak, beside those that programs write."""
# ruff: noqa: E501 -- forms and tables, each best read on one line

from random import Random
from typing import Final
from unicodedata import combining, normalize

from tests.bench.rows.forms import Form, each, made_up, shared, torn
from tests.bench.rows.people import EXPANDED, Person

MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def prose(p: Person, rng: Random) -> str:
    """Write a sentence about somebody."""
    return (
        f"{made_up(rng, 'This morning', 'After lunch', 'On Friday')} {p.first} {p.last} called and asked "
        f"to be called back on {p.tel}, {made_up(rng, 'preferably today', 'as soon as possible')}. "
    )


def signature(p: Person, rng: Random) -> str:
    """Write a signature below a mail."""
    role = made_up(rng, "Sales", "Account Manager", "Head of Purchasing")
    return (
        f"-- \n{p.first} {p.last}\n{role}\nTel.: {international(p)}\n"
        f"Fax: +{p.country} 30 {rng.randrange(10**6, 10**7)}\nE-Mail: {p.email}"
    )


def label(p: Person, _: Random) -> str:
    """Write an address label over three lines."""
    return f"{p.first} {p.last}\n{p.block[0]} {p.street}\n{p.town} {p.postcode}\n"


def international(p: Person) -> str:
    """Write a phone number for people abroad."""
    return f"+{p.country} {p.phone[0][1:]} {p.phone[1]} {p.phone[2]}".rstrip()


def long_date(p: Person) -> str:
    """Write a birthday as Americans say it."""
    return f"{MONTHS[p.born.month - 1]} {p.born.day}, {p.born.year}"


def bare(text: str) -> str:
    """Leave out what stands above letters."""
    return "".join(c for c in normalize("NFD", text) if not combining(c)).replace("ß", "ss")


def _together(p: Person) -> str:
    return "".join(p.phone)


def _umlaut(p: Person) -> bool:
    return not p.last.isascii()


def _double(p: Person) -> bool:
    return "-" in p.last


FORMS: Final[tuple[Form, ...]] = (
    *shared("en"),
    each("address label, three lines", label),
    each("address in one line", lambda p, _: f"{p.name}, {p.address}, {p.postcode}"),
    each("signature", signature, between="\n\n"),
    each("January 5, 1980; name, phone", lambda p, _: f"{p.name}, born {long_date(p)}, {p.tel}"),
    each(
        "5 Jan 80; name, phone",
        lambda p, _: (
            f"{p.name} ({p.born.day} {MONTHS[p.born.month - 1][:3]} {p.born.year}) {p.tel}"
        ),
    ),
    each(
        "phone with an extension",
        lambda p, rng: f"{p.name} {p.tel} ext. {rng.randrange(100, 9999)}",
    ),
    each("phone with x123", lambda p, rng: f"{p.name} {p.tel} x{rng.randrange(100, 999)}"),
    each(
        "Mr or Ms surname and phone",
        lambda p, rng: f"- {rng.choice(('Mr', 'Ms', 'Dr.'))} {p.last}: {p.tel}",
    ),
    each(
        "Dear Mr, phone below",
        lambda p, _: f"Dear Mr {p.last},\n\nplease confirm your number:\n{p.tel}\n",
    ),
    each("running text", prose, between=""),
    each("quoted, broken every 35 letters", lambda p, rng: torn(prose(p, rng), 35)),
    each("surname <e-mail>", lambda p, _: f"{p.last} <{p.email}>"),
    each(
        "Surname, First <e-mail>", lambda p, _: f'"{p.last}, {p.first}" <{p.email}>', between=",\n "
    ),
    each("TEL: FAX:", lambda p, rng: f"{p.name} TEL:{p.tel} FAX:020 1{rng.randrange(100)} 0000"),
    each("+44", lambda p, _: f"{p.name} {international(p)}"),
    each(
        "+44 (0)",
        lambda p, _: f"{p.name} +{p.country} (0){p.phone[0][1:]} {p.phone[1]}{p.phone[2]}",
    ),
    each("0044", lambda p, _: f"{p.name} 00{p.country}{_together(p)[1:]}"),
    each("(020) 1234", lambda p, _: f"{p.name} ({p.phone[0]}) {p.phone[1]} {p.phone[2]}"),
    each("020/1234-5", lambda p, _: f"{p.name} {p.phone[0]}/{p.phone[1]}-{p.phone[2]}".rstrip("-")),
    each("phone with dots", lambda p, _: f"{p.name} {'.'.join(filter(None, p.phone))}"),
    each("phone without separators", lambda p, _: f"{p.name}\t{_together(p)}"),
    each("phone that lost its 0", lambda p, _: f"{p.last},{p.first},{_together(p)[1:]}"),
    each("upper case throughout", lambda p, _: f"{p.name} {p.email} {p.tel}".upper()),
    each("Surname, First; phone", lambda p, _: f"{p.last}, {p.first}; {p.tel}"),
    each(
        "middle initial, phone",
        lambda p, rng: f"{p.first} {rng.choice('ABEKLM')}. {p.last} {p.tel}",
    ),
    each(
        "middle name, e-mail",
        lambda p, rng: (
            f"{p.first} {made_up(rng, 'Anne', 'Lee', 'Marie', 'John')} {p.last} {p.email}"
        ),
    ),
    each("initial, surname, phone", lambda p, _: f"{p.first[0]}. {p.last} {p.tel}"),
    each(
        "double surname, no hyphen",
        lambda p, _: f"{p.name.replace('-', ' ')} {p.tel}",
        only=_double,
    ),
    each(
        "first half of a double surname",
        lambda p, _: f"{p.first} {p.last.partition('-')[0]} {p.tel}",
        only=_double,
    ),
    each("ä as ae", lambda p, _: f"{p.name.translate(EXPANDED)} {p.tel}", only=_umlaut),
    each("ä as a", lambda p, _: f"{bare(p.name)} {p.tel}", only=_umlaut),
    each("ä decomposed (NFD)", lambda p, _: f"{normalize('NFD', p.name)} {p.tel}", only=_umlaut),
    each("name and birthday", lambda p, _: f"{p.name} {p.born.day}.{p.born.month}.{p.born.year}"),
    each("birthday m/d/y, name, postcode", lambda p, _: f"{p.name} {p.born:%m/%d/%Y} {p.postcode}"),
    each("id and surname", lambda p, _: f"{p.id} {p.last}"),
    each("id and birthday", lambda p, _: f"{p.id}: {p.born:%Y%m%d}"),
    each("address and birthday, no name", lambda p, _: f"{p.address} / {long_date(p)}"),
    each("names only", lambda p, _: p.name, expected="nothing"),
)
