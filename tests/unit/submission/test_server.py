# ruff: noqa: SIM117 -- the client inside the server inside the smarthost: in this order
"""The front as a client meets it: limits, time, faults of ours, and its end."""

import asyncio
import socket
import struct
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
import structlog
from certificates import Authority
from front import Client, OnlyAnn, deliver, front, pool_to
from smarthost import HANG, Smarthost

from guard.config import Listen, Settings
from guard.model.envelope import Submission
from guard.model.errors import StoreFullError
from guard.model.reply import Reply
from guard.ports import Credentials, Login, Transaction
from guard.submission import SubmissionServer
from guard.upstream import Budgets

MAIL = b"Subject: a\r\n\r\nb\r\n"


class Judge:
    """An `Accept` that waits to be told to go on, and keeps what it was shown."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.ended = asyncio.Event()
        self.submissions: list[Submission] = []
        self.was_gone: bool | None = None

    async def __call__(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        self.submissions.append(submission)
        self.begun.set()
        try:
            await self.go_on.wait()
            self.was_gone = gone()
            return await deliver(submission, transaction, gone)
        finally:
            self.ended.set()


class Tapped:
    """A transport, with a note of what is written to it."""

    def __init__(self, transport: asyncio.Transport, segments: list[bytes]) -> None:
        self._transport = transport
        self._segments = segments

    def write(self, octets: bytes) -> None:
        self._segments.append(octets)
        self._transport.write(octets)

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)


async def until_idle(server: SubmissionServer) -> None:
    """Wait for all sessions to end."""
    async with asyncio.timeout(5):
        while tasks := [session.task for session in server._crowd.sessions if session.task]:
            await asyncio.wait(tasks)


async def test_submission() -> None:
    """The judge is shown who sent what to whom, and nothing that was refused."""
    judge = Judge()
    judge.go_on.set()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        smarthost.on("RCPT", "550 5.1.1 No", match="nobody")
        async with await Client.greeted(server) as client:
            await client.ask("MAIL FROM:<Ann@example.com> BODY=8BITMIME AUTH=<>")
            await client.ask("RCPT TO:<nobody@example.net>")
            await client.ask("RCPT TO:<Bob@example.net> NOTIFY=NEVER")
            await client.ask("DATA")
            await client.ask(b"..a\r\n.\r\n")
    (submission,) = judge.submissions
    assert submission.octets.whole() == b".a\r\n"
    assert str(submission.envelope.sender) == "Ann@example.com"
    assert submission.envelope.params == ("BODY=8BITMIME",)
    (recipient,) = submission.envelope.recipients
    assert (recipient.address.text, recipient.params) == ("Bob@example.net", ("NOTIFY=NEVER",))
    assert submission.submitter.peer == "127.0.0.1"
    assert submission.submitter.helo == "client.test"
    assert submission.received_at.tzinfo is UTC
    assert len(submission.id) == 16


async def test_the_clients_going_cancels_nothing() -> None:
    """R-A9: once begun, the acceptance runs to its end, and it can see that the client is gone."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            client.send(MAIL + b".\r\n")
            await judge.begun.wait()
            client.cut()
            (session,) = server._crowd.sessions
            async with asyncio.timeout(5):
                while not session.gone():
                    await asyncio.sleep(0.001)
            judge.go_on.set()
            await smarthost.wait_for(1)
            await judge.ended.wait()
    assert judge.was_gone is True


async def test_half_closed_counts_as_gone() -> None:
    """R-A9: a client that says goodbye before our reply would never believe it."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            client.send(MAIL + b".\r\n")
            await judge.begun.wait()
            client.writer.write_eof()
            (session,) = server._crowd.sessions
            async with asyncio.timeout(5):
                while not session.gone():
                    await asyncio.sleep(0.001)
            judge.go_on.set()
            assert await client.reply() == ["250 2.0.0 Taken as 1"]
    assert judge.was_gone is True


async def test_half_closed_behind_quit_is_not_gone() -> None:
    """R-A9: who has said all up to QUIT, as Exim does, still waits for the replies."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            client.send(MAIL + b".\r\n", "QUIT")
            client.writer.write_eof()
            await judge.begun.wait()
            (session,) = server._crowd.sessions
            async with asyncio.timeout(5):
                while not session._hung_up:
                    await asyncio.sleep(0.001)
            judge.go_on.set()
            assert await client.reply() == ["250 2.0.0 Taken as 1"]
            assert await client.reply() == ["221 2.0.0 Bye"]
    assert judge.was_gone is False


