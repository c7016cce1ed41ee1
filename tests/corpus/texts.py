"""Text in every encoding that Japanese offices still use, and formats that are text."""

import csv
import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tests.corpus.planted import Case, Plant

_ENCODINGS: Final[tuple[tuple[str, str, bytes], ...]] = (
    ("cp932", "cp932", b""),
    ("eucjp", "euc_jis_2004", b""),
    ("iso2022jp", "iso2022_jp_ext", b""),
    ("utf8", "utf-8", b""),
    ("utf8-bom", "utf-8", b"\xef\xbb\xbf"),
    ("utf16le-bom", "utf-16-le", b"\xff\xfe"),
    ("utf16be-bom", "utf-16-be", b"\xfe\xff"),
    ("utf16le", "utf-16-le", b""),
    ("utf16be", "utf-16-be", b""),
    ("utf7", "utf-7", b""),
    ("utf32le-bom", "utf-32-le", b"\xff\xfe\0\0"),
    ("gb18030", "gb18030", b""),
)
_NARROW: Final = str.maketrans({"髙": "高", "﨑": "崎"})
"""Letters that ISO-2022-JP and EUC-JP have no place for."""


def encoded_csv(path: Path, plant: Plant, *, encoding: str, mark: bytes) -> None:
    """A list of customers, as a spreadsheet saves it."""
    narrow = encoding.startswith(("iso2022", "euc"))
    people = plant.rows(
        "text", 20,
        strings=lambda each: (each.name.translate(_NARROW) if narrow else each.name, each.email, each.phone),
    )  # fmt: skip
    target = io.StringIO()
    csv.writer(target).writerows(
        [["氏名", "カナ", "メール", "電話"], *(each.cells for each in people)]
    )
    text = target.getvalue().translate(_NARROW) if narrow else target.getvalue()
    path.write_bytes(mark + text.encode(encoding))


def tab_separated(path: Path, plant: Plant) -> None:
    """Fields parted by tabs, lines by CR alone, as old Macintosh programs did."""
    rows = ["\t".join(each.cells) for each in plant.rows("text", 12)]
    path.write_bytes("\r".join(rows).encode("cp932"))


def json_escaped(path: Path, plant: Plant) -> None:
    """JSON in ASCII, everything else as ``\\uXXXX``."""
    people = plant.rows("escaped text", 12)
    path.write_text(json.dumps([each.cells for each in people]), "ascii")


def json_lines(path: Path, plant: Plant) -> None:
    """One object a line, UTF-8."""
    lines = [
        json.dumps({"name": each.name, "mail": each.email, "tel": each.phone}, ensure_ascii=False)
        for each in plant.rows("text", 12)
    ]
    path.write_text("\n".join(lines), "utf-8")


def xml(path: Path, plant: Plant, *, encoding: str) -> None:
    """Elements and attributes, in a declared encoding."""
    inner = "".join(
        f"<customer tel={json.dumps(each.phone)} mail={json.dumps(each.email)}><name>{escape(each.name)}</name></customer>"
        for each in plant.rows("elements and attributes", 12)
    )
    comment = plant.line("comment")
    text = f'<?xml version="1.0" encoding="{encoding}"?><list><!-- {comment} -->{inner}</list>'
    path.write_bytes(text.encode(encoding))


def vcard(path: Path, plant: Plant, *, version: str) -> None:
    """Cards: 2.1 in quoted-printable as telephones write it, 3.0 folded in UTF-8."""
    cards = []
    for each in plant.rows("cards", 12):
        if version == "2.1":
            name = "".join(f"={octet:02X}" for octet in each.name.encode("utf-8"))
            field = f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{name}"
        else:
            field = f"FN:{each.name}"
        lines = [
            "BEGIN:VCARD",
            f"VERSION:{version}",
            field,
            f"EMAIL:{each.email}",
            f"TEL:{each.phone}",
            "END:VCARD",
        ]
        cards += lines if version == "2.1" else [_fold(line) for line in lines]
    path.write_bytes("\r\n".join(cards).encode("utf-8"))


def calendar(path: Path, plant: Plant) -> None:
    """Events with a long description, folded at 30 characters."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//corpus//EN"]
    for each in plant.rows("folded lines", 10):
        lines += [
            "BEGIN:VEVENT",
            _fold(f"DESCRIPTION:打合せ {each.line}"),
            f"ATTENDEE:mailto:{each.email}",
            "END:VEVENT",
        ]
    path.write_bytes("\r\n".join([*lines, "END:VCALENDAR"]).encode("utf-8"))


def _fold(line: str) -> str:
    return "\r\n ".join(line[at : at + 30] for at in range(0, len(line), 30))


def web_page(path: Path, plant: Plant, *, encoding: str) -> None:
    """A page with text where browsers show none."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in each.cells) + "</tr>"
        for each in plant.rows("table", 10)
    )
    digits = "".join(f"&#{ord(letter)};" for letter in plant.line("character references"))
    torn = "".join(f"<b>{html.escape(letter)}</b>" for letter in plant.line("split runs"))
    hidden = plant.line("hidden text")
    text = (
        f'<!DOCTYPE html><html><head><meta charset="{encoding}"><title>{plant.line("title")}</title>'
        f'<meta name="description" content="{plant.line("meta element")}"></head><body>'
        f"<table>{rows}</table><p>{digits}</p><p>{torn}</p><!-- {plant.line('comment')} -->"
        f'<div style="display:none">{hidden}</div><img alt="{plant.line("alternative text")}">'
        f'<input type="hidden" value="{plant.line("form value")}">'
        f"<script>var who = {json.dumps(plant.line('script'), ensure_ascii=False)};</script></body></html>"
    )
    path.write_bytes(text.encode(encoding, "xmlcharrefreplace"))


def _case(file: str, kind: str, build, **more) -> Case:
    return Case(file=f"python/{file}", format=kind, producer="Python", build=build, **more)


def cases() -> Iterator[Case]:
    """What this module makes."""
    for name, encoding, mark in _ENCODINGS:
        yield _case(
            f"customers-{name}.csv", "csv",
            lambda path, plant, encoding=encoding, mark=mark: encoded_csv(path, plant, encoding=encoding, mark=mark),
            proof=encoding not in {"utf-7", "utf-32-le", "gb18030", "iso2022_jp_ext"},
        )  # fmt: skip
    yield _case("customers-mac.tsv", "tsv", tab_separated)
    yield _case("customers.json", "json", json_escaped)
    yield _case("customers.jsonl", "json", json_lines)
    for version in ("2.1", "3.0"):
        yield _case(
            f"cards-{version}.vcf", "vcf",
            lambda path, plant, version=version: vcard(path, plant, version=version), proof=False,
        )  # fmt: skip
    yield _case("events.ics", "ics", calendar, proof=False)
    for encoding in ("utf-8", "cp932", "euc_jp"):
        declared = {"cp932": "Shift_JIS", "euc_jp": "EUC-JP"}.get(encoding, encoding)
        yield _case(
            f"page-{declared.lower()}.html", "html",
            lambda path, plant, name=declared: web_page(path, plant, encoding=name), proof=False,
        )  # fmt: skip
    for encoding in ("utf-8", "utf-16", "cp932"):
        yield _case(
            f"customers-{encoding}.xml", "xml",
            lambda path, plant, name=encoding: xml(path, plant, encoding=name), proof=False,
        )  # fmt: skip
