"""R-A2: a guard that dies at each step of its work, is started again, and keeps its word."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from front import Client
from running import HELD_DOMAIN, Running, link_in, post
from smarthost import Smarthost
from whole import below_trace

from guard.steps import KILLED, STEPS

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELD = f"eve@{HELD_DOMAIN}"
CLEAN = "bob@example.net"

# Several blocks, so that there is a middle.
OCTETS = b"Subject: a\r\n\r\n" + (b"." * 70 + b"\r\n") * 4000

ACCEPT = tuple(step for step in STEPS if step.startswith("accept."))
KEPT = frozenset({"accept.after_commit", "accept.before_250", "accept.after_250"})
"""From the commit on the hold is there."""

MOVE = tuple(step for step in STEPS if step.startswith("move."))
SEND = tuple(step for step in STEPS if step.startswith("send."))
RELEASE = tuple(step for step in STEPS if step.startswith(("release.", "send.", "job.")))
WINDOW = frozenset({"send.after_dot", "send.after_250", "job.before_commit"})
"""Where the octets have left and nothing of ours says so: the one place where a copy is made."""


def dying_at(step: str) -> dict[str, str]:
    """
    Give an environment in which the process dies at *step*.

    With asyncio's own loop, which hands octets to the kernel at once; uvloop may keep them until
    the next turn, and then a step after they were written would be one before.
    """
    return {"CRASH_AT": step, "GUARD_LOOP": "asyncio"}


async def hand_in(guard: Running, to: str) -> bool:
    """Hand in the mail, and say whether it was acknowledged; the guard may die meanwhile."""
    stuffed = OCTETS.replace(b"\r\n.", b"\r\n..")
    async with await Client.greeted(guard) as client:
        try:
            reply = await client.hand_in(stuffed, recipients=(f"<{to}>",))
        except ConnectionError:
            return False
    return [line[:3] for line in reply] == ["250"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def smarthost() -> AsyncIterator[Smarthost]:
    async with Smarthost() as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest_asyncio.fixture(loop_scope="module")
async def guard(tmp_path: Path, smarthost: Smarthost) -> AsyncIterator[Running]:
    """A folder with a guard that does not run yet."""
    smarthost.messages.clear()
    async with Running(tmp_path, smarthost) as guard:
        yield guard


async def test_a_step_that_is_none_ends_the_start(guard: Running) -> None:
    """R-A2: nobody believes that a crash was survived that never was; 78, and the known names."""
    guard.spawn({"CRASH_AT": "accept.after_lunch"})
    assert await guard.ended() == 78
    assert "accept.after_lunch" in guard.log
    assert all(step in guard.log for step in STEPS)


@pytest.mark.parametrize("step", ACCEPT)
async def test_dies_while_it_accepts(guard: Running, smarthost: Smarthost, step: str) -> None:
    """
    R-A2: what was acknowledged is held once; what was not is held not at all, or once.

    A client that got no 250 sends its mail again. Between the commit and the 250 (RFC 1047) that is
    a second hold: its sender is asked twice, and sends it once or twice, as they like.
    """
    await guard.start(dying_at(step))
    acknowledged = await hand_in(guard, HELD)
    assert await guard.ended() == KILLED
    assert acknowledged == (step == "accept.after_250")

    guard.end_leases()
    await guard.start()
    kept = int(step in KEPT)
    await guard.states(*["waiting"] * kept)
    if not acknowledged:
        assert await hand_in(guard, HELD)
    holds = kept + (not acknowledged)
    await guard.states(*["waiting"] * holds)
    await guard.until(lambda: len(smarthost.messages) >= 1)  # notices; one may tell of both
    assert await guard.stop() == 0

    assert all(mail.mail_from == "" for mail in smarthost.messages)
    assert (await guard.events()).count("hold.created") == holds
    assert guard.ask("SELECT count(DISTINCT hold_id) FROM octets") == [(holds,)]
    assert guard.ask("SELECT count(*) FROM links") == [(holds,)]
    assert guard.ask("SELECT count(*) FROM outbox WHERE kind = 'expire'") == [(holds,)]


@pytest.mark.parametrize(
    ("step", "copies"),
    [
        *((step, 0) for step in ("accept.after_354", "accept.mid_data", "accept.after_dot")),
        *((step, 0) for step in ("accept.after_inspection", "send.after_354", "send.mid_body")),
        *((step, 1) for step in ("send.after_dot", "send.after_250")),
        *((step, 1) for step in ("accept.before_250", "accept.after_250")),
    ],
)
async def test_dies_while_it_passes_on(
    guard: Running, smarthost: Smarthost, step: str, copies: int
) -> None:
    """
    R-A2: clean mail is the smarthost's before it is acknowledged, and nothing of it stays with us.

    Without a 250 the client sends it again: a copy, where the smarthost has it (RFC 1047).
    """
    await guard.start(dying_at(step))
    acknowledged = await hand_in(guard, CLEAN)
    assert await guard.ended() == KILLED
    assert acknowledged == (step == "accept.after_250")
    await smarthost.wait_until(lambda: smarthost.open_connections == 0)
    assert [mail.rcpts for mail in smarthost.messages] == [(CLEAN,)] * copies

    await guard.start()
    if not acknowledged:
        assert await hand_in(guard, CLEAN)
    assert await guard.stop() == 0
    assert len(smarthost.messages) == copies + (not acknowledged)
    assert all(below_trace(mail.octets) == OCTETS for mail in smarthost.messages)
    assert guard.ask("SELECT (SELECT count(*) FROM holds), (SELECT count(*) FROM audit)") == [
        (0, 0)
    ]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def asked(
    tmp_path_factory: pytest.TempPathFactory, smarthost: Smarthost
) -> tuple[Running, str]:
    """A guard that holds a mail and has asked about it, stopped; and the link."""
    smarthost.messages.clear()
    guard = Running(tmp_path_factory.mktemp("guard"), smarthost)
    try:
        await guard.start()
        assert await hand_in(guard, HELD)
        (notice,) = await smarthost.wait_for(1)
        await guard.until(lambda: guard.ask("SELECT * FROM outbox WHERE kind = 'notice'") == [])
        assert await guard.stop() == 0
    finally:
        await guard.kill()
    return guard, link_in(notice)


@pytest_asyncio.fixture(loop_scope="module")
async def asked_again(
    asked: tuple[Running, str], smarthost: Smarthost, tmp_path: Path
) -> AsyncIterator[tuple[Running, str]]:
    """The same guard, with a folder of this test's own."""
    before, link = asked
    folder = tmp_path / "guard"
    shutil.copytree(before.folder, folder)
    smarthost.messages.clear()
    guard = before.moved(folder)
    try:
        yield guard, link
    finally:
        await guard.kill()


