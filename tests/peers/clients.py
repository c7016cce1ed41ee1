"""Mail clients as people have them. Each sends one letter and says what the server told it."""

import asyncio
import re
import smtplib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from daemons import missing, needed
from nodemailer import nodemailer
from sending import MODULES, PATIENCE_S, Client, Letter, Told, Way, run, told


async def python(way: Way, letter: Letter, folder: Path) -> Told:
    """Send with smtplib."""
    return await asyncio.to_thread(_python, way, letter)


class _Remembering:
    """What smtplib forgets: the reply to the message."""

    said: tuple[int, bytes] = (0, b"")

    def data(self, msg: bytes) -> tuple[int, bytes]:
        """Send a message and keep the reply."""
        self.said = super().data(msg)  # type: ignore[misc]
        return self.said


class _Smtp(_Remembering, smtplib.SMTP):
    """In clear, or with STARTTLS."""


class _SmtpSsl(_Remembering, smtplib.SMTP_SSL):
    """With TLS from the start."""


def _python(way: Way, letter: Letter) -> Told:
    context = ssl.create_default_context(cafile=way.ca)
    client = (
        _SmtpSsl("localhost", way.port, context=context, timeout=PATIENCE_S)
        if way.tls == "implicit"
        else _Smtp("localhost", way.port, timeout=PATIENCE_S)
    )
    international = not (letter.sender + letter.recipient).isascii()
    try:
        with client:
            if way.tls == "starttls":
                client.starttls(context=context)
            client.ehlo()
            if way.user:
                client.user, client.password = way.user, way.password
                client.auth(
                    way.mechanism,
                    getattr(client, f"auth_{way.mechanism.lower()}".replace("-", "_")),
                )
            client.sendmail(
                letter.sender,
                [letter.recipient],
                letter.octets,
                ["SMTPUTF8", "BODY=8BITMIME"] if international else [],
            )
            code, text = client.said
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, text),) = refused.recipients.values()
    except smtplib.SMTPResponseException as refused:
        code, text = refused.smtp_code, refused.smtp_error
    return Told(code=code, text=text.decode())


async def swaks(way: Way, letter: Letter, folder: Path, *more: str) -> Told:
    """Send with swaks, and *more* words for it."""
    file = folder / "letter"
    # It puts a line end and the final dot behind whatever it is given.
    file.write_bytes(letter.octets.removesuffix(b"\r\n").replace(b"\r\n", b"\n"))
    tls = {"none": (), "starttls": ("--tls",), "implicit": ("--tls-on-connect",)}[way.tls]
    trust = ("--tls-verify", "--tls-ca-path", str(way.ca)) if way.ca else ()
    login = (
        ("--auth", way.mechanism, "--auth-user", way.user, "--auth-password", way.password)
        if way.user
        else ()
    )
    ran = await run(
        *("swaks", "--server", "localhost", "--port", str(way.port), *tls, *trust, *login),
        *("--from", letter.sender, "--to", letter.recipient, "--data", f"@{file}"),
        *("--suppress-data", "--timeout", str(PATIENCE_S), *more),
    )
    return told(re.findall(r"(?m)^<[-~*]{1,2}\*? +(\d{3}) (.*)$", ran.printed), ran)


async def swaks_in_batches(way: Way, letter: Letter, folder: Path) -> Told:
    """Send with swaks, MAIL, RCPT and DATA in one packet (RFC 2920)."""
    return await swaks(way, letter, folder, "--pipeline")


async def msmtp(way: Way, letter: Letter, folder: Path) -> Told:
    """Send with msmtp, as a mail program that pipes into sendmail does."""
    settings = {
        "host": "localhost",
        "port": str(way.port),
        "logfile": str(folder / "log"),
        "tls": "off" if way.tls == "none" else "on",
        "tls_starttls": "on" if way.tls == "starttls" else "off",
        "auth": way.mechanism.lower() if way.user else "off",
        "timeout": str(PATIENCE_S),
    }
    if way.ca:
        settings["tls_trust_file"] = str(way.ca)
    if way.user:
        settings |= {"user": way.user, "password": way.password}
    file = folder / "msmtprc"
    file.touch(0o600)
    file.write_text(
        "account default\n" + "".join(f"{key} {value}\n" for key, value in settings.items()),
        "utf-8",
    )
    ran = await run(
        *("msmtp", f"--file={file}", f"--from={letter.sender}", "--", letter.recipient),
        given=letter.octets.replace(b"\r\n", b"\n"),
    )
    log = (folder / "log").read_text("utf-8") if (folder / "log").exists() else ""
    return told(re.findall(r"smtpmsg='(\d{3})[ -](.*?)'(?: |$)", log), ran)


async def curl(way: Way, letter: Letter, folder: Path) -> Told:
    """Send with curl, as scripts do."""
    file = folder / "letter"
    file.write_bytes(letter.octets)
    login = ("--user", f"{way.user}:{way.password}") if way.user else ()
    ran = await run(
        *("curl", "--verbose", "--silent", "--max-time", str(PATIENCE_S)),
        f"{'smtps' if way.tls == 'implicit' else 'smtp'}://localhost:{way.port}/client.example",
        *(("--ssl-reqd",) if way.tls == "starttls" else ()),
        *(("--cacert", str(way.ca)) if way.ca else ()),
        *login,
        *(("--login-options", f"AUTH={way.mechanism}") if way.user else ()),
        *("--mail-from", letter.sender, "--mail-rcpt", letter.recipient),
        *("--upload-file", str(file)),
    )
    return told(re.findall(r"(?m)^< (\d{3}) (.*?)\r?$", ran.printed), ran)


CLIENTS: Final[Mapping[str, Client]] = {
    "smtplib": python,
    "swaks": swaks,
    "swaks-in-batches": swaks_in_batches,
    "msmtp": msmtp,
    "curl": curl,
    "nodemailer": nodemailer,
}


def need(name: str) -> None:
    """Skip, or fail under CI, where a client is not installed."""
    program = {"smtplib": "true", "swaks-in-batches": "swaks", "nodemailer": "node"}.get(name, name)
    needed(program)
    if name == "nodemailer" and not (MODULES / "nodemailer").is_dir():
        missing("nodemailer")
