"""An IMAP server for tests: the few commands that reading a folder takes, on loopback."""

import re
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Account:
    """What the server has, and what it was asked."""

    user: str = "hanako"
    password: str = "geheim ❤"
    folders: dict[str, str] = field(default_factory=lambda: {"INBOX": "", "Sent": "\\Sent"})
    """Flags by name, as the server sends it."""

    mails: dict[int, bytes] = field(default_factory=dict)
    """By UID: those of every folder."""

    validity: int = 7
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    context: ssl.SSLContext | None = None
    starttls: bool = False
    refusal: str = "NO [AUTHENTICATIONFAILED] no"
    dies_at: int = 0
    """Number of the FETCH of whole mails at which the connection breaks; 0: never."""

    said: list[str] = field(default_factory=list)


class Dialog(socketserver.StreamRequestHandler):
    """One connection."""

    account: Account

    def handle(self) -> None:
        with suppress(OSError):
            if self.account.context is not None and not self.account.starttls:
                self._encrypt()
            self._say("* OK ready")
            while line := self.rfile.readline():
                self._answer(line.decode().rstrip("\r\n"))

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()

    def _encrypt(self) -> None:
        assert self.account.context is not None
        self.request = self.account.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _answer(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        word, _, more = rest.partition(" ")
        self.account.said.append(word if word in {"LOGIN", "AUTHENTICATE"} else rest)
        answer = getattr(self, f"_{word.lower()}", None)
        self._say(f"{tag} {answer(more) if answer else 'BAD what?'}")
        if word == "STARTTLS":
            self._encrypt()

    def _capability(self, _: str) -> str:
        self._say(f"* CAPABILITY {self.account.capabilities}")
        return "OK done"

    def _starttls(self, _: str) -> str:
        return "OK done"

    def _login(self, words: str) -> str:
        right = f'{self.account.user} "{self.account.password}"'
        return "OK done" if words == right else self.account.refusal

    def _authenticate(self, _: str) -> str:
        self._say("+ ")
        login = b64decode(self.rfile.readline()).decode()
        right = f"\0{self.account.user}\0{self.account.password}"
        return "OK done" if login == right else self.account.refusal

    def _list(self, words: str) -> str:
        if words.startswith("(") and "SPECIAL-USE" not in self.account.capabilities:
            return "BAD no"
        for name, flags in self.account.folders.items():
            self._say(f'* LIST (\\HasNoChildren {flags}) "/" {name}')
        return "OK done"

    def _examine(self, name: str) -> str:
        if name.strip('"') not in {each.strip('"') for each in self.account.folders}:
            return "NO no such folder"
        self._say(f"* {len(self.account.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.account.validity}]")
        return "OK [READ-ONLY]"

    def _fetch(self, words: str) -> str:
        low, high = map(int, re.match(r"(\d+):(\d+)", words).groups())
        whole = "BODY" in words
        asked = [said for said in self.account.said if said.startswith("FETCH") and "BODY" in said]
        if whole and len(asked) == self.account.dies_at:
            self.request.close()
            raise ConnectionResetError
        for number, uid in list(enumerate(sorted(self.account.mails), 1))[low - 1 : high]:
            if whole:
                octets = self.account.mails[uid][:65536]
                self._say(f"* {number} FETCH (UID {uid} BODY[]<0> {{{len(octets)}}}")
                self.wfile.write(octets)
                self._say(")")
            else:
                self._say(f"* {number} FETCH (UID {uid})")
        return "OK done"

    def _logout(self, _: str) -> str:
        self._say("* BYE")
        return "OK done"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def imap(account: Account) -> Iterator[str]:
    """Serve *account*; gives host and port."""
    dialog = type("AccountDialog", (Dialog,), {"account": account})
    with Server(("127.0.0.1", 0), dialog) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"localhost:{server.server_address[1]}"
        finally:
            server.shutdown()
            serving.join()
