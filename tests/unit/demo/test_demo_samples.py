"""The sample people, customers, files and mails of the demo."""

import zipfile
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from itertools import pairwise

import openpyxl
import pytest

from guard.demo.customers import HEADER, as_csv, customers, table
from guard.demo.files import locked_zip, workbook
from guard.demo.letter import Letter
from guard.demo.people import DOMAIN, colleagues, history, ties
from guard.demo.script import LOOKALIKE, script
from guard.model.verdict import Action

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_sixty_contacts_of_whom_satou_was_written_to_42_times() -> None:
    """The promises of the documentation: 60 contacts, and 42 earlier mails to the real Satou."""
    known = ties()
    past = list(history(known, now=NOW))

    to_satou = [
        each for each in past if str(each.recipients[0].address) == "sato@kita-shoji.example"
    ]
    assert len(known) == len({each.contact.address for each in known}) == 60
    assert len(to_satou) == 42
    assert {str(each.sender.address) for each in to_satou} == {f"yamada@{DOMAIN}"}


def test_history_is_of_the_last_year_in_order() -> None:
    """Nothing in it is older than a year or in the future, and no Message-ID comes twice."""
    past = list(history(ties(), now=NOW))

    times = [each.at for each in past]
    assert times == sorted(times)
    assert NOW - timedelta(days=365) < times[0]
    assert times[-1] < NOW
    assert len({each.message_id for each in past}) == len(past)


def test_every_writer_is_a_colleague() -> None:
    """Whoever wrote to a contact works in the company and has a name."""
    assert {each.writer.local for each in ties()} <= set(colleagues())
    assert all(each.name for each in colleagues().values())


def test_two_hundred_customers_that_nobody_can_be() -> None:
    """The same in each run, all different, and only at addresses that cannot exist (RFC 2606)."""
    rows = customers()

    assert rows == customers()
    assert len(rows) == 200
    for column in ("number", "email", "phone", "name"):
        assert len({getattr(row, column) for row in rows}) == 200
    assert all(row.email.endswith(".example") for row in rows)
    assert all(row.phone.startswith(("090-0000-", "+44 20 7946 0")) for row in rows)
    assert sum(bool(row.kana) for row in rows) == 120


def test_neighbours_share_no_name() -> None:
    """A glance at the list shows people, not a pattern."""
    surnames = [row.name.split()[0] for row in customers()]
    assert all(one != other for one, other in pairwise(surnames))


def test_csv_has_a_header_and_a_line_a_customer() -> None:
    """RFC 4180, with headers that an import recognises."""
    lines = as_csv(customers()[:3]).split("\r\n")

    assert lines[0] == ",".join(HEADER)
    assert len(lines) == 5
    assert lines[-1] == ""


def test_workbook_opens_in_a_spreadsheet_program() -> None:
    """Sheet name and every cell come back as they were given, spaces and markup too."""
    rows = [("a", "<b> & c"), (" 先頭の空白", "")]

    book = openpyxl.load_workbook(BytesIO(workbook("顧客 & Co", rows)))

    assert book.sheetnames == ["顧客 & Co"]
    cells = [[cell or "" for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert cells == [list(row) for row in rows]


def test_locked_zip_opens_with_its_password_alone() -> None:
    """Another program decrypts it, and refuses another password."""
    with zipfile.ZipFile(BytesIO(locked_zip("契約.txt", b"secret" * 9, b"aoba"))) as archive:
        assert archive.namelist() == ["契約.txt"]
        assert archive.read("契約.txt", pwd=b"aoba") == b"secret" * 9
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read("契約.txt", pwd=b"wrong")


def test_script_shows_every_decision_in_both_languages() -> None:
    """About ten mails, Japanese and English: delivered, told and held, by five rules."""
    scenes = script()

    assert 10 <= len(scenes) <= 14
    assert {scene.action for scene in scenes} == {Action.DELIVER, Action.TELL, Action.HOLD}
    assert len({scene.rule for scene in scenes}) == 6
    assert sum(scene.rule == LOOKALIKE for scene in scenes) == 4
    ascii_only = [scene.letter.subject.isascii() for scene in scenes]
    assert 4 <= sum(ascii_only) <= 8


def test_script_writes_to_invented_places_only() -> None:
    """No address of the script can exist (RFC 2606), and each Message-ID comes once."""
    letters = [scene.letter for scene in script()]

    reserved = (".example", ".test", "@example.com", f"@{DOMAIN}")
    assert all(each.endswith(reserved) for letter in letters for each in letter.recipients)
    assert len({letter.message_id for letter in letters}) == len(letters)


def test_list_to_the_stranger_has_48_customers() -> None:
    """As many as the documentation says."""
    scene = next(each for each in script() if each.letter.id == "demo-list")

    book = openpyxl.load_workbook(BytesIO(scene.letter.files[0].octets))
    assert book.worksheets[0].max_row == 48 + 1


@pytest.mark.parametrize("scene", script(), ids=lambda scene: scene.letter.id)
def test_letters_are_written_as_a_mail_program_would(scene) -> None:
    """Seven bits and CRLF, and everything comes back out of the octets."""
    letter: Letter = scene.letter
    octets = letter.octets(at=NOW)

    assert octets.isascii()
    assert b"\n" not in octets.replace(b"\r\n", b"")
    mail = message_from_bytes(octets, policy=policy.default)
    body = mail.get_body(("plain",))
    assert (mail["subject"], mail["message-id"]) == (letter.subject, letter.message_id)
    assert [each.addr_spec for each in mail["to"].addresses] == list(letter.recipients)
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == letter.text
    assert [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()] == [
        (file.name, file.content_type) for file in letter.files
    ]


def test_table_gives_every_cell_as_text() -> None:
    """A workbook of text keeps the zeros that a number would lose."""
    assert all(isinstance(cell, str) for row in table(customers()) for cell in row)