@pytest.mark.parametrize("how", ["reset", "end of file"])
async def test_gone_in_data(how: str) -> None:
    """R-A9: half a message is nothing; the upstream's transaction is given up."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            client.send(MAIL)
            if how == "reset":
                sock = client.writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.cut()
            else:
                client.writer.write_eof()
            await until_idle(server)
            await smarthost.wait_until(lambda: smarthost.commands[-1] == "RSET")
    assert judge.submissions == []
    assert smarthost.messages == []


@pytest.mark.parametrize("end", ["RSET", "EHLO again.test", "QUIT", "HELO again.test"])
async def test_a_transaction_is_given_up(end: str) -> None:
    """RSET, a new greeting or QUIT: the upstream is told, and keeps its connection."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.greeted(server) as client:
            await client.ask("MAIL FROM:<a@b.test>")
            assert (await client.ask(end))[0] == "2"
            await smarthost.wait_until(lambda: smarthost.commands[-1] == "RSET")
        assert smarthost.connections == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("secret /etc/passwd"), "451 4.3.0 Temporary failure "),
        (StoreFullError("secret"), "452 4.3.1 "),
        (TimeoutError(), "451 4.3.0 "),
        (OSError(28, "secret"), "451 4.3.0 "),
        (ConnectionResetError("the database's"), "451 4.3.0 "),
    ],
)
async def test_faults_of_ours_are_temporary(error: Exception, code: str) -> None:
    """General words to the client, a name and a place to the log; the session goes on."""

    async def fail(*_: object) -> Reply:
        raise error

    async with Smarthost() as smarthost, front(smarthost.address, accept=fail) as server:
        with structlog.testing.capture_logs() as logs:
            async with await Client.greeted(server) as client:
                reply = await client.mail(MAIL)
                assert reply.startswith(code)
                assert "secret" not in reply
                assert (await client.ask("NOOP")).startswith("250")
                assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("250")
        (failed,) = [line for line in logs if line["event"] == "submission.failed"]
        assert failed["error"] == type(error).__name__
        assert "secret" not in repr(failed)
        assert isinstance(error, StoreFullError) or failed["fault_id"] in reply


async def test_upstream_down() -> None:
    """R-E2: without an upstream MAIL is refused for now, and the client may stay."""
    async with Smarthost() as smarthost:
        address = smarthost.address
    async with front(address) as server, await Client.greeted(server) as client:
        assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("451 4.4.1 ")
        assert (await client.ask("RCPT TO:<a@b.test>")).startswith("503 ")
        assert (await client.ask("NOOP")).startswith("250 ")


async def test_no_relay_for_strangers() -> None:
    """T3: who is in no trusted network may look, but not mail."""
    listen = {"trusted": ("192.0.2.0/24",)}
    async with Smarthost() as smarthost, front(smarthost.address, listen=listen) as server:
        async with await Client.greeted(server) as client:
            assert (await client.ask("MAIL FROM:<a@b.test>")).startswith("554 5.7.1 ")
        assert not any(line.startswith("MAIL") for line in smarthost.commands)


async def test_connections_are_capped() -> None:
    """R-B7: above the cap 421, and there is room again when one has left."""
    async with Smarthost() as smarthost, front(smarthost.address, connections=3) as server:
        clients = [await Client.connect(server) for _ in range(4)]
        replies = [await client.reply() for client in clients]
        assert [reply[0][:4] for reply in replies] == ["220 ", "220 ", "220 ", "421 "]
        assert await clients[3].reply() == []
        await clients[0].ask("QUIT")
        clients[0].writer.close()
        async with asyncio.timeout(5):
            while len(server._crowd.sessions) > 2:
                await asyncio.sleep(0.001)
        async with await Client.connect(server) as another:
            assert (await another.reply())[0].startswith("220 ")
        for client in clients:
            client.writer.close()
        await until_idle(server)


