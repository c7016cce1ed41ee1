"""What a form is: one way in which rows of a list stand in mail."""

import io
import json
from collections.abc import Callable, Sequence
from csv import writer
from dataclasses import dataclass
from random import Random
from typing import Final, Literal
from urllib.parse import urlencode

from tests.bench.rows.people import HEADERS, Person, cells

Expected = Literal["rows", "e-mail", "nothing"]
"""
What should come of it: its rows; its addresses alone, which are counted apart; or nothing, because
whoever writes so keeps nothing of the list that is written as it stands there.
"""

Line = Callable[[Person, Random], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write rows."""

    name: str
    write: Callable[[Sequence[Person], Random], str]
    expected: Expected = "rows"
    only: Callable[[Person], bool] = lambda _: True
    """Whom it is measured with, where it makes no difference to others."""


def each(
    name: str,
    line: Line,
    *,
    between: str = "\n",
    before: str = "",
    after: str = "",
    expected: Expected = "rows",
    only: Callable[[Person], bool] = lambda _: True,
) -> Form:
    """Give the form that writes one person after the other."""

    def write(people: Sequence[Person], rng: Random) -> str:
        return before + between.join(line(person, rng) for person in people) + after

    return Form(name=name, write=write, expected=expected, only=only)


def table(
    name: str, language: str, *, delimiter: str, quoted: bool = False, header: bool = True
) -> Form:
    """Give the form of a file with delimiters."""

    def write(people: Sequence[Person], _: Random) -> str:
        text = io.StringIO()
        lines = writer(text, delimiter=delimiter, quoting=1 if quoted else 0, lineterminator="\r\n")
        if header:
            lines.writerow(HEADERS[language])
        lines.writerows(map(cells, people))
        return text.getvalue()

    return Form(name=name, write=write)


def made_up(rng: Random, *words: str) -> str:
    """Give a column that is not in the list."""
    return rng.choice(words)


def torn(text: str, width: int, start: str = "> ") -> str:
    """Break a text after so many letters, wherever that is, as mail that is quoted is broken."""
    return "\n".join(
        start + line[place : place + width]
        for line in text.splitlines()
        for place in range(0, max(len(line), 1), width)
    )


def shared(language: str) -> tuple[Form, ...]:  # noqa: C901 -- a list of small forms
    """Give the forms that no language writes otherwise: those that programs write."""
    header = HEADERS[language]

    def fields(person: Person) -> list[tuple[str, str]]:
        return list(zip(header, cells(person), strict=True))

    def reordered(person: Person, rng: Random) -> str:
        row = cells(person)[::-1]
        row.insert(2, f"{rng.randrange(1_000_000):,}")
        row.insert(4, made_up(rng, "A", "B", "VIP", "-"))
        return "\t".join(row)

    def markdown(person: Person, _: Random) -> str:
        return "| " + " | ".join(cells(person)) + " |"

    def html_source(person: Person, rng: Random) -> str:
        inner = "".join(
            f'<td style="width:{rng.randrange(40, 200)}px">{c}</td>' for c in cells(person)
        )
        return f'<tr class="row">{inner}</tr>'

    def log(person: Person, rng: Random) -> str:
        return (
            f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T{rng.randrange(24):02}:"
            f"{rng.randrange(60):02}:07.{rng.randrange(1000):03}Z INFO crm.update "
            f'req={rng.getrandbits(64):016x} cust.name="{person.name}" cust.mail={person.email} '
            f'cust.tel="{person.tel}" took_ms={rng.randrange(900)}'
        )

    def escaped(person: Person, _: Random) -> str:
        return json.dumps(dict(fields(person)))

    def as_json(person: Person, _: Random) -> str:
        return json.dumps(dict(fields(person)), ensure_ascii=False)

    def xml(person: Person, _: Random) -> str:
        inner = "".join(f"<f n='{n}'>{value}</f>" for n, value in enumerate(cells(person)))
        return f"  <customer seq='{person.number % 97}'>{inner}</customer>"

    def yaml(person: Person, _: Random) -> str:
        return "- " + "\n  ".join(f"{name}: {value}" for name, value in fields(person))

    def sql(person: Person, _: Random) -> str:
        values = ", ".join("'" + cell.replace("'", "''") + "'" for cell in cells(person))
        return f"INSERT INTO customer VALUES ({values});"  # noqa: S608 -- nobody runs it

    def fixed(person: Person, _: Random) -> str:
        return "".join(cell.ljust(30) for cell in cells(person))

    def fields_below(person: Person, _: Random) -> str:
        return "\n".join(f"{name}\n{value}" for name, value in fields(person)) + "\n"

    def diff(person: Person, rng: Random) -> str:
        return rng.choice("+-") + ",".join(cells(person))

    def percent(person: Person, _: Random) -> str:
        return "https://crm.example/new?" + urlencode({"n": person.name, "m": person.email})

    return (
        table("CSV with a header", language, delimiter=","),
        table("CSV, every cell quoted", language, delimiter=",", quoted=True),
        table("tabs, no header", language, delimiter="\t", header=False),
        table("semicolons", language, delimiter=";"),
        each("columns reversed, others between", reordered),
        each("Markdown table", markdown, before="| a |\n|---|\n"),
        each("HTML source", html_source, before="<table><tbody>", after="</tbody></table>"),
        each("HTML table as text, a cell a line", lambda p, _: "\n".join(cells(p))),
        each("log, key=value: name, mail, phone", log),
        each("JSON lines", as_json),
        each("JSON lines, \\u escapes", escaped),
        each("XML", xml, before="<list>\n", after="\n</list>"),
        each("YAML", yaml),
        each("SQL INSERT", sql),
        each("columns padded with spaces", fixed),
        each("label above value, blank line after", fields_below),
        each("diff", diff, before="@@ -1,9 +1,9 @@\n"),
        each("quoted, broken every 60 letters", lambda p, _: torn(",".join(cells(p)), 60)),
        each(
            "vCard",
            lambda p, _: (
                f"BEGIN:VCARD\nVERSION:3.0\nN:{p.last};{p.first};;;\nFN:{p.name}\n"
                f"TEL;TYPE=WORK:{p.tel}\nEMAIL:{p.email}\nEND:VCARD"
            ),
        ),
        each("name and [at]", lambda p, _: f"{p.name} {p.email.replace('@', ' [at] ')}"),
        each("taro+shop@", lambda p, _: f"{p.name} {p.email.replace('@', '+shop@')}"),
        each("URL, percent escapes", percent, expected="e-mail" if language == "ja" else "rows"),
        each("e-mail alone", lambda p, _: p.email, expected="e-mail"),
    )


ERAS: Final = ((1989, "平成", "H"), (1926, "昭和", "S"))
