"""
The password of an attachment, over real sockets: what the page stands, and what it lets through.

The other side here is whoever has the link: a person with two windows, a scanner, a robot that
guesses, and somebody who has another link.
"""

import asyncio
import contextlib
import email
import email.policy
import http.client
import json
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_end_to_end import (
    KNOWN,
    SENDER,
    STRANGER,
    Office,
    customer,
    get,
    plain,
    with_workbook,
)
from test_end_to_end import office as _office

from guard.demo.files import locked_zip

pytestmark = pytest.mark.timeout(300)  # waits that are meant, on a machine that has more to do

office = _office
"""The fixture."""

OTHER = "other@minami.example"
BOSS = "boss@example.co.jp"
FORM = "application/x-www-form-urlencoded"


def rows(first: int, last: int) -> bytes:
    return "\n".join(",".join(customer(number)) for number in range(first, last)).encode("cp932")


FIRST = ("一.zip", locked_zip("一.csv", rows(0, 30), b"ichi-2026"))
SECOND = ("二.zip", locked_zip("二.csv", rows(40, 43), b"ni-2026"))
CLEAN = ("三.zip", locked_zip("三.txt", b"hello", b"san-2026"))


def with_files(*files: tuple[str, bytes], to: str = STRANGER) -> bytes:
    message = email.message_from_bytes(plain(to), policy=email.policy.SMTP)
    for name, octets in files:
        message.add_attachment(octets, maintype="application", subtype="zip", filename=name)
    return message.as_bytes()


@dataclass(frozen=True, kw_only=True)
class Answered:
    status: int
    headers: dict[str, str]
    text: str


async def ask(
    link: str,
    body: bytes | dict[str, str] = b"",
    *,
    method: str = "POST",
    kind: str | None = FORM,
    **headers: str,
) -> Answered:
    """Send one request as it is; no redirect is followed."""

    def talk() -> Answered:
        parts = urllib.parse.urlsplit(link)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if kind is not None:
            sent["Content-Type"] = kind
        octets = urllib.parse.urlencode(body).encode() if isinstance(body, dict) else body
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            # It may not want to read all of it; what it said may be there all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, octets, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answered(status=answer.status, headers=dict(answer.headers), text=text)
        finally:
            connection.close()

    return await asyncio.to_thread(talk)


async def opens(link: str, password: str, **fields: str) -> int:
    return (await ask(link, {"action": "open", "password": password, **fields})).status


async def events(office: Office) -> list[str]:
    """What the audit log says of passwords."""
    lines = (await office.guard("audit", "export", "--format", "jsonl")).stdout.splitlines()
    told = [json.loads(line)["event"] for line in lines]
    return [event for event in told if "open" in event]


async def states(office: Office) -> list[object]:
    return [hold["state"] for hold in await office.held()]


async def stricter(office: Office) -> None:
    """Have rows in a file ask for a second person."""
    policy = office.folder / "policies" / "main.yaml"
    text = policy.read_text("utf-8")
    text = text.replace("confirm: tick_each ", "confirm: second_person ")
    text = re.sub(r"(?m)^holding:.*$", rf"holding:\n  second_person: [{BOSS}]", text)
    policy.write_text(text, "utf-8")
    await office.stop()
    await office.start()


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_guessing_ends_and_no_restart_begins_it_anew(office: Office, language: str) -> None:
    """Three at once, then a wait that the page tells; a crash forgets none of them."""
    await office.submit(with_files(FIRST), STRANGER)
    _, link = await office.notice()
    link = f"{link}?lang={language}"
    for number in range(3):
        assert await opens(link, f"himitsu {number}") == 422
    told = await ask(link, {"action": "open", "password": "ichi-2026"})

    assert told.status == 429
    assert 1 <= int(told.headers["retry-after"]) <= 5
    words = {"ja": "合わないパスワードが続きました。", "en": "Too many passwords did not fit."}
    assert words[language] in told.text
    assert await events(office) == ["hold.opening", "hold.not_opened"] * 3
    assert await states(office) == ["waiting"]

    await office.kill()
    await office.start()
    await asyncio.sleep(5)
    assert await opens(link, "himitsu 4") == 422
    told = await ask(link, {"action": "open", "password": "ichi-2026"})
    assert told.status == 429
    assert 5 < int(told.headers["retry-after"]) <= 10
    await asyncio.sleep(10)
    assert await opens(link, "ichi-2026") == 303
    for file in office.folder.rglob("*"):
        assert not file.is_file() or b"himitsu" not in file.read_bytes()
        assert not file.is_file() or b"ichi-2026" not in file.read_bytes()