async def sent_once(guard: Running, smarthost: Smarthost, *, most: int = 1) -> None:
    """Start it again; the mail is delivered, and at most *most* copies of it have left."""
    guard.end_leases()
    await guard.start()
    await guard.states("delivered")
    assert await guard.stop() == 0

    copies = [mail for mail in smarthost.messages if mail.rcpts == (HELD,)]
    assert copies == smarthost.messages
    assert 1 <= len(copies) <= most
    assert {below_trace(mail.octets) for mail in copies} == {OCTETS}
    events = await guard.events()
    assert events.count("hold.decided") == 1
    assert events.count("hold.delivered") == 1
    assert events.count("hold.releasing") <= 1
    left = guard.ask("SELECT kind FROM outbox WHERE kind IN ('release', 'release_again')")
    assert left == []


@pytest.mark.parametrize("step", MOVE)
async def test_dies_at_the_senders_word(
    asked_again: tuple[Running, str], smarthost: Smarthost, step: str
) -> None:
    """R-A2: an answer counts from its commit on; before, the page still asks."""
    guard, link = asked_again
    await guard.start(dying_at(step))
    assert await post(link, action="send", confirm=HELD) == 0
    assert await guard.ended() == KILLED
    assert smarthost.messages == []

    if step == "move.before_commit":
        assert guard.ask("SELECT state, choice FROM holds") == [("waiting", None)]
        await guard.start()
        assert await post(link, action="send", confirm=HELD) == 200
        await guard.states("delivered")
        assert await guard.stop() == 0
    await sent_once(guard, smarthost)


@pytest.mark.parametrize("step", RELEASE)
async def test_dies_while_it_releases(
    asked_again: tuple[Running, str], smarthost: Smarthost, step: str
) -> None:
    """R-A2: it leaves in the end; twice only where it left and nothing of ours says so yet."""
    guard, link = asked_again
    await guard.start(dying_at(step))
    await post(link, action="send", confirm=HELD)  # the answer may come too late to be sent
    assert await guard.ended() == KILLED
    await smarthost.wait_until(lambda: smarthost.open_connections == 0)
    left = len(smarthost.messages)
    assert left == int(step in WINDOW or step == "job.after_commit")
    await sent_once(guard, smarthost, most=1 + (step in WINDOW))


async def test_two_deaths_in_a_row(asked_again: tuple[Running, str], smarthost: Smarthost) -> None:
    """R-A2: nor does it leave twice when the second process dies, too, before the dot."""
    guard, link = asked_again
    await guard.start(dying_at("send.after_354"))
    await post(link, action="send", confirm=HELD)
    assert await guard.ended() == KILLED
    guard.end_leases()
    guard.spawn(dying_at("send.mid_body"))
    assert await guard.ended() == KILLED
    assert smarthost.messages == []
    await sent_once(guard, smarthost)
