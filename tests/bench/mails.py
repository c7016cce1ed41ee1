"""The mails that are sent, and the files in them: all invented, all made before the clock runs."""
# ruff: noqa: S311 -- nothing here is secret

import email.policy
import io
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from random import Random
from typing import Final

import openpyxl

from tests.bench.people import company, local_part, person
from tests.unit.lists import crowd

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARK: Final = "MARK-0000000"
"""Stands in a template, and is what differs between two copies of it."""

LINE: Final = 57
"""Octets that make one line of base64."""


def contacts(seed: int, count: int) -> list[tuple[str, str, str]]:
    """Invent people: name, company and address, no address twice."""
    rng = Random(seed)
    homes = [(company(rng, japanese=n % 2 == 0), n % 11) for n in range(max(4, count // 8))]
    found: dict[str, tuple[str, str, str]] = {}
    while len(found) < count:
        number = rng.randrange(len(homes))
        domain, habit = homes[number]
        who = person(rng, japanese=number % 2 == 0)
        # Half of a large crowd would share an address without a number.
        mark = "" if count < 5_000 else str(rng.randrange(1_000))
        address = f"{local_part(who, rng, habit)}{mark}@{domain}"
        who.addresses = [address]
        found[address] = (who.name(rng), domain.split(".")[0], address)
    return list(found.values())


def letter(name: str, recipient: str, sender: str, size_bytes: int) -> bytes:
    """An ordinary mail of about so many octets: a letter, and below it what was written before."""
    latest, *before = crowd.innocent(11, 40)
    text = latest.partition("\n\n")[2]
    greeting = f"Dear {name}," if name.isascii() else f"{name}様"
    body = f"{greeting}\n\n{text}\n"
    for text in before:
        body += "".join(f"> {line}\n" for line in text.splitlines())
    # Its text goes over the wire in base64, four octets for three.
    octets = body.replace("\n", "\r\n").encode()[: size_bytes * 3 // 4 - 350]
    text = octets.decode("utf-8", "ignore").encode() + b"\r\n"
    message = _message(recipient, sender)
    message.set_content(
        text + b" " * (-len(text) % LINE) + _mark_line(0),
        maintype="text",
        subtype="plain",
        cte="base64",
        params={"charset": "utf-8"},
    )
    return bytes(message)


def letter_with(recipient: str, sender: str, name: str, octets: bytes, kind: str) -> bytes:
    """A short mail with a file."""
    message = _message(recipient, sender)
    message.set_content("資料をお送りします。\n")
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return bytes(message)


def numbered(mail: bytes, number: int) -> bytes:
    """Give *mail* with another Message-ID, and another line in its text or picture: a new mail."""
    return mail.replace(MARK.encode(), _mark(number)).replace(
        b64encode(_mark_line(0)), b64encode(_mark_line(number))
    )


def picture(size_bytes: int) -> bytes:
    """So many octets that say they are a photograph: nobody finds text in them."""
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01".ljust(LINE, b"\x00") + _mark_line(0)
    return start + Random(7).randbytes(size_bytes - len(start))


def workbook(rows: int, seed: int = 3) -> bytes:
    """A workbook of invented orders in which `MARK` stands once."""
    rng = Random(seed)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["注文番号", "品名", "数量", "金額", "備考", MARK])
    for number in range(rows):
        note = "".join(rng.choices("あいうえおかきくけこさしすせそ会議見積納品部品", k=12))
        sheet.append(
            [
                f"O-{number:05}",
                f"部品{rng.randrange(900)}",
                rng.randrange(1, 99),
                rng.random(),
                note,
            ]
        )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def copies(template: bytes, first: int) -> Iterator[bytes]:
    """Give the same workbook with another mark each time, from number *first* on: no two alike."""
    with zipfile.ZipFile(io.BytesIO(template)) as source:
        parts = {info.filename: source.read(info) for info in source.infolist()}
    (home,) = [name for name, octets in parts.items() if MARK.encode() in octets]
    number = first
    while True:
        number += 1
        yield zipped(parts | {home: parts[home].replace(MARK.encode(), _mark(number))})


def document(paragraphs: int) -> bytes:
    """A word processor's document, as small as one can be."""
    texts = crowd.innocent(5, max(2, paragraphs))
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts[:paragraphs])
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType='
                '"application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                b'<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats'
                b'.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
            ),
            "word/document.xml": (
                '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
                f"<w:body>{body}</w:body></w:document>"
            ).encode(),
        }
    )


def table(rows: int) -> bytes:
    """A CSV file of invented people, none of them a customer of the other modules."""
    people = crowd.japanese(8, rows)
    lines = [",".join(crowd.JAPANESE_HEADERS), *(",".join(crowd.cells(p)) for p in people)]
    return ("\r\n".join(lines) + "\r\n").encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    """Pack named octets."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, octets in parts.items():
            target.writestr(name, octets)
    return file.getvalue()


def _mark(number: int) -> bytes:
    return f"MARK-{number:07}".encode()


def _mark_line(number: int) -> bytes:
    return _mark(number).ljust(LINE - 2) + b"\r\n"


def _message(recipient: str, sender: str) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = f"山田 太郎 <{sender}>"
    message["To"] = recipient
    message["Subject"] = "11月分のご連絡"
    message["Message-ID"] = f"<{MARK}@example.co.jp>"
    return message
