"""
What `guard.ports.Upstream` promises, over every way there is to the upstream.

The adapter is one, the ways are four: in clear, without pipelining, and encrypted in two manners.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from certificates import Authority
from front import QUICK, pool_to
from smarthost import CLOSE, HANG, RESET, TAKE_AND_CLOSE, TAKE_AND_HANG, Smarthost

from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import StoreError, UpstreamError
from guard.model.hold import Fate
from guard.model.octets import InMemory
from guard.model.reply import Reply
from guard.ports import Transaction, Upstream
from guard.upstream import UpstreamPool

ANN = Address.parse("ann@example.com")
BOB = Recipient(address=Address.parse("bob@example.net"))
EVE = Recipient(address=Address.parse("Eve+x@example.org"), params=("NOTIFY=NEVER",))
OCTETS = b"Subject: a\r\n\r\n.dot\r\n..\r\n\xe8\x8a\xb1\r\n"
NO_ANSWER = UpstreamError.reply

WAYS = {
    "clear": ({}, {}),
    "one command at a time": ({}, {"extensions": ("8BITMIME", "SMTPUTF8", "DSN")}),
    "STARTTLS": ({"tls": "required"}, {}),
    "implicit TLS": ({"tls": "implicit"}, {"implicit_tls": True}),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=WAYS)
def way(
    request: pytest.FixtureRequest, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict, dict]:
    """Settings of the route, and of the smarthost."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    route, smarthost = WAYS[request.param]
    return route, smarthost | ({"tls": authority.server_context()} if route else {})


@pytest.fixture
async def smarthost(way: tuple[dict, dict]) -> AsyncIterator[Smarthost]:
    async with Smarthost(**way[1]) as smarthost:
        yield smarthost
        assert smarthost.violations == []


@pytest.fixture
async def upstream(smarthost: Smarthost, way: tuple[dict, dict]) -> AsyncIterator[UpstreamPool]:
    address = smarthost.address.replace("127.0.0.1", "localhost")
    async with pool_to(address, route=way[0]) as pool:
        yield pool


@pytest.fixture
async def hasty(smarthost: Smarthost, way: tuple[dict, dict]) -> AsyncIterator[UpstreamPool]:
    """An upstream that is not waited for long."""
    address = smarthost.address.replace("127.0.0.1", "localhost")
    async with pool_to(address, route=way[0], budgets=QUICK) as pool:
        yield pool


async def begun(upstream: Upstream, *recipients: Recipient) -> Transaction:
    transaction = await upstream.transaction()
    assert (await transaction.mail(ANN, ())).is_positive
    for recipient in recipients:
        assert (await transaction.rcpt(recipient)).is_positive
    return transaction


async def test_a_message_arrives_as_it_is(upstream: Upstream, smarthost: Smarthost) -> None:
    """Envelope to the letter, octets to the octet, and the upstream's own words for everybody."""
    transaction = await upstream.transaction()
    assert await transaction.mail(ANN, ("BODY=8BITMIME",)) == Reply(250, "2.1.0", "Sender ok")
    assert await transaction.rcpt(BOB) == Reply(250, "2.1.5", "Recipient ok")
    assert await transaction.rcpt(EVE) == Reply(250, "2.1.5", "Recipient ok")
    outcome = await transaction.data(b"Received: x\r\n", OCTETS)
    taken = Reply(250, "2.0.0", "Taken as 1")
    assert outcome.reply == taken
    assert outcome.recipients == (
        (BOB.address, Fate.TAKEN, taken),
        (EVE.address, Fate.TAKEN, taken),
    )
    (mail,) = smarthost.messages
    assert mail.mail_from == "ann@example.com"
    assert mail.mail_params == ("BODY=8BITMIME",)
    assert mail.rcpts == ("bob@example.net", "Eve+x@example.org")
    assert mail.octets == b"Received: x\r\n" + OCTETS
    assert "RCPT TO:<Eve+x@example.org> NOTIFY=NEVER" in smarthost.commands


