"""``guard init``: six questions, then guard.toml and policies/ stand ready."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.model.address import Address, AddressError

T = TypeVar("T")

SETTINGS: Final = """\
# Guard's settings. After a change: guard run says at once what is wrong with them.

policies = "policies"                 # folder of policy YAML

[[listen]]                            # mail in; any number
address = {listen}
tls = "none"
auth = "none"
trusted = ["127.0.0.0/8", "::1/128"]  # who may relay

[upstream]                            # the real mail server
address = {upstream}
tls = "{tls}"                          # none | opportunistic | required | implicit

[web]                                 # the page that senders confirm on
address = "127.0.0.1:8025"
public_url = {public_url}

[store]
url = "sqlite:///guard.db"
key_file = "guard.key"                # back it up, apart from the database

[admin]                               # health and metrics
address = "127.0.0.1:8026"

[notices]
from = {sender}
"""


@click.command()
@click.option("--domain", "domains", multiple=True, help="A domain of yours; may be repeated.")
@click.option("--upstream", help="The real mail server, host:port.")
@click.option("--listen", help="Where mail comes in, host:port.")
@click.option("--public-url", help="What links in notices begin with.")
@click.option("--sender", help="Address that notices come from.")
@click.option(
    "--mode", type=click.Choice(["hold", "watch"]), help="hold: really hold. watch: record only."
)
def init(
    *,
    domains: tuple[str, ...],
    upstream: str | None,
    listen: str | None,
    public_url: str | None,
    sender: str | None,
    mode: str | None,
) -> None:
    """
    Write guard.toml and policies/ into this folder.

    Asks what is not given as an option; where there is no terminal, takes the defaults. Never
    overwrites a file.
    """
    for name in ("guard.toml", "policies"):
        if Path(name).exists():
            fail(f"{name} is here already; nothing was written", FOUND_PROBLEMS)
    ours = _domains(",".join(domains)) or _ask(
        "Your mail domains, parted by commas", "example.co.jp", _domains
    )
    upstream = _ask("The real mail server (host:port)", "127.0.0.1:2526", _host_port, upstream)
    answers = {
        "upstream": upstream,
        "listen": _ask("Where mail comes in (host:port)", "127.0.0.1:2525", _host_port, listen),
        "public_url": _ask(
            "Links in notices begin with", "http://127.0.0.1:8025", _url, public_url
        ),
        "sender": _ask("Notices come from", f"Mail check <guard@{ours[0]}>", _from, sender),
    }
    mode = _ask("hold mail now, or watch: record only, for a fortnight", "hold", _mode, mode)
    # A TOML basic string is written as JSON writes one.
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in answers.items()}
    _write(SETTINGS.format(**quoted, tls=_tls(upstream)), ours, mode)
    click.echo("Wrote guard.toml and policies/. Next:", err=True)
    click.echo("  guard policy check && guard policy test", err=True)
    click.echo("  guard contacts learn sent.mbox     # who you write to", err=True)
    click.echo("  guard lists import customers crm.csv", err=True)
    click.echo("  guard run", err=True)


def _ask(question: str, default: str, check: Callable[[str], T], given: str | None = None) -> T:
    """Give what was given as an option, else the answer at the terminal, else the default."""
    if given is not None or not sys.stdin.isatty():
        return check(given or default)
    answer: T = click.prompt(question, default=default, value_proc=check, err=True)
    return answer


def _domains(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            Address.parse(f"x@{name}")
        except AddressError as error:
            raise click.BadParameter(f"{name} is no mail domain: {error}") from error
    return names


def _host_port(text: str) -> str:
    return _as_setting("HostPort", text)


def _url(text: str) -> str:
    return _as_setting("Url", text)


def _from(text: str) -> str:
    return _as_setting("FromField", text if "<" in text else f"Mail check <{text}>")


def _mode(text: str) -> str:
    return str(click.Choice(["hold", "watch"]).convert(text, None, None))


def _as_setting(kind: str, text: str) -> str:
    """Check an answer as guard.toml would be checked."""
    from pydantic import TypeAdapter, ValidationError

    from guard.config import schema

    try:
        return str(TypeAdapter(getattr(schema, kind)).validate_python(text))
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(message) from error


def _tls(upstream: str) -> str:
    """Clear text only to this machine; 465 speaks TLS from the first byte (RFC 8314)."""
    host, _, port = upstream.rpartition(":")
    if host in {"127.0.0.1", "localhost", "[::1]"}:
        return "none"
    return "implicit" if port == "465" else "required"


def _write(settings: str, domains: list[str], mode: str) -> None:
    """Write both beside their places, check them, and only then put them there."""
    from guard.cli.policy_template import write
    from guard.config import load
    from guard.policy import shipped

    try:
        with tempfile.TemporaryDirectory(prefix=".guard-init-", dir=".") as name:
            folder = Path(name)
            (folder / "guard.toml").write_text(settings, "utf-8")
            policies = folder / "policies"
            write(shipped(), policies, domains=domains, mode=mode)
            load(folder / "guard.toml")
            policies.rename("policies")
            (folder / "guard.toml").rename("guard.toml")
    except OSError as error:
        fail(f"nothing can be written here: {error.strerror}", FOUND_PROBLEMS)
