"""R-F5, R-F6, R-F10, R-F11, R-F12: links that were changed, are too old, or whose key is gone."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asgi import Answered, request
from factories import HELD_AT, SENDER, TYPED, hold
from memory_store import MemoryStore
from one_hold_desk import Says
from structlog.testing import capture_logs

from guard.compose.letterhead import Letterhead
from guard.holding import first_audit
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.ports import AuditEntry, Kept
from guard.release import Answer, Desk, Links
from guard.release.links import fingerprint
from guard.store.holds import SqlHoldStore
from guard.store.key_use import forget_links
from guard.store.keys import KeyRing
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.store.rotation import rotate
from guard.web.confirm import create_app

KEYS = {"k1": b"k" * 32, "k2": b"j" * 32}
LINKS = Links(("k1", KEYS["k1"]), KEYS.__getitem__)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Page:
    """The page of one held message, with a clock that can be moved."""

    def __init__(self) -> None:
        self.now = HELD_AT + timedelta(minutes=1)
        self.store = MemoryStore(lambda: self.now)
        self.desk = Desk(self.store, lambda: self.now, Says())
        self.held = hold(link_key="k1")
        self.token = LINKS.token(self.held)
        letterhead = Letterhead(
            from_="Mail check <guard@example.co.jp>",
            public_url="https://guard.example.co.jp",
            time_zone="Asia/Tokyo",
        )
        self.app = create_app(self.desk, letterhead=letterhead, clock=lambda: self.now)

    async def begin(self) -> "Page":
        """Put the hold."""
        await self.store.put(
            Kept(
                hold=self.held,
                octets=b"octets",
                tokens=LINKS.tokens(self.held),
                jobs=(),
                audit=first_audit(self.held),
            )
        )
        return self

    async def get(self, token: str) -> Answered:
        return await request(self.app, "GET", f"/m/{token}")

    async def post(self, token: str, **form: str) -> Answered:
        return await request(self.app, "POST", f"/m/{token}", form=form)

    async def send(self) -> Answered:
        return await self.post(self.token, action="send", confirm=TYPED)

    @property
    def state(self) -> HoldState:
        return self.store.holds[self.held.id].state


def flipped(token: str) -> list[str]:
    """The token with each of its bits changed, one at a time: 6 in each of its signs."""
    return [
        token[:at] + SIGNS[SIGNS.index(sign) ^ 1 << bit] + token[at + 1 :]
        for at, sign in enumerate(token)
        for bit in range(6)
    ]


async def test_no_changed_token_opens_anything() -> None:
    """R-F5: each bit flipped, cut, longer, of another hold, key, serial or person: the same 404."""
    page = await Page().begin()
    held, token = page.held, page.token
    unknown = await page.get("nothing")
    strange = [
        *flipped(token),
        *(token[:length] for length in range(len(token))),
        token + "A",
        token + "=",
        token * 2,
        LINKS.token(replace(held, id="0" * 32)),
        LINKS.token(replace(held, link_key="k2")),
        LINKS.token(replace(held, token_serial=1)),
        LINKS.token(held, held.envelope.addresses[0]),
        fingerprint(token).hex(),
        "".join(chr(0xFEE0 + ord(sign)) for sign in token),
        "".join(f"%25{ord(sign):02X}" for sign in token),
    ]
    assert len(set(strange)) == len(strange) > 43 * 6 + 43

    for each in strange:
        got = await page.get(each)
        posted = await page.post(each, action="cancel")
        assert (got.status, got.body) == (posted.status, posted.body) == (404, unknown.body), each
    assert [row.event for row in page.store.log] == ["hold.created"]
    assert (await page.get(token)).status == 200


@pytest.mark.parametrize("seconds", [-1, 0, 1, 86_400])
async def test_the_border_of_its_time(seconds: int) -> None:
    """R-F6: the last second counts; at the border, and a day later, nothing is sent any more."""
    page = await Page().begin()
    page.now = page.held.expires_at + timedelta(seconds=seconds)
    answered = await page.send()
    shown = await page.get(page.token)

    assert answered.status == 303
    assert page.state is (HoldState.UNDO if seconds < 0 else HoldState.WAITING)
    assert (TYPED in shown.text) is (seconds < 0)


async def test_a_clock_that_goes_back_and_forth() -> None:
    """R-F6: what ended stays ended, and a window that was closed does not release twice."""
    page = await Page().begin()
    day = timedelta(days=1)

    page.now -= day  # before it was held
    assert (await page.send()).status == 303
    assert page.state is HoldState.UNDO
    page.now += day  # its undo window is long over
    with pytest.raises(StaleHoldError):
        await page.desk.answer(page.token, Answer(choice=Choice.UNDO))

    other = await Page().begin()
    other.now += 2 * day
    await other.store.advance(
        other.held.id,
        old=HoldState.WAITING,
        new=HoldState.EXPIRED,
        audit=AuditEntry(event="hold.expired", hold_id=other.held.id, at=other.now),
    )
    other.now -= 2 * day
    assert (await other.send()).status == 303
    assert other.state is HoldState.EXPIRED
    assert other.store.jobs == {}


ENDED = [
    HoldState.RELEASING,
    HoldState.DELIVERED,
    HoldState.FAILED,
    HoldState.UNKNOWN,
    HoldState.RETURNED,
    HoldState.EXPIRED,
]


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("choice", Choice)
async def test_a_link_after_all_is_decided(state: HoldState, choice: Choice) -> None:
    """R-F4: whatever is said then has no effect, and the page tells how it ended, no details."""
    page = await Page().begin()
    page.store.holds[page.held.id] = replace(page.held, state=state)
    before = dict(page.store.holds)
    answered = await page.post(page.token, action=choice.value, confirm=TYPED)
    shown = await page.get(answered.headers["location"].removeprefix("/m/"))

    assert (answered.status, shown.status) == (303, 200)
    assert page.store.holds == before
    assert page.store.jobs == {}
    assert {row.event for row in page.store.log} == {"hold.created", "hold.viewed"}
    assert (page.held.subject in shown.text) is state.is_open
    assert "<button" not in shown.text


async def test_no_token_in_logs_or_audit() -> None:
    """R-F10: neither whole nor as the hash that the database keeps."""
    page = await Page().begin()
    with capture_logs() as logs:
        await page.get(page.token)
        await page.post(page.token, action="nonsense")
        await page.send()
        await page.get(page.token[:-1])

    said = repr(logs) + repr(page.store.log)
    assert page.token not in said
    assert page.token[:20] not in said
    assert fingerprint(page.token).hex() not in said


@pytest.mark.parametrize("host", ["evil.example", "guard.example.co.jp:99", "127.0.0.1"])
async def test_no_link_follows_the_host_header(host: str) -> None:
    """R-F12: behind whatever proxy, links and redirects are those of the settings."""
    page = await Page().begin()
    headers = {"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}"}
    shown = await request(page.app, "GET", f"/m/{page.token}", headers=headers)
    form = {"action": "cancel"}
    answered = await request(page.app, "POST", f"/m/{page.token}", headers=headers, form=form)

    assert host not in shown.text
    assert answered.headers["location"] == f"/m/{page.token}"


async def test_keys_of_links(tmp_path: Path) -> None:
    """R-F11: a link outlives the rotation of its key, and dies with the key."""
    tmp_path.chmod(0o700)
    url, file = f"sqlite:///{tmp_path / 'guard.db'}", tmp_path / "guard.key"
    async with AsyncExitStack() as parts:
        ground = await parts.enter_async_context(opened(url, file))
        outbox = SqlOutbox(ground.database)
        store = SqlHoldStore(ground.database, ground.keys, outbox)
        desk = Desk(store, lambda: HELD_AT, Says())
        before = _links(ground.keys)
        old = await _put(store, before, "1")
        assert (await desk.view(before.token(old), peer="")).hold == old

        rotate(file, "links")
        ground.keys.reload()
        after = _links(ground.keys)
        new = await _put(store, after, "2")
        assert new.link_key != old.link_key
        assert before.token(old) == after.token(old)  # a reminder makes the same link again
        for held in (old, new):
            assert (await desk.view(after.token(held), peer="")).hold == held

        def entry(hold_id: str, event: str) -> AuditEntry:
            return AuditEntry(event=event, hold_id=hold_id, at=HELD_AT, actor="root@host")

        assert await forget_links(ground, old.link_key, entry) == 1
        with pytest.raises(NoSuchHoldError):
            await desk.view(after.token(old), peer="")
        with pytest.raises(NoSuchHoldError):
            await desk.answer(after.token(old), Answer(choice=Choice.CANCEL))
        assert (await store.get(old.id)).state is HoldState.WAITING
        assert (await desk.view(after.token(new), peer="")).hold == new


def _links(keys: KeyRing) -> Links:
    return Links(keys.current("links"), lambda key_id: keys.get("links", key_id))


async def _put(store: SqlHoldStore, links: Links, name: str) -> Hold:
    held = hold(id=name * 32, number=f"H-{name * 4}-QQ", link_key=links.current[0])
    tokens, audit = links.tokens(held), first_audit(held)
    assert list(tokens.values()) == [held.owner]
    assert str(held.owner) == SENDER
    await store.put(Kept(hold=held, octets=b"x", tokens=tokens, jobs=(), audit=audit))
    return held
