"""``guard init``: six questions, then guard.toml and policies/ stand ready."""

import re
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from guard.cli.errors import FOUND_PROBLEMS, fail

SETTINGS: Final = """\
# Guard's settings. After a change: guard run says at once what is wrong with them.

policies = "policies"                 # folder of policy YAML

[[listen]]                            # mail in; any number
address = "{listen}"
tls = "none"
auth = "none"
trusted = ["127.0.0.0/8", "::1/128"]  # who may relay

[upstream]                            # the real mail server
address = "{upstream}"
tls = "{tls}"                         # none | opportunistic | required | implicit

[web]                                 # the page that senders confirm on
address = "127.0.0.1:8025"
public_url = "{public_url}"

[store]
url = "sqlite:///guard.db"
key_file = "guard.key"                # back it up, apart from the database

[admin]                               # health and metrics
address = "127.0.0.1:8026"

[notices]
from = "Mail check <{sender}>"
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
    ours = list(domains) or _ask("Your mail domains, parted by commas", "example.co.jp").split(",")
    ours = [domain.strip() for domain in ours if domain.strip()]
    upstream = upstream or _ask("The real mail server (host:port)", "127.0.0.1:2526")
    settings = SETTINGS.format(
        upstream=upstream,
        tls=_tls(upstream),
        listen=listen or _ask("Where mail comes in (host:port)", "127.0.0.1:2525"),
        public_url=public_url or _ask("Links in notices begin with", "http://127.0.0.1:8025"),
        sender=sender or _ask("Notices come from", f"guard@{ours[0]}"),
    )
    mode = mode or _ask("hold mail now, or watch (record only) for the first two weeks", "hold")
    _write(settings, ours, mode)
    click.echo("Wrote guard.toml and policies/. Next:", err=True)
    click.echo("  guard policy check", err=True)
    click.echo("  guard contacts learn sent.mbox     # who you write to", err=True)
    click.echo("  guard lists import customers crm.csv", err=True)
    click.echo("  guard run", err=True)


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return str(click.prompt(question, default=default, err=True))


def _tls(upstream: str) -> str:
    """Clear text only to this machine; 465 speaks TLS from the first byte (RFC 8314)."""
    host, _, port = upstream.rpartition(":")
    if host in {"127.0.0.1", "localhost", "[::1]"}:
        return "none"
    return "implicit" if port == "465" else "required"


def _write(settings: str, domains: list[str], mode: str) -> None:
    """Write both, policies last; check them before anything is said to be done."""
    from guard.config import load
    from guard.policy import load as load_policy
    from guard.policy import shipped

    Path("guard.toml").write_text(settings, "utf-8")
    shutil.copytree(shipped(), "policies", ignore=shutil.ignore_patterns("demo", "tests"))
    main = Path("policies/main.yaml")
    text = main.read_text("utf-8")
    text = re.sub(r"(?m)^( *domains:) *\[[^\]]*\]", rf"\1 [{', '.join(domains)}]", text, count=1)
    text = re.sub(r"(?m)^mode: *\w+", f"mode: {mode}", text, count=1)
    main.write_text(text, "utf-8")
    load(Path("guard.toml"))
    load_policy(Path("policies"))
