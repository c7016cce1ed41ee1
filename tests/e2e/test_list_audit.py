"""After a leak the audit says whose data it was, of held and of sent mail."""

import asyncio
import json

from test_end_to_end import KNOWN, STRANGER, Office, customer, plain, with_workbook
from test_end_to_end import office as _office

office = _office
"""The fixture."""


async def audited(office: Office, event: str) -> list[dict[str, object]]:
    """Give the details of audit rows of one event, once there is any."""
    async with asyncio.timeout(20):
        while True:
            printed = (await office.guard("audit", "search", "--json")).stdout
            rows = [json.loads(line) for line in printed.splitlines()]
            if found := [row["details"] for row in rows if row["event"] == event]:
                return found


async def test_rows_of_a_held_mail(office: Office) -> None:
    """The first line of a hold's history names the rows."""
    await office.submit(with_workbook(STRANGER, 30), STRANGER)
    (details,) = await audited(office, "hold.created")
    (told,) = details["lists"]  # type: ignore[misc]
    name, version, rows = str(told).split()
    assert (name, len(version), rows) == ("customers", 13, "1-30")


async def test_rows_of_a_mail_that_passed(office: Office) -> None:
    """One customer's data is too little to ask about, and yet it is noted whose it was."""
    name, _, address, phone = customer(6)
    text = f"{name} 様の連絡先は {address}、{phone} です。"
    await office.submit(plain(KNOWN, text="お世話になっております。"), KNOWN)
    await office.submit(plain(KNOWN, text=text), KNOWN)
    assert await office.held() == []
    (details,) = await audited(office, "mail.rows")
    assert details["recipients"] == [KNOWN]
    (told,) = details["lists"]  # type: ignore[misc]
    assert str(told).endswith(": 7")


async def test_own_rows_are_not_noted(office: Office) -> None:
    """A customer may read his own data: there is nothing to note but of others."""
    name, _, address, phone = customer(6)
    await office.submit(plain(address, text=f"{name} 様 {address} {phone}"), address)
    other = customer(8)
    await office.submit(plain(address, text=f"{other[0]} 様 {other[2]} {other[3]}"), address)
    (details,) = await audited(office, "mail.rows")
    (told,) = details["lists"]  # type: ignore[misc]
    assert str(told).endswith(": 9")