async def test_null_sender_and_empty_message(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-D2: the null sender stays null; a message of no octets is one too."""
    transaction = await upstream.transaction()
    await transaction.mail(None, ())
    await transaction.rcpt(BOB)
    await transaction.data()
    assert smarthost.messages == [("", (), ("bob@example.net",), b"")]


async def test_big_message(upstream: Upstream, smarthost: Smarthost) -> None:
    """What does not fit into one write arrives whole."""
    octets = b".line of a big message\r\n" * 60_000
    transaction = await begun(upstream, BOB)
    assert (await transaction.data(octets)).fates == {Fate.TAKEN}
    assert smarthost.messages[0].octets == octets


async def test_connections_are_kept(upstream: Upstream, smarthost: Smarthost) -> None:
    """One after the other, messages and abandoned transactions share a connection."""
    for number in range(3):
        transaction = await begun(upstream, BOB)
        if number == 1:
            await transaction.reset()
        else:
            await transaction.data(OCTETS)
    assert len(smarthost.messages) == 2
    # Without pipelining, the reply to RSET is waited for before the connection is used again.
    assert smarthost.connections == 1 + ("PIPELINING" not in smarthost.extensions)


async def test_recipients_proposed_at_once(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-E3: each gets its own reply, in order; who was refused is not in the outcome."""
    smarthost.on("RCPT", "550 5.1.1 No such user", match="Eve")
    transaction = await begun(upstream)
    replies = await asyncio.gather(*(transaction.rcpt(to) for to in (BOB, EVE, BOB)))
    assert [reply.code for reply in replies] == [250, 550, 250]
    outcome = await transaction.data(OCTETS)
    assert [address for address, _, _ in outcome.recipients] == [BOB.address, BOB.address]
    assert smarthost.messages[0].rcpts == ("bob@example.net", "bob@example.net")


@pytest.mark.parametrize(
    "reply", ["550 5.7.1 No", "451 4.7.1 Later", "550-5.7.1 No\r\n550 5.7.1 x"]
)
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_refusals(upstream: Upstream, smarthost: Smarthost, command: str, reply: str) -> None:
    """R-E1, R-E2: a refusal comes back with code and text, and the connection is still good."""
    smarthost.on(command, reply, times=1)
    transaction = await upstream.transaction()
    said = [await transaction.mail(ANN, ())]
    if said[-1].is_positive:
        said.append(await transaction.rcpt(BOB))
    if said[-1].is_positive:
        outcome = await transaction.data(OCTETS)
        said.append(outcome.reply)
        assert outcome.recipients == ((BOB.address, Fate.REFUSED, outcome.reply),)
    await transaction.reset()
    assert str(said[-1]) == reply
    assert smarthost.messages == []

    assert (await (await begun(upstream, BOB)).data(OCTETS)).fates == {Fate.TAKEN}


FAULTS = [
    CLOSE,
    RESET,
    pytest.param(b"421 4.3.2 Bye\n", id="bare LF"),
    pytest.param(b"HTTP/1.1 200 OK\r\n", id="no SMTP"),
    pytest.param(b"250-x\r\n" * 600, id="flood of lines"),
    pytest.param(b"250-" + b"x" * 70_000, id="endless line"),
    pytest.param(b"399 What now\r\n", id="class 3"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("command", "enhanced", "fates"),
    [("RCPT", "4.4.1", set()), ("DATA", "4.4.1", {Fate.REFUSED}), ("DOT", "4.4.2", {Fate.UNKNOWN})],
)
async def test_faults(
    upstream: Upstream,
    smarthost: Smarthost,
    command: str,
    enhanced: str,
    fates: set[Fate],
    fault: object,
) -> None:
    """R-E1, R-E5: trouble is a 451 and no exception; after the dot alone nobody knows."""
    smarthost.on(command, fault)
    transaction = await begun(upstream)
    reply = await transaction.rcpt(BOB)
    outcome = await transaction.data(OCTETS)
    assert reply.is_positive == (command != "RCPT")
    assert (outcome.reply.code, outcome.reply.enhanced) == (451, enhanced)
    assert outcome.fates == fates
    assert smarthost.messages == []


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_more_replies_than_commands(
    upstream: Upstream, smarthost: Smarthost, command: str
) -> None:
    """R-E5: an upstream out of step is not believed any more."""
    smarthost.on(command, b"250 a\r\n250 b\r\n250 c\r\n")
    outcome = await (await begun(upstream, BOB)).data(OCTETS)
    assert outcome.reply == NO_ANSWER
    assert smarthost.messages == []


@pytest.mark.parametrize("fault", [CLOSE, RESET, b"250 2.0.0 Already\r\n"])
async def test_end_in_the_middle_of_the_message(
    upstream: Upstream, smarthost: Smarthost, fault: object
) -> None:
    """R-E1: before the dot went out nothing can have been taken, whatever is said."""
    smarthost.on("BODY", fault)
    outcome = await (await begun(upstream, BOB)).data(b"some text\r\n" * 500_000)
    assert outcome.reply == NO_ANSWER
    assert outcome.fates == {Fate.REFUSED}
    assert smarthost.messages == []


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_silence(hasty: Upstream, smarthost: Smarthost, command: str) -> None:
    """R-E4: an upstream that hangs is given up when its time is over."""
    smarthost.on(command, HANG)
    if command in {"CONNECT", "EHLO"}:
        with pytest.raises(UpstreamError):
            await hasty.transaction()
        return
    transaction = await hasty.transaction()
    await transaction.mail(ANN, ())
    await transaction.rcpt(BOB)
    outcome = await transaction.data(OCTETS)
    assert outcome.reply == NO_ANSWER
    assert outcome.fates <= {Fate.REFUSED}


@pytest.mark.parametrize("fault", [TAKE_AND_CLOSE, TAKE_AND_HANG])
async def test_no_reply_after_the_dot(hasty: Upstream, smarthost: Smarthost, fault: object) -> None:
    """R-E7: the dot went out, the reply did not come: nobody knows, and that is what is said."""
    smarthost.on("DOT", fault)
    outcome = await (await begun(hasty, BOB, EVE)).data(OCTETS)
    assert outcome.reply.code == 451
    assert outcome.reply.enhanced == "4.4.2"
    assert outcome.fates == {Fate.UNKNOWN}
    assert len(smarthost.messages) == 1


async def test_refusal_in_the_middle_of_the_message(
    upstream: Upstream, smarthost: Smarthost
) -> None:
    """A refusal before the dot counts; the rest of the message is not sent."""
    smarthost.on("BODY", b"552 5.3.4 Too big\r\n")
    outcome = await (await begun(upstream, BOB)).data(b"some text\r\n" * 500_000)
    assert outcome.reply == Reply(552, "5.3.4", "Too big")
    assert outcome.fates == {Fate.REFUSED}


@pytest.mark.parametrize("when", ["MAIL", "RCPT", "DATA"])
async def test_upstream_tired_of_a_slow_client(
    upstream: Upstream, smarthost: Smarthost, when: str
) -> None:
    """A connection that was closed between commands is replaced, and all is said again there."""
    await (await begun(upstream, BOB)).data(OCTETS)
    transaction = await upstream.transaction()
    steps: dict[str, Callable] = {
        "MAIL": lambda: transaction.mail(ANN, ()),
        "RCPT": lambda: transaction.rcpt(BOB),
        "DATA": lambda: transaction.data(OCTETS),
    }
    for command, step in steps.items():
        if command == when:
            smarthost.hang_up()
            await smarthost.wait_until(lambda: smarthost.open_connections == 0)
        last = await step()
    assert last.fates == {Fate.TAKEN}
    assert len(smarthost.messages) == 2
    assert smarthost.connections == 2


async def test_421_to_data_is_a_closed_connection(upstream: Upstream, smarthost: Smarthost) -> None:
    """The upstream says that its patience is over: another connection, once."""
    smarthost.on("DATA", "421 4.4.2 Timeout", times=1)
    outcome = await (await begun(upstream, BOB, EVE)).data(OCTETS)
    assert outcome.fates == {Fate.TAKEN}
    assert smarthost.messages[0].rcpts == ("bob@example.net", "Eve+x@example.org")
    assert smarthost.connections == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
async def test_upstream_changes_its_mind(
    upstream: Upstream, smarthost: Smarthost, command: str
) -> None:
    """What was agreed to before is refused on the second connection: nobody gets the message."""
    transaction = await begun(upstream, BOB, EVE)
    smarthost.on(command, "550 5.7.1 No more")
    smarthost.hang_up()
    await smarthost.wait_until(lambda: smarthost.open_connections == 0)
    outcome = await transaction.data(OCTETS)
    assert outcome.reply.code == 451
    assert outcome.fates == {Fate.REFUSED}
    assert smarthost.messages == []


@pytest.mark.parametrize("fault", ["554 5.3.2 Closed", "421 4.3.2 Busy", CLOSE, b"SSH-2.0\r\n"])
@pytest.mark.parametrize("command", ["CONNECT", "EHLO"])
async def test_no_connection(
    upstream: Upstream, smarthost: Smarthost, command: str, fault: object
) -> None:
    """R-E1, R-E4: without a greeting there is no transaction, and with it there is one again."""
    if command == "EHLO" and fault == "554 5.3.2 Closed":
        smarthost.on("HELO", fault)  # the next that we try
    smarthost.on(command, fault, times=1)
    with pytest.raises(UpstreamError):
        await upstream.transaction()
    await (await begun(upstream, BOB)).data(OCTETS)
    assert len(smarthost.messages) == 1


async def test_down_and_up(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-E1: while nobody listens there is an error; afterwards kept connections do no harm."""
    await (await begun(upstream, BOB)).data(OCTETS)
    await smarthost.stop()
    with pytest.raises(UpstreamError):
        await begun(upstream)
    await smarthost.start()
    await (await begun(upstream, BOB)).data(OCTETS)
    assert len(smarthost.messages) == 2


@pytest.mark.parametrize("octets", [b"a\rb\r\n", b"a\n", b"a", b"a\r\n\n"])
@pytest.mark.parametrize("lines", [0, 100_000], ids=["small", "big"])
@pytest.mark.parametrize("chunking", [False, True])
async def test_only_crlf_lines_go_out(
    upstream: Upstream, smarthost: Smarthost, octets: bytes, lines: int, chunking: bool
) -> None:
    """R-B4: the writer refuses what a lenient server could take for two messages; none arrives."""
    smarthost.extensions = (*smarthost.extensions, "CHUNKING")
    transaction = await begun(upstream, BOB)
    with pytest.raises(ValueError, match="CRLF"):
        await transaction.data(b"a line\r\n" * lines, octets, chunking=chunking)
    await smarthost.wait_until(lambda: smarthost.open_connections == 0)
    assert smarthost.messages == []
    assert (await (await begun(upstream, BOB)).data(OCTETS)).fates == {Fate.TAKEN}


class Torn(InMemory):
    """A message on a disk that fails in the middle."""

    def blocks(self) -> Iterator[bytes]:
        yield from list(super().blocks())[:-1]
        raise OSError("a spooled block is damaged")


@pytest.mark.parametrize("chunking", [False, True])
async def test_a_message_that_cannot_be_read_on(
    upstream: Upstream, smarthost: Smarthost, chunking: bool
) -> None:
    """R-E1: the upstream has no whole message, and the connection is of no more use."""
    smarthost.extensions = (*smarthost.extensions, "CHUNKING")
    transaction = await begun(upstream, BOB)
    with pytest.raises(OSError, match="damaged"):
        await transaction.data(OCTETS, Torn(b"a line\r\n" * 100_000), chunking=chunking)
    await smarthost.wait_until(lambda: smarthost.open_connections == 0)
    assert smarthost.messages == []


async def test_after_the_end(upstream: Upstream) -> None:
    """A transaction is used once: later calls change nothing and raise nothing."""
    transaction = await begun(upstream, BOB)
    await transaction.reset()
    await transaction.reset()
    assert not (await transaction.mail(ANN, ())).is_positive
    assert not (await transaction.rcpt(BOB)).is_positive
    outcome = await transaction.data(OCTETS)
    assert not outcome.reply.is_positive


async def test_data_without_recipients(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-B9: a message for nobody is not sent."""
    outcome = await (await begun(upstream)).data(OCTETS)
    assert outcome.reply.code == 554
    assert outcome.recipients == ()
    assert "DATA" not in smarthost.commands


@pytest.fixture
def chunking(smarthost: Smarthost) -> Smarthost:
    """A smarthost that knows BDAT."""
    smarthost.extensions = (*smarthost.extensions, "CHUNKING")
    return smarthost


async def test_chunks_go_on_as_chunks(upstream: Upstream, chunking: Smarthost) -> None:
    """R-C1: what came by BDAT goes out by BDAT, in one chunk, dots and all; others by DATA."""
    parts = (b"Received: x\r\n", InMemory(OCTETS))
    for by_bdat in (True, False):
        outcome = await (await begun(upstream, BOB)).data(*parts, chunking=by_bdat)
        assert outcome.fates == {Fate.TAKEN}
    assert [mail.octets for mail in chunking.messages] == [b"Received: x\r\n" + OCTETS] * 2
    sent = [line for line in chunking.commands if line.startswith(("BDAT", "DATA"))]
    assert sent == [f"BDAT {13 + len(OCTETS)} LAST", "DATA"]


async def test_chunks_to_who_knows_none(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-C1: and by DATA where the upstream knows no other way."""
    outcome = await (await begun(upstream, BOB)).data(OCTETS, chunking=True)
    assert outcome.fates == {Fate.TAKEN}
    assert smarthost.messages[0].octets == OCTETS


async def test_a_big_chunk_and_an_empty_one(upstream: Upstream, chunking: Smarthost) -> None:
    """R-C1: of any size."""
    for octets in (b".line of a big message\r\n" * 60_000, b""):
        outcome = await (await begun(upstream, BOB)).data(InMemory(octets), chunking=True)
        assert outcome.fates == {Fate.TAKEN}
        assert chunking.messages[-1].octets == octets


@pytest.mark.parametrize(
    ("fault", "enhanced", "fate"),
    [
        pytest.param("550 5.7.1 No", "5.7.1", Fate.REFUSED, id="refused"),
        pytest.param("451 4.7.1 Later", "4.7.1", Fate.REFUSED, id="put off"),
        pytest.param("354 Go on", "4.4.2", Fate.UNKNOWN, id="nonsense"),
        pytest.param(TAKE_AND_CLOSE, "4.4.2", Fate.UNKNOWN, id="no reply"),
        pytest.param(TAKE_AND_HANG, "4.4.2", Fate.UNKNOWN, id="silence"),
    ],
)
async def test_the_reply_to_the_last_chunk(
    hasty: Upstream, chunking: Smarthost, fault: object, enhanced: str, fate: Fate
) -> None:
    """R-E1, R-E2, R-E7: as that to the final dot."""
    chunking.on("DOT", fault)
    outcome = await (await begun(hasty, BOB)).data(OCTETS, chunking=True)
    assert (outcome.reply.enhanced, outcome.fates) == (enhanced, {fate})


@pytest.mark.parametrize("fault", [CLOSE, RESET, b"250 2.0.0 Already\r\n", b"552 5.3.4 Big\r\n"])
async def test_end_in_the_middle_of_the_chunk(
    upstream: Upstream, chunking: Smarthost, fault: object
) -> None:
    """R-E1: before it went out whole nothing can have been taken, whatever is said."""
    chunking.on("BODY", fault)
    outcome = await (await begun(upstream, BOB)).data(b"some text\r\n" * 500_000, chunking=True)
    assert outcome.reply.code == (552 if isinstance(fault, bytes) and fault[0] == 0x35 else 451)
    assert outcome.fates == {Fate.REFUSED}
    assert chunking.messages == []


async def test_eight_bits_to_who_takes_seven(upstream: Upstream, smarthost: Smarthost) -> None:
    """R-C5: refused, and never changed; nothing of it is sent, by whichever way it came."""
    smarthost.extensions = ("PIPELINING", "CHUNKING")
    for by_bdat in (False, True):
        outcome = await (await begun(upstream, BOB)).data(InMemory(OCTETS), chunking=by_bdat)
        assert (outcome.reply.code, outcome.reply.enhanced) == (554, "5.6.3")
    assert not any(line.startswith(("DATA", "BDAT")) for line in smarthost.commands)


@pytest.mark.parametrize("offered", [True, False])
async def test_requiretls(
    upstream: Upstream, smarthost: Smarthost, way: tuple[dict, dict], offered: bool
) -> None:
    """RFC 8689 §4.2: handed on under TLS to who offers it; to nobody else goes such a message."""
    if offered:
        smarthost.extensions = (*smarthost.extensions, "REQUIRETLS")
    transaction = await upstream.transaction()
    reply = await transaction.mail(ANN, ("requiretls",))
    if offered and way[0]:
        assert reply.is_positive
        assert "MAIL FROM:<ann@example.com> requiretls" in smarthost.commands
    else:
        assert (reply.code, reply.enhanced) == (550, "5.7.30")
        assert not any(line.startswith("MAIL") for line in smarthost.commands)
    await transaction.reset()


async def test_requiretls_with_an_unknown_peer(authority: Authority) -> None:
    """RFC 8689 §4.2.1: encryption to whom nobody has checked is no such promise."""
    extensions = ("PIPELINING", "REQUIRETLS")
    async with (
        Smarthost(tls=authority.server_context(), extensions=extensions) as smarthost,
        pool_to(smarthost.address, route={"tls": "opportunistic"}) as pool,
    ):
        transaction = await pool.transaction()
        assert (await transaction.mail(ANN, ("REQUIRETLS",))).enhanced == "5.7.30"
        await transaction.reset()


@pytest.mark.parametrize("size", [0, 200_000], ids=["small", "large"])
@pytest.mark.parametrize("answer", [True, False, StoreError("away")], ids=["yes", "no", "away"])
@pytest.mark.parametrize("by_bdat", [False, True], ids=["DATA", "BDAT"])
async def test_asked_right_before_the_end(
    chunking: Smarthost, upstream: Upstream, size: int, answer: bool | StoreError, by_bdat: bool
) -> None:
    """R-K2: the end of a message only leaves while who sends it may; else nobody has it."""
    smarthost, octets = chunking, OCTETS + b"x" * size + b"\r\n"
    asked = 0

    async def go_on() -> bool:
        nonlocal asked
        asked += 1
        if isinstance(answer, StoreError):
            raise answer
        return answer

    transaction = await upstream.transaction()
    await transaction.mail(ANN, ())
    await transaction.rcpt(BOB)
    if isinstance(answer, StoreError):
        with pytest.raises(StoreError):
            await transaction.data(octets, chunking=by_bdat, go_on=go_on)
    else:
        outcome = await transaction.data(octets, chunking=by_bdat, go_on=go_on)
        assert outcome.fates == ({Fate.TAKEN} if answer else {Fate.REFUSED})
        assert outcome.reply.code == (250 if answer else NO_ANSWER.code)

    assert asked == 1
    if answer is True:
        assert any(line.startswith("BDAT") for line in smarthost.commands) is by_bdat
    await smarthost.wait_until(lambda: smarthost.open_connections == (1 if answer is True else 0))
    assert [mail.octets for mail in smarthost.messages] == ([octets] if answer is True else [])
