"""R-A1, R-B9: whole dialogs over real sockets: what was answered 250 arrived, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from budget import examples
from certificates import Authority
from dialog import (
    BAD_SENDER,
    LATER,
    LIMIT_BYTES,
    LOST,
    NOBODY,
    SPAM,
    Dialog,
    Mail,
    Step,
    is_legal,
)
from front import Client, OnlyAnn, front
from hypothesis import event, given
from hypothesis import strategies as st
from mutation import SIZES
from smarthost import CHUNKING, TAKE_AND_CLOSE, Smarthost

LINES = st.lists(
    st.sampled_from([b"", b".", b"..", b"a", b"QUIT", b"\xe8\x8a\xb1", b"x" * 700]), max_size=5
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
OCTETS = st.one_of(
    LINES,
    LINES,
    LINES,
    st.sampled_from(
        [b"a\nb\r\n", b"a\rb\r\n", b"\0\r\n", b"\r\n\n.\r\n", b"x" * LIMIT_BYTES + b"\r\n"]
    ),
)
WAITS = st.booleans()
SENDERS = st.sampled_from(["ann@a.test", "", "Ann+x@A.test", "ann@a.test", BAD_SENDER])
GOOD = st.sampled_from(["bob@b.test", "c@b.test", '"c@d"@b.test'])
RECIPIENTS = GOOD | GOOD | st.sampled_from([NOBODY, SPAM, LATER, LOST, LOST])
JUNK = st.sampled_from(
    [b"MAIL FROM:<a", b"RCPT TO:<>", b"FNORD", b"", b"\xff\xfe", b"MAIL FROM:<a@b.test> X=1"]
)


def steps(verb: str, **more: st.SearchStrategy) -> st.SearchStrategy[list[Step]]:
    return st.builds(Step, verb=st.just(verb), waits=WAITS, **more).map(lambda step: [step])


@st.composite
def whole_mails(draw: st.DrawFn) -> list[Step]:
    """A mail as a program sends it, by DATA or in chunks."""
    recipients = draw(
        st.lists(GOOD, min_size=1, max_size=2) | st.lists(RECIPIENTS, min_size=1, max_size=3)
    )
    envelope = [
        *([] if draw(st.integers(0, 4)) == 4 else [Step("RSET", waits=False)]),
        Step("MAIL", draw(SENDERS), waits=False),
        *(Step("RCPT", each, waits=False) for each in recipients),
    ]
    if draw(st.booleans()):
        return [*envelope, Step("DATA", octets=draw(OCTETS))]
    octets = draw(OCTETS)
    at = draw(st.integers(0, len(octets)))
    first = Step("BDAT", octets=octets[:at], waits=draw(WAITS))
    return [*envelope, first, Step("BDAT", octets=octets[at:], last=True, waits=draw(WAITS))]


MIXED = st.lists(
    st.one_of(
        *[whole_mails()] * 6,
        steps("EHLO"),
        steps("NOOP"),
        steps("RSET"),
        steps("STARTTLS"),
        steps("AUTH"),
        steps("MAIL", argument=SENDERS),
        steps("RCPT", argument=RECIPIENTS),
        steps("DATA", octets=OCTETS),
        steps("BDAT", octets=OCTETS, last=st.booleans()),
        steps("junk", octets=JUNK),
    ),
    min_size=4,  # left to itself, most of what is drawn is very small
    max_size=10,
)
TALKS = (st.lists(whole_mails(), min_size=2, max_size=6) | MIXED).map(
    lambda parts: [step for part in parts for step in part]
)


class Stage:
    """A front and an upstream that stay for all dialogs of a test."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.smarthost = Smarthost(extensions=CHUNKING)
        self.smarthost.on("MAIL", "550 5.1.8 No", match=BAD_SENDER)
        self.smarthost.on("RCPT", "550 5.1.1 Nobody", match=NOBODY)
        self.smarthost.on("DOT", TAKE_AND_CLOSE, match=LOST)
        self.smarthost.on("DOT", "451 4.7.1 Later", match=LATER)
        self.smarthost.on("DOT", "554 5.7.1 Spam", match=SPAM)

    @asynccontextmanager
    async def set(self) -> AsyncIterator[None]:
        listen = {"tls": "starttls", "auth": "optional", "certificate": self.authority.issue()}
        async with (
            self.smarthost,
            front(
                self.smarthost.address,
                listen=listen,
                authenticator=OnlyAnn(),
                message_bytes=LIMIT_BYTES,
                spool_bytes=1024,
            ) as self.server,
        ):
            yield

    async def begin(self, sizes: list[int]) -> Dialog:
        """Let a client come in, and say hello."""
        self.smarthost.messages.clear()
        client = await Client.connect(self.server)
        assert (await client.reply())[0].startswith("220 ")
        dialog = Dialog(client, sizes, self.authority.client_context())
        await dialog.do(Step("EHLO"))
        return dialog

    async def end(self) -> list[Mail]:
        """Wait until nobody is there any more, and give what has arrived."""
        async with asyncio.timeout(10):
            while self.server._visits:
                await asyncio.wait(self.server._visits)
        assert self.smarthost.violations == []
        assert self.server._house.memory.used_bytes == 0
        return [Mail(mail.mail_from, mail.rcpts, mail.octets) for mail in self.smarthost.messages]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all dialogs."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def stage(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    setting = stage.set()
    runner.run(setting.__aenter__())
    yield stage
    runner.run(setting.__aexit__(None, None, None))


