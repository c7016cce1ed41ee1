"""
Sent mail in an IMAP folder (RFC 3501), read only, each message once.

By sequence numbers, which have no gaps and stand still while only FETCH is said (§7.4.1).
"""

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from guard.config.sources import ImapSource
from guard.config.words import host_port
from guard.contacts.sources.changes import Broken, Change, Mark
from guard.contacts.sources.mbox import MOST_OCTETS
from guard.contacts.sources.sent import exchange_of
from guard.model.errors import SourceAwayError, SourceError
from guard.sources.secret import password_in

AT_ONCE: Final = 50
"""Messages of one FETCH: what they hold is in memory at the same time."""

_LISTED: Final = re.compile(
    rb'\((?P<flags>[^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") ?(?P<name>.*)', re.DOTALL
)
_UID: Final = re.compile(rb"\bUID (\d+)")
_LATER: Final = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
"""Answers after which trying again may go better (RFC 5530)."""


class SentFolder:
    """One folder of one account. The mark is its UIDVALIDITY and the highest UID that was read."""

    def __init__(self, its: ImapSource) -> None:
        self._its = its

    def changes(self, since: str, *, now: datetime) -> Iterator[Change]:
        """Give mail that came after the mark; as `Source` says."""
        password = password_in(self._its.password_file)
        return self._mail(password, since, now)

    def _mail(self, password: str, since: str, now: datetime) -> Iterator[Change]:
        its = self._its
        try:
            server = self._connected()
            try:
                self._log_in(server, password)
                yield from self._new(server, since, now)
            finally:
                _leave(server)
        except imaplib.IMAP4.abort as error:
            raise self._away(str(error)) from None
        except imaplib.IMAP4.error as error:
            raise self._wrong(f"says: {_short(error)}") from None
        except OSError as error:
            raise self._away(error.strerror or str(error)) from None
        except (ValueError, IndexError, TypeError) as error:
            # The library's own, over an answer that is none.
            raise SourceError(
                f"{its.name}: {its.address} does not speak IMAP ({type(error).__name__})"
            ) from None

    def _connected(self) -> imaplib.IMAP4:
        its = self._its
        host, port = host_port(its.address)
        try:
            context = ssl.create_default_context(cafile=str(its.ca) if its.ca else None)
        except OSError as error:
            raise SourceError(
                f"{its.name}: ca {its.ca}: cannot be used ({error.strerror or error})"
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            if its.tls == "implicit":
                return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=its.patience_s)
            server = imaplib.IMAP4(host, port, timeout=its.patience_s)
            if its.tls == "required":
                self._encrypt(server, context)
        except ssl.SSLCertVerificationError as error:
            raise SourceError(
                f"{its.name}: {its.address} shows a certificate that is not trusted "
                f"({error.verify_message}); check the name in `address`, and `ca`"
            ) from None
        except ssl.SSLError as error:
            raise SourceError(
                f"{its.name}: {its.address} does not speak TLS ({error.reason or error}); port 993 "
                'wants tls = "implicit", port 143 "required"'
            ) from None
        return server

    def _encrypt(self, server: imaplib.IMAP4, context: ssl.SSLContext) -> None:
        try:
            if "STARTTLS" not in server.capabilities:
                raise self._wrong('does not offer STARTTLS; port 993 wants tls = "implicit"')
            server.starttls(context)
        except BaseException:
            _leave(server, politely=False)
            raise

    def _log_in(self, server: imaplib.IMAP4, password: str) -> None:
        its = self._its
        try:
            if "AUTH=PLAIN" in server.capabilities:
                login = f"\0{its.user}\0{password}".encode()
                server.authenticate("PLAIN", lambda _: login)
            else:
                server.login(its.user, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if _LATER.search(str(error)):
                raise self._away(_short(error)) from None
            raise SourceError(
                f"{its.name}: {its.address} refuses the login of {its.user} ({_short(error)}); "
                "check `user` and password_file"
            ) from None
        except UnicodeEncodeError:
            raise SourceError(f"{its.name}: {its.address} takes passwords of ASCII only") from None

    def _new(self, server: imaplib.IMAP4, since: str, now: datetime) -> Iterator[Change]:
        folder = self._folder(server)
        typ, data = server.select(folder, readonly=True)
        if typ != "OK":
            raise self._wrong(f"does not open the folder {folder} ({_short(data[-1])})")
        there = int(data[0] or b"0")
        validity = (server.response("UIDVALIDITY")[1] or [None])[0] or b""
        begin = f"{folder} {validity.decode('ascii', 'replace')} "
        known = since.removeprefix(begin) if since.startswith(begin) else ""
        last = int(known) if known.isdecimal() else 0
        first = _first_after(server, last, there)
        for low in range(first, there + 1, AT_ONCE):
            for uid, octets in _fetched(server, low, min(low + AT_ONCE - 1, there)):
                last = max(last, uid)
                if octets is not None:
                    yield exchange_of(octets, now=now) or Broken(
                        f"{self._its.name}: the message with UID {uid} in {folder} has no sender "
                        "or no recipient"
                    )
            yield Mark(f"{begin}{last}")
        yield Mark(f"{begin}{last}")

    def _folder(self, server: imaplib.IMAP4) -> str:
        """Give the name of the folder, as it must be said: quoted."""
        if self._its.folder is not None:
            return _quoted(_utf7(self._its.folder).encode())
        asked = [('""', "*")]
        # Asked anew: before the login many servers name only what a login takes.
        if b"SPECIAL-USE" in b" ".join(server.capability()[1]).upper().split():
            asked.insert(0, ('(SPECIAL-USE) ""', "*"))
        names: list[str] = []
        for directory, pattern in asked:
            try:
                typ, data = server.list(directory, pattern)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                continue  # it says that it can, and cannot
            for flags, name in _listed(data) if typ == "OK" else ():
                if "\\sent" in flags:
                    return _quoted(name)
                names.append(name.decode("ascii", "replace"))
        shown = ", ".join(dict.fromkeys(names))[:300] or "nothing"
        raise self._wrong(f"marks no folder as \\Sent; write `folder`, one of: {shown}")

    def _away(self, why: str) -> SourceAwayError:
        return SourceAwayError(f"{self._its.name}: {self._its.address} does not answer ({why})")

    def _wrong(self, why: str) -> SourceError:
        kind = SourceAwayError if _LATER.search(why) else SourceError
        return kind(f"{self._its.name}: {self._its.address} {why}")


def _leave(server: imaplib.IMAP4, *, politely: bool = True) -> None:
    """End a connection, which may have ended by itself."""
    with suppress(OSError, imaplib.IMAP4.error):
        if politely:
            server.logout()
            return
    with suppress(OSError):
        server.shutdown()


def _first_after(server: imaplib.IMAP4, last: int, there: int) -> int:
    """Give the number of the first message whose UID is above *last*; UIDs rise with numbers."""
    low, high = 1, there + 1
    if not last:
        return low
    while low < high:
        middle = (low + high) // 2
        uid = next((uid for uid, _ in _fetched(server, middle, middle, what="(UID)")), 0)
        low, high = (middle + 1, high) if uid <= last else (low, middle)
    return low


def _fetched(
    server: imaplib.IMAP4,
    low: int,
    high: int,
    *,
    what: str = f"(UID BODY.PEEK[]<0.{MOST_OCTETS}>)",
) -> Iterator[tuple[int, bytes | None]]:
    """Give UID and first octets of some messages; `None` where the server has none to give."""
    typ, data = server.fetch(f"{low}:{high}", what)
    if typ != "OK":
        raise imaplib.IMAP4.error(_short(data[-1] if data else "FETCH failed"))
    octets: bytes | None = None
    head = b""
    # A literal comes as a pair, what follows it alone; without one, all comes alone.
    for part in data:
        if isinstance(part, tuple):
            head, octets = part[0], part[1]
            continue
        tail = part or b""
        found = _UID.search(head) or _UID.search(tail)
        if found:
            yield int(found[1]), octets
        head, octets = b"", None


def _listed(data: list[Any]) -> Iterator[tuple[str, bytes]]:
    """Give flags, in small letters, and name of each folder of a LIST."""
    for part in data:
        line, literal = part if isinstance(part, tuple) else (part, None)
        match = _LISTED.match(line or b"")
        if match:
            name = literal if literal is not None else _unquoted(match["name"].strip())
            yield match["flags"].decode("ascii", "replace").lower(), name


def _unquoted(name: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name


def _quoted(name: bytes) -> str:
    escaped = re.sub(rb'(["\\])', rb"\\\1", name)
    return f'"{escaped.decode("ascii", "replace")}"'


def _utf7(name: str) -> str:
    """Write a folder's name as IMAP has it: modified UTF-7 (RFC 3501 §5.1.3)."""

    def encoded(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        octets = match[0].encode("utf-16-be", errors="replace")
        return f"&{b64encode(octets, b'+,').decode().rstrip('=')}-"

    return re.sub(r"&|[^ -~]+", encoded, name)


def _short(error: object) -> str:
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else str(error)
    return " ".join(text.split())[:200]