async def test_what_comes_to_the_page_and_is_no_password(office: Office) -> None:
    """None of it is tried, counted, kept or a way to send."""
    await office.submit(with_files(CLEAN), STRANGER)
    _, link = await office.notice()
    _, before = await asyncio.to_thread(get, link)
    told = {
        "ten megabytes": await ask(link, b"action=open&password=" + b"x" * 10_000_000),
        "many fields": await ask(link, b"action=open&" + b"a=&" * 30_000),
        "a zero": await ask(link, b"action=open&password=san-2026%00"),
        "only a zero": await ask(link, b"action=open&password=%00"),
        "nothing": await ask(link, b"action=open&password="),
        "no field": await ask(link, b"action=open"),
        "half a pair": await ask(link, b"action=open&password=%ED%A0%80"),
        "half a pair, raw": await ask(link, b"action=open&password=\xed\xa0\x80"),
        "shift_jis": await ask(link, b"action=open&password=%82%a9"),
        "utf-16": await ask(
            link, "action=open&password=san-2026".encode("utf-16"), kind=f"{FORM}; charset=utf-16"
        ),
        "parts": await ask(link, b"--b\r\n", kind="multipart/form-data; boundary=b"),
        "a form that looks like json": await ask(
            link, b'{"action":"open","password":"san-2026"}', kind="text/plain"
        ),
        "json": await ask(link, b'{"action":"open"}', kind="application/json"),
        "no kind": await ask(link, b"action=open&password=san-2026", kind=None),
        "no action": await ask(link, b"password=san-2026"),
        "another site": await ask(
            link, {"action": "open", "password": "san-2026"}, Sec_Fetch_Site="cross-site"
        ),
        "another origin": await ask(
            link, {"action": "open", "password": "san-2026"}, Origin="https://evil.example"
        ),
        "an older question": await ask(
            link, {"action": "open", "password": "san-2026", "question": "0" * 12}
        ),
        "no such link": await ask(link[:-1] + "_", {"action": "open", "password": "san-2026"}),
        "a scanner": await ask(f"{link}?action=open&password=san-2026", method="GET", kind=None),
        "its head": await ask(f"{link}?action=open&password=san-2026", method="HEAD", kind=None),
        "a form by GET": await ask(link, {"action": "open", "password": "san-2026"}, method="GET"),
        "by PUT": await ask(link, {"action": "open", "password": "san-2026"}, method="PUT"),
    }

    assert {name: one.status for name, one in told.items()} == {
        "ten megabytes": 413,
        "many fields": 413,
        "a zero": 422,
        "only a zero": 422,
        "nothing": 422,
        "no field": 422,
        "half a pair": 415,
        "half a pair, raw": 415,
        "shift_jis": 415,
        "utf-16": 415,
        "parts": 415,
        "a form that looks like json": 415,
        "json": 415,
        "no kind": 415,
        "no action": 422,
        "another site": 403,
        "another origin": 403,
        "an older question": 303,
        "no such link": 404,
        "a scanner": 200,
        "its head": 200,
        "a form by GET": 200,
        "by PUT": 405,
    }
    assert not any("san-2026" in one.text for one in told.values())
    assert await asyncio.to_thread(get, link) == (200, before)
    assert await events(office) == []
    assert await states(office) == ["waiting"]
    log = (office.folder / "log").read_text("utf-8")
    assert "page.failed" not in log
    assert "san-2026" not in log


