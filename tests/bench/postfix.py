"""
A Postfix of our own: files in a folder of the benchmark, ports on loopback, nothing of /etc.

It is set up to be fast, for it is what Guard is compared with: no name is looked up, no limit on
clients or speed bites, connections and processes are kept. It logs into a file, as Guard does.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.bench.children import child
from tests.bench.waiting import until_greeted

MAIN: Final = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail
maillog_file_prefixes = {folder}
syslog_name = bench
myhostname = postfix.example
myorigin = postfix.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
local_recipient_maps =
message_size_limit = 50000000
default_process_limit = 100
max_use = 1000
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
in_flow_delay = 0
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_tls_security_level = none
initial_destination_concurrency = 20
default_destination_concurrency_limit = 20
smtp_connection_cache_destinations = static:all
relayhost = [127.0.0.1]:{upstream}
{more}
"""

MASTER: Final = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def missing() -> str:
    """Say why no Postfix can be started here; nothing where one can."""
    if shutil.which("postconf", path=_path()) is None:
        return "Postfix is not installed (Debian: postfix)"
    return "" if os.geteuid() == 0 else "Postfix can be started by root only"


@asynccontextmanager
async def postfix(folder: Path, *, port: int, upstream: int, more: str) -> AsyncIterator[int]:
    """
    Run one for as long as the block lasts, and give the process above all of its daemons.

    *more* is main.cf for what is special about it. Mail that it takes goes to the port *upstream*.
    """
    folder.mkdir()
    # Its daemons are other users, who have to get through; what is not theirs has modes of its own.
    for each in (folder, *folder.parents):
        if each.stat().st_mode & 0o077 == 0:
            each.chmod(0o711)
    (folder / "queue").mkdir(mode=0o755)
    (folder / "log").mkdir()
    (folder / "data").mkdir()
    shutil.chown(folder / "data", user="postfix")
    settings = {"folder": folder, "port": port, "upstream": upstream, "more": more}
    (folder / "main.cf").write_text(MAIN.format(**settings), "utf-8")
    (folder / "master.cf").write_text(MASTER.format(**settings), "utf-8")
    await asyncio.to_thread(_run, "postfix", "-c", str(folder), "check")
    daemons = await asyncio.to_thread(_run, "postconf", "-c", str(folder), "-h", "daemon_directory")
    # Without "postfix start", which would put it out of our sight: -s stays in the foreground.
    master = f"{daemons}/master"
    async with child("-c", str(folder), "-s", program=master, log=folder / "said") as process:
        await until_greeted(process, port)
        yield process.pid


def _run(*words: str) -> str:
    command = (shutil.which(words[0], path=_path()) or words[0], *words[1:])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _path() -> str:
    """Where to look: the folders of an administrator are not on everybody's path."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