@examples(150)
@given(talk=TALKS, sizes=SIZES)
def test_answered_means_arrived(
    runner: asyncio.Runner, stage: Stage, talk: list[Step], sizes: list[int]
) -> None:
    """R-A1, R-B9: each reply is the one that a client expects; 250 is mail at the upstream."""

    async def run() -> None:
        dialog = await stage.begin(sizes)
        async with dialog.client:
            for step in talk:
                await dialog.do(step)
            await dialog.catch_up()
            # Whatever was said, a mail still gets through.
            for step in (Step("RSET"), Step("EHLO"), Step("MAIL", "end@a.test")):
                await dialog.do(step)
            await dialog.do(Step("RCPT", "bob@b.test"))
            await dialog.do(Step("DATA", octets=b"end\r\n"))
            assert await dialog.client.ask("QUIT") == "221 2.0.0 Bye"
        arrived = await stage.end()
        assert arrived == dialog.arrived
        assert dialog.answered[-1].sender == "end@a.test"
        event(f"{len(dialog.answered)} answered, {len(arrived) - len(dialog.answered)} unknown")

    runner.run(run())


@examples(100)
@given(
    talk=TALKS,
    octets=LINES.filter(is_legal),
    by=st.sampled_from(["DATA", "BDAT"]),
    sent=st.floats(0, 1),
    aborts=st.booleans(),
    sizes=SIZES,
)
def test_cut_off(
    runner: asyncio.Runner,
    stage: Stage,
    talk: list[Step],
    octets: bytes,
    by: str,
    sent: float,
    aborts: bool,
    sizes: list[int],
) -> None:
    """R-A9: who is cut off in a message has sent none; at its end one or none, and never more."""

    async def run() -> None:
        dialog = await stage.begin(sizes)
        for step in (*talk, Step("RSET"), Step("EHLO"), Step("MAIL", "cut@a.test")):
            await dialog.do(step)
        await dialog.do(Step("RCPT", "bob@b.test"))
        if by == "DATA":
            assert (await dialog.client.ask("DATA"))[:3] == "354"
            wire = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
        else:
            wire = b"BDAT %d LAST\r\n" % len(octets) + octets
        part = wire[: round(sent * len(wire))]
        dialog.send(part)
        if aborts:
            dialog.client.cut()
        else:
            dialog.client.writer.close()
        arrived = await stage.end()
        last = [Mail("cut@a.test", ("bob@b.test",), octets)]
        assert arrived[: len(dialog.arrived)] == dialog.arrived
        rest = arrived[len(dialog.arrived) :]
        assert rest == [] or (rest == last and part == wire)

    runner.run(run())