async def test_two_windows_and_a_decision_in_the_same_moment(office: Office) -> None:
    """One password is tried; whatever is decided meanwhile is decided once, and stays."""
    for number in range(2):
        await office.submit(with_files(CLEAN), STRANGER)
        notice, link = await office.notice(2 * number + 1)
        assert notice.rcpts == (SENDER,)
        ways = [{"action": "send", "confirm": STRANGER}] * 2
        ways += [{"action": "open", "password": "san-2026"}] * 3
        told = await asyncio.gather(*(ask(link, way) for way in ways[number % 2 :]))
        assert {one.status for one in told} <= {303, 422, 429}
        mails = await office.smarthost.wait_for(2 * number + 1)
        if (await states(office))[-1] == "waiting":  # the password was first: another question
            assert (await ask(link, {"action": "send"})).status == 303
        mails = await office.smarthost.wait_for(2 * number + 2, 15)
        assert [mail.rcpts for mail in mails].count((STRANGER,)) == number + 1
        assert await opens(link, "san-2026") == 303  # decided: there is nothing to open
        assert len(office.smarthost.messages) == 2 * number + 2


async def test_the_stricter_question_outlives_a_change(office: Office) -> None:
    """Found by a password, it stands for what is left of the mail; and two passwords add up."""
    await stricter(office)
    await office.submit(with_files(CLEAN, SECOND, FIRST), STRANGER, OTHER)
    _, link = await office.notice()
    assert await opens(link, "ichi-2026") == 303
    assert await opens(link, "san-2026") == 303
    page = (await ask(link, method="GET", kind=None)).text
    assert BOSS in page
    assert "二.zip のパスワード" in page

    out = re.search(r'name="without" value="([\d.]+)"[^<]*>\s*<span>三\.zip', page)
    assert out is not None
    ticks = f"confirm={STRANGER}&confirm={OTHER}"
    change = f"action=without&without={out.group(1)}&{ticks}"
    assert (await ask(link, change.encode())).status == 303
    assert await states(office) == ["second_person"]
    assert len(office.smarthost.messages) <= 2  # notices; nothing was sent

    # Whoever is to agree has a link of their own, which opens nothing and sends nothing by itself.
    mails = await office.smarthost.wait_for(2, 15)
    asked = email.message_from_bytes(mails[1].octets, policy=email.policy.default)
    body = asked.get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://\S+", body.get_content())
    assert found is not None
    second = found.group()
    assert mails[1].rcpts == (BOSS,)
    assert second != link
    for way in ({"action": "open", "password": "ni-2026"}, {"action": "send"}):
        assert (await ask(second, way)).status == 303
    assert await states(office) == ["second_person"]
    assert (await events(office)).count("hold.opening") == 2


async def test_a_link_opens_its_own_mail_only(office: Office) -> None:
    """An expired or decided mail is opened by none."""
    await office.submit(with_files(CLEAN), STRANGER)
    _, first = await office.notice()
    await office.submit(with_files(FIRST), STRANGER)
    _, second = await office.notice(2)
    assert await opens(first, "ichi-2026") == 422
    assert (await ask(second, {"action": "cancel"})).status == 303
    assert await opens(second, "ichi-2026") == 303
    assert "password" not in (await ask(second, method="GET", kind=None)).text

    assert await events(office) == ["hold.opening", "hold.not_opened"]
    assert await states(office) == ["waiting", "returned"]


async def test_guessing_robots_do_not_stall_the_relay(office: Office) -> None:
    """Workbooks whose passwords cost time, tried on five mails at once; others' files are read."""
    costly = Path(__file__).parents[1] / "corpus" / "files" / "msoffcrypto" / "password.xlsx"
    book = ("名簿.xlsx", costly.read_bytes())
    links = []
    for number in range(5):
        await office.submit(with_files(*[book] * 8), STRANGER)
        links.append((await office.notice(number + 1))[1])
    way = {"action": "open", "password": "x"}
    guessing = [asyncio.create_task(ask(link, way)) for link in links]
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert (await office.submit(with_workbook(KNOWN, 2), KNOWN))[0] == 250
    took = loop.time() - started
    told = [one.status for one in await asyncio.gather(*guessing)]

    assert took < 20
    assert sorted(told) == [422, 422, 422, 422, 429]