@pytest.mark.parametrize(
    ("trusted", "limits", "welcome"),
    [
        pytest.param(("127.0.0.0/8",), {}, 102, id="trusted networks are exempt"),
        pytest.param(("127.0.0.0/8",), {"per_address": 2}, 2, id="unless a limit is set"),
        pytest.param((), {}, 100, id="strangers have a hundred"),
    ],
)
async def test_connections_of_one_address(
    trusted: tuple[str, ...], limits: dict, welcome: int
) -> None:
    """R-B7: one address cannot take all the connections."""
    listen = {"trusted": trusted}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, **limits) as server,
    ):
        clients = [await Client.connect(server) for _ in range(102)]
        replies = [await client.reply() for client in clients]
        assert sum(reply[0].startswith("220 ") for reply in replies) == welcome
        for client in clients:
            client.writer.close()
        await until_idle(server)
        assert server._crowd.per_address == {}


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param([], id="silent from the start"),
        pytest.param(["EHLO client.test"], id="silent between commands"),
        pytest.param(["EHLO client.test", b"NO"], id="half a command"),
        pytest.param(
            ["EHLO x", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>"], id="in a transaction"
        ),
    ],
)
async def test_silent_clients_are_parted_from(opening: list[str | bytes]) -> None:
    """R-B7: with 421, when their time is over."""
    async with Smarthost() as smarthost, front(smarthost.address, command_s=0.2) as server:
        async with await Client.connect(server) as client:
            client.send(*opening)
            while (reply := await client.reply()) and reply[-1].startswith("2"):
                pass
            assert reply == ["421 4.4.2 Timeout, closing the connection"]
            assert await client.reply() == []
        await until_idle(server)


async def test_silence_in_data() -> None:
    """R-B7: the same within a message."""
    async with Smarthost() as smarthost, front(smarthost.address, data_s=0.2) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
                await client.ask(line)
            assert (await client.ask(MAIL)).startswith("421 4.4.2 ")
            assert await client.reply() == []
        assert smarthost.messages == []


async def test_no_timer_runs_while_we_work() -> None:
    """A judgement or an upstream that takes longer than a client may be silent cuts nobody."""
    judge = Judge()
    async with Smarthost() as smarthost:
        async with front(smarthost.address, accept=judge, command_s=0.1, data_s=0.1) as server:
            async with await Client.greeted(server) as client:
                client.send("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA")
                for _ in range(3):
                    await client.reply()
                client.send(MAIL + b".\r\n")
                await judge.begun.wait()
                asyncio.get_running_loop().call_later(0.3, judge.go_on.set)
                assert (await client.reply())[0].startswith("250 ")


async def test_byte_by_byte() -> None:
    """R-B9: a whole session in packets of one octet."""
    talk = b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n..a\r\n.\r\nQUIT\r\n"
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.connect(server) as client:
            for octet in talk:
                client.send(bytes([octet]))
                await asyncio.sleep(0)
            replies = [(await client.reply())[-1][:3] for _ in range(7)]
        assert replies == ["220", "250", "250", "250", "354", "250", "221"]
        assert smarthost.messages[0].octets == b".a\r\n"


async def test_many_mails_in_one_segment() -> None:
    """R-B9: a client that waits for nothing gets every reply, and every mail arrives once."""
    one = [
        "MAIL FROM:<a@b.test>",
        *(f"RCPT TO:<r{number}@example.net>" for number in range(5)),
        "DATA",
        b"..a\r\n.\r\n",
    ]
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.greeted(server) as client:
            client.send(*one * 20)
            codes = [(await client.reply())[0][:3] for _ in range(20 * 8)]
        assert codes == (["250"] * 6 + ["354", "250"]) * 20
        assert len(smarthost.messages) == 20
        assert smarthost.connections == 1


async def test_recipients_of_a_batch_travel_together() -> None:
    """R-E3: a hundred recipients cost one round trip to the upstream, not a hundred."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        segments: list[bytes] = []
        async with await Client.greeted(server) as client:
            await client.ask("MAIL FROM:<a@b.test>")
            (connection,) = server._house.upstream._open
            connection._transport = Tapped(connection._transport, segments)
            client.send(*(f"RCPT TO:<r{number}@example.net>" for number in range(100)))
            codes = [(await client.reply())[0][:3] for _ in range(100)]
        assert codes == ["250"] * 100
        assert len(segments) < 10


async def test_drain() -> None:
    """R-A8: idle clients get 421, who is in DATA is finished, nobody new gets in."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        idle = await Client.greeted(server)
        busy = await Client.greeted(server)
        for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
            await busy.ask(line)
        address = server.addresses[0]
        stopping = asyncio.create_task(server.stop(10))
        assert await idle.reply() == ["421 4.3.2 Going down, try again later"]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
        busy.send(MAIL + b".\r\n", "NOOP")
        await judge.begun.wait()
        assert not stopping.done()
        judge.go_on.set()
        assert (await busy.reply())[0].startswith("250 2.0.0 Taken")
        assert (await busy.reply())[0].startswith("421 4.3.2")
        await stopping
        for client in (idle, busy):
            client.writer.close()


