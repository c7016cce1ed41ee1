"""R-A1, R-A2: mail of which only some recipients wait, over real sockets and through crashes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from front import Client
from running import HELD_DOMAIN, POLICY, Running, link_in, post
from smarthost import Mail, Smarthost
from whole import below_trace

from guard.steps import KILLED

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOUBTFUL, CLEAN = f"eve@{HELD_DOMAIN}", "bob@example.net"
OCTETS = b"Subject: a\r\n\r\nhello\r\n"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def smarthost() -> AsyncIterator[Smarthost]:
    async with Smarthost() as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest_asyncio.fixture(loop_scope="module")
async def guard(tmp_path: Path, smarthost: Smarthost) -> AsyncIterator[Running]:
    """A folder with a guard whose rule holds only for whom it doubts."""
    smarthost.messages.clear()
    async with Running(tmp_path, smarthost) as guard:
        policy = POLICY + "    hold_only: doubtful_recipients\n"
        (tmp_path / "policies" / "main.yaml").write_text(policy, "utf-8")
        yield guard


async def hand_in(guard: Running) -> list[str]:
    """Hand in a mail to both, and give the reply to its end; none where the guard died."""
    async with await Client.greeted(guard) as client:
        try:
            return await client.hand_in(OCTETS, recipients=(f"<{DOUBTFUL}>", f"<{CLEAN}>"))
        except ConnectionError:
            return []


def sent_to(smarthost: Smarthost, who: str) -> list[Mail]:
    return [mail for mail in smarthost.messages if mail.rcpts == (who,)]


async def answered(guard: Running, smarthost: Smarthost) -> None:
    """Have the sender say “send”, and see that each got one copy."""
    await guard.until(lambda: bool(sent_to(smarthost, "ann@example.com")))
    notice = sent_to(smarthost, "ann@example.com")[0]
    await guard.until(lambda: bool(sent_to(smarthost, CLEAN)))
    assert sent_to(smarthost, DOUBTFUL) == []
    assert CLEAN.encode() in notice.octets

    assert await post(link_in(notice), action="send", confirm=DOUBTFUL) == 200
    await guard.until(lambda: guard.ask("SELECT DISTINCT state FROM holds") == [("delivered",)])
    assert await guard.stop() == 0
    for who in (CLEAN, DOUBTFUL):
        (mail,) = sent_to(smarthost, who)
        assert below_trace(mail.octets) == OCTETS
        assert mail.mail_from == "ann@example.com"
    assert [mail for mail in smarthost.messages if len(mail.rcpts) > 1] == []


async def test_the_clean_get_it_at_once(guard: Running, smarthost: Smarthost) -> None:
    """After the 250; the doubtful one after the answer, each exactly once."""
    await guard.start()
    (reply,) = await hand_in(guard)

    assert reply.startswith("250 2.0.0 Held for your confirmation: H-")
    await answered(guard, smarthost)
    events = await guard.events()
    assert (events.count("hold.created"), events.count("hold.split")) == (1, 1)
    assert events.count("hold.decided") == 1
    numbers = {number for (number,) in guard.ask("SELECT number FROM holds")}
    assert reply.rpartition(" ")[2] in numbers
    assert len(numbers) == 2


@pytest.mark.parametrize(
    "step", ["accept.after_250", "release.after_claim", "send.after_connect", "send.after_354"]
)
async def test_killed_before_the_copy_left(guard: Running, smarthost: Smarthost, step: str) -> None:
    """Between the commit and the end of the release: still exactly once each."""
    await guard.start({"CRASH_AT": step, "GUARD_LOOP": "asyncio"})
    (reply,) = await hand_in(guard)
    assert reply.startswith("250 ")
    assert await guard.ended() == KILLED

    guard.end_leases()
    await guard.start()
    await answered(guard, smarthost)


@pytest.mark.parametrize("step", ["accept.after_row", "accept.after_dot"])
async def test_killed_before_the_commit(guard: Running, smarthost: Smarthost, step: str) -> None:
    """Neither of the two holds is there; the client, which got no 250, sends it again."""
    await guard.start({"CRASH_AT": step, "GUARD_LOOP": "asyncio"})
    assert await hand_in(guard) == []
    assert await guard.ended() == KILLED
    assert guard.ask("SELECT count(*) FROM holds") == [(0,)]

    await guard.start()
    assert await hand_in(guard)
    await answered(guard, smarthost)
