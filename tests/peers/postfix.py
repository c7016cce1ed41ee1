"""A Postfix of our own, on loopback, of which the system's knows nothing."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from daemons import PATH, daemon, listening

LIFE_S: Final = 900
"""
Seconds after which it ends by itself, where the test was killed: it changes its rights as it
starts, and then no longer hears of its parent's end.
"""

MAIN: Final = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
multi_instance_enable = no
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = {name}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtp_line_length_limit = 0
message_size_limit = 50000000
smtpd_error_sleep_time = 0
notify_classes =
"""
"""
What every instance has. Its client folds no lines and its server completes no headers, so that
what comes out is what went in.
"""

MASTER: Final = """
cleanup    unix  n - n -    0 cleanup
qmgr       unix  n - n 300  1 qmgr
rewrite    unix  - - n -    - trivial-rewrite
bounce     unix  - - n -    0 bounce
defer      unix  - - n -    0 bounce
trace      unix  - - n -    0 bounce
verify     unix  - - n -    1 verify
flush      unix  n - n 1000 0 flush
proxymap   unix  - - n -    - proxymap
smtp       unix  - - n -    - smtp
relay      unix  - - n -    - smtp
error      unix  - - n -    - error
retry      unix  - - n -    - error
discard    unix  - - n -    - discard
anvil      unix  - - n -    1 anvil
scache     unix  - - n -    1 scache
tlsmgr     unix  - - n 1000 1 tlsmgr
postlog    unix-dgram n - n - 1 postlogd
"""

SASL: Final = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/users
mech_list: PLAIN LOGIN
"""


@asynccontextmanager
async def postfix(
    folder: Path,
    *,
    name: str,
    settings: Mapping[str, str],
    services: Mapping[int, Iterable[str]],
    transports: Mapping[str, Iterable[str]] | None = None,
    logins: Mapping[str, str] | None = None,
) -> AsyncIterator[None]:
    """
    Run Postfix in *folder* for as long as the block lasts.

    *services* are its SMTP servers, port → settings of its own; *transports* its SMTP clients
    beside the usual one, by name. *logins* are addresses and their passwords. The folder must be
    one that everybody may pass through: Postfix drops its rights.
    """
    where = {"folder": folder, "name": name}
    for each in ("conf/sasl", "queue", "data"):
        (folder / each).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    main = [MAIN.format_map(where), *(f"{key} = {value}" for key, value in settings.items())]
    if logins:
        (folder / "conf" / "sasl" / "smtpd.conf").write_text(SASL.format_map(where), "utf-8")
        for address, password in logins.items():
            await asyncio.to_thread(_add_login, folder / "users", address, password)
        shutil.chown(folder / "users", "postfix")
    (folder / "conf" / "main.cf").write_text("\n".join(main) + "\n", "utf-8")
    servers = [
        *(f"127.0.0.1:{port} inet n - n - - smtpd{_own(own)}" for port, own in services.items()),
        *(f"{each} unix - - n - - smtp{_own(own)}" for each, own in (transports or {}).items()),
    ]
    (folder / "conf" / "master.cf").write_text(MASTER + "\n".join(servers) + "\n", "utf-8")
    await asyncio.to_thread(_run, "postfix", "-c", str(folder / "conf"), "check")
    master = Path(_run("postconf", "-d", "-h", "daemon_directory").strip(), "master")
    # Not by ``postfix start-fg``: that is a shell, whose end is not that of the servers.
    words = (str(master), "-c", str(folder / "conf"), "-s", "-e", str(LIFE_S))
    async with daemon(*words, log=folder / "said") as process:
        for port in services:
            await listening(port, process, folder / "log")
        yield


def _own(settings: Iterable[str]) -> str:
    return "".join(f"\n  -o {{{each}}}" for each in settings)


def _add_login(file: Path, address: str, password: str) -> None:
    """Put one login into a database of Cyrus SASL."""
    user, _, realm = address.partition("@")
    _run("saslpasswd2", "-p", "-c", "-f", str(file), "-u", realm, user, given=password)


def _run(*words: str, given: str = "") -> str:
    return subprocess.run(
        words,
        input=given,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": PATH},
    ).stdout
