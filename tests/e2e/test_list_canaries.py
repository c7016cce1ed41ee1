"""No value of a customer list stands in anything that the guard writes, says or is called by."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

from test_end_to_end import STRANGER, Office, customer, with_workbook
from test_end_to_end import office as _office

office = _office
"""The fixture."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "utf-32-le")
ROWS = 60


def canaries() -> Iterator[str]:
    """Every value of the rows that are sent, and the forms that Guard makes of it."""
    for number in range(ROWS):
        name, company, address, phone = customer(number)
        digits = phone.replace("-", "")
        yield from (name, name.replace(" ", ""), company, company.removeprefix("株式会社"))
        yield from (address, address.replace(".", ""), phone, digits, digits[1:])


def values_in(octets: bytes) -> list[str]:
    """Give the canaries that stand in some octets, in any usual encoding."""
    forms = {canary.encode(encoding): canary for canary in canaries() for encoding in ENCODINGS}
    return sorted({canary for form, canary in forms.items() if form in octets})


def processes(pid: int) -> Iterator[Path]:
    """Give the folders under /proc of a process and all below it."""
    yield Path("/proc", str(pid))
    children = Path("/proc", str(pid), "task", str(pid), "children")
    for child in children.read_text().split() if children.exists() else ():
        yield from processes(int(child))


async def test_no_value_of_the_list_is_readable(office: Office) -> None:
    """Imported, searched for, found, held and asked about: nowhere is a value in clear."""
    said = [
        await office.guard("lists", "import", "customers", "customers.csv"),
        await office.guard("lists", "status"),
        await office.guard("lists", "status", "--json"),
    ]
    (office.folder / "customers.csv").unlink()
    code, _ = await office.submit(with_workbook(STRANGER, ROWS), STRANGER)
    assert code == 250
    notice, _ = await office.notice()
    (held,) = await office.held()
    said += [
        await office.guard("held", "show", str(held["number"])),
        await office.guard("audit", "search", "--json"),
    ]

    for answer in said:
        assert values_in((answer.stdout + answer.stderr).encode()) == []
    files = [path for path in office.folder.rglob("*") if path.is_file()]
    assert {"customers.rows", "guard.db", "log"} <= {path.name for path in files}
    for path in files:
        assert values_in(path.read_bytes()) == [], path.name
    assert office.process is not None
    for folder in processes(office.process.pid):
        for name in ("cmdline", "environ"):
            assert values_in((folder / name).read_bytes()) == [], name
    message = email.message_from_bytes(notice.octets, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            assert values_in(part.get_content().encode()) == []


def test_a_canary_would_be_seen(tmp_path: Path) -> None:
    """The search finds what it looks for, in each encoding."""
    name = customer(7)[0]
    for encoding in ENCODINGS:
        assert values_in(b"x" + name.encode(encoding) + b"y") == [name]
