"""R-I1: what becomes of mail while something of ours is away, row by row of that table."""

import asyncio
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, POLICY, Running, link_in, post
from smarthost import Smarthost

HELD = f"eve@{HELD_DOMAIN}"
CLEAN = "bob@example.net"
ROW = "sato@kita-shoji.example,090-1234-5678"
MAIL = f"From: <ann@example.com>\r\nSubject: a\r\n\r\n{ROW}\r\n".encode()

WITH_LIST = f"""\
{POLICY}
  - id: customers
    message: {{en: "Customers?"}}
    when: {{body: {{contains: customers, at_least: 1 row}}}}
    then: hold
lists:
  customers: {{match_on: [email, phone]}}
"""


@pytest.fixture
async def guard(tmp_path: Path, smarthost: Smarthost) -> AsyncIterator[Running]:
    """A guard that does not run yet."""
    async with Running(tmp_path, smarthost) as guard:
        yield guard


async def mailed(guard: Running, to: str) -> str:
    """Hand in a mail and give the reply that ends it."""
    async with await Client.greeted(guard) as client:
        return await client.mail(MAIL, recipients=(f"<{to}>",))


def write_policy(guard: Running, text: str) -> None:
    (guard.folder / "policies" / "main.yaml").write_text(text, "utf-8")


def change(guard: Running, statement: str) -> None:
    """Change the database under the guard."""
    with closing(sqlite3.connect(guard.folder / "guard.db", timeout=20)) as database:
        database.execute(statement)
        database.commit()


async def test_a_bad_policy_at_the_start(guard: Running) -> None:
    """R-I1: refuse to start, with 78 and the word that is wrong."""
    write_policy(guard, POLICY.replace("then: hold", "then: hlod"))
    guard.spawn()
    assert await guard.ended() == 78
    assert "hlod" in guard.log


async def test_a_bad_policy_at_a_reload(guard: Running) -> None:
    """R-I1: the old one stays in force, and the metric of the alarm falls to 0."""
    await guard.start()
    assert "guard_policy_last_reload_successful 1.0" in guard.metrics()
    write_policy(guard, POLICY.replace("then: hold", "then: hlod"))
    guard.send(signal.SIGHUP)
    await guard.until(lambda: "guard_policy_last_reload_successful 0.0" in guard.metrics())
    assert (await mailed(guard, HELD)).startswith("250 2.0.0 Held")


@pytest.mark.parametrize(
    ("wish", "reply"),
    [
        ("try_later", "451 4.3.0"),
        ("hold", "250 2.0.0 Held"),
        ("deliver", "250 2.0.0 Taken"),
    ],
)
async def test_a_list_that_is_lost(guard: Running, wish: str, reply: str) -> None:
    """R-I1: mail is put off where the policy says nothing else; never passed over in silence."""
    chosen = "" if wish == "try_later" else f"if_guard_cannot_check: {wish}\n"
    write_policy(guard, WITH_LIST + chosen)
    (guard.folder / "customers.csv").write_text(f"email,phone\n{ROW}\n", "utf-8")
    words = [sys.executable, "-m", "guard", "lists", "import", "customers", "customers.csv"]
    await asyncio.to_thread(
        subprocess.run, words, cwd=guard.folder, check=True, capture_output=True
    )
    await guard.start()
    assert (await mailed(guard, CLEAN)).startswith("250 2.0.0 Held")
    assert await guard.stop() == 0
    shutil.rmtree(guard.folder / "lists")
    await guard.start()
    assert (await mailed(guard, CLEAN)).startswith(reply)


async def test_the_upstream_is_down(guard: Running, smarthost: Smarthost) -> None:
    """R-I1: 451, and nothing is kept; taken as soon as it is up again."""
    await guard.start()
    await smarthost.stop()
    assert re.match("451 4.4.[12]", await mailed(guard, HELD))
    assert guard.ask("SELECT count(*) FROM holds") == [(0,)]
    await smarthost.start()
    assert (await mailed(guard, CLEAN)).startswith("250 ")


async def test_a_notice_that_nobody_takes(guard: Running, smarthost: Smarthost) -> None:
    """R-I1: held all the same, the metric of the alarm counts it, and it is tried again."""
    smarthost.on("RCPT", "550 5.1.1 No such user", match="ann@example.com")
    await guard.start()
    assert (await mailed(guard, HELD)).startswith("250 2.0.0 Held")
    refused = 'guard_notices_total{kind="notice",result="refused"} 1.0'
    await guard.until(lambda: refused in guard.metrics())
    assert "notice.refused" in guard.log
    waiting = "SELECT kind, attempts FROM outbox WHERE kind = 'notice'"
    await guard.until(lambda: guard.ask(waiting) == [("notice", 1)])
    await guard.states("waiting")
    assert smarthost.messages == []


async def test_an_audit_log_that_takes_no_row(guard: Running, smarthost: Smarthost) -> None:
    """R-I1: 451 for mail that would be held, and no release; all goes on once it takes rows."""
    await guard.start()
    assert (await mailed(guard, HELD)).startswith("250 2.0.0 Held")
    (notice,) = await smarthost.wait_for(1)
    await guard.until(lambda: guard.ask("SELECT * FROM outbox WHERE kind = 'notice'") == [])
    change(
        guard,
        "CREATE TRIGGER no_rows BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    assert (await mailed(guard, HELD)).startswith("451 4.3.0")
    assert await post(link_in(notice), action="send", confirm=HELD) == 503
    await guard.states("waiting")
    assert len(smarthost.messages) == 1

    change(guard, "DROP TRIGGER no_rows")
    assert await post(link_in(notice), action="send", confirm=HELD) == 200
    await guard.states("delivered")
    assert (await guard.events()).count("hold.decided") == 1


async def test_octets_that_are_gone(guard: Running, smarthost: Smarthost) -> None:
    """R-A5: a hold without its octets is an alarm and a word to its sender, and never a crash."""
    await guard.start()
    assert (await mailed(guard, HELD)).startswith("250 2.0.0 Held")
    (notice,) = await smarthost.wait_for(1)
    await guard.until(lambda: guard.ask("SELECT * FROM outbox WHERE kind = 'notice'") == [])
    change(guard, "DELETE FROM octets")
    assert await post(link_in(notice), action="send", confirm=HELD) == 200
    await guard.states("failed")
    _, told = await smarthost.wait_for(2)
    assert (told.mail_from, told.rcpts) == ("", ("ann@example.com",))
    assert "hold.damaged" in guard.log
    assert (await mailed(guard, HELD)).startswith("250 2.0.0 Held")