async def test_drain_has_an_end() -> None:
    """R-A8: what does not end in time is cut."""
    judge = Judge()
    async with Smarthost() as smarthost, front(smarthost.address, accept=judge) as server:
        client = await Client.greeted(server)
        for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"):
            await client.ask(line)
        client.send(MAIL + b".\r\n")
        await judge.begun.wait()
        await server.stop(0.05)
        assert judge.ended.is_set()
        assert server._crowd.sessions == {}
        client.writer.close()
    assert smarthost.messages == []


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(["DATA", MAIL], id="DATA"),
        pytest.param([b"BDAT 100\r\nSubject: a\r\n"], id="BDAT"),
    ],
)
async def test_who_is_cut_off_is_told(begun: list[str | bytes]) -> None:
    """R-A8: a message that is not whole in time is answered with 421 before the end."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.greeted(server) as client:
            for line in ("MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>"):
                await client.ask(line)
            client.send(*begun)
            if begun[0] == "DATA":
                await client.reply()
            (session,) = server._crowd.sessions
            async with asyncio.timeout(5):
                while session._between_commands:
                    await asyncio.sleep(0)
            await server.stop(0)
            assert await client.reply() == ["421 4.3.2 Going down, try again later"]
            assert await client.reply() == []
    assert smarthost.messages == []


async def test_who_is_cut_off_in_auth_is_told(tmp_path: Path) -> None:
    """R-A8: so is one whose login nobody has answered yet, under TLS."""
    authority, asked = Authority(tmp_path), asyncio.Event()

    class Silent(OnlyAnn):
        async def log_in(self, credentials: Credentials) -> Login:
            asked.set()
            await asyncio.Future()
            return await super().log_in(credentials)

    listen = {"tls": "implicit", "certificate": authority.issue(), "auth": "required"}
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, listen=listen, authenticator=Silent()) as server,
        await Client.greeted(server, authority.client_context()) as client,
    ):
        client.send("AUTH PLAIN AGFubgBwdw==")
        await asked.wait()
        await server.stop(0)
        assert await client.reply() == ["421 4.3.2 Going down, try again later"]
        assert await client.reply() == []


async def test_addresses_and_start_on_a_taken_port() -> None:
    """What is really bound is told; a port that is taken is an error, and binds nothing."""
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        (address,) = server.addresses
        assert address[0] == "127.0.0.1"
        assert address[1] > 0
        settings = Settings(
            listen=(Listen(address="127.0.0.1:0"), Listen(address=f"127.0.0.1:{address[1]}"))
        )
        second = SubmissionServer(settings, server._house.upstream, deliver)
        with pytest.raises(OSError, match=r"[Aa]ddress"):
            await second.start()
        assert second.addresses == []


async def test_greeting_does_not_wait_for_a_hanging_upstream() -> None:
    """R-E4: an upstream that hangs holds up its own transactions, and nobody's NOOP."""
    async with Smarthost() as smarthost:
        budgets = Budgets(connect_s=1, command_s=0.3, dot_s=1)
        async with front(smarthost.address, budgets=budgets) as server:
            async with await Client.greeted(server) as stuck, await Client.greeted(server) as free:
                smarthost.on("MAIL", HANG)
                stuck.send("MAIL FROM:<a@b.test>")
                await smarthost.wait_until(lambda: smarthost.commands[-1].startswith("MAIL"))
                assert (await free.ask("NOOP")).startswith("250")
                assert (await stuck.reply())[0].startswith("451 4.4.1")


async def test_three_thousand_malformed_commands() -> None:
    """R-B8: each gets one well-formed reply in which nothing of it comes back."""
    pieces = [
        "MAIL FROM:",
        "RCPT TO:",
        "<",
        ">",
        "a@b.test",
        "%s",
        "\x1b",
        "\r",
        "\0",
        "é",
        '"',
        "=",
    ]
    lines = [
        "XYZZY" + "".join(pieces[number // 12**place % 12] for place in range(3))
        for number in range(1000)
    ]
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        async with await Client.greeted(server) as client:
            for _ in range(3):
                client.send(*lines)
                for _ in lines:
                    (reply,) = await client.reply()
                    assert reply[:3] in {"500", "501"}
                    assert "XYZZY" not in reply
            assert (await client.ask("NOOP")).startswith("250")


async def test_without_room_mail_is_put_off() -> None:
    """R-A6: said at MAIL, before anybody has sent a message that could not be kept."""
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        full = True
        settings = Settings(listen=(Listen(address="127.0.0.1:0"),))
        server = SubmissionServer(settings, pool, deliver, room=lambda: not full)
        await server.start()
        try:
            async with await Client.greeted(server) as client:
                assert (await client.ask("MAIL FROM:<a@b.example>")).startswith("452 4.3.1")
                full = False
                assert (await client.ask("MAIL FROM:<a@b.example>")).startswith("250")
        finally:
            await server.stop(0)
