"""Exim of one test run, unpacked from Debian's package: that conflicts with Postfix's."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from daemons import PATH, daemon, listening

CACHE: Final = Path(__file__).parents[2] / ".cache" / "exim"
"""Where `.ci/system-packages` unpacks it."""

CONFIGURATION: Final = """
exim_path = {program}
keep_environment =
primary_hostname = {name}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/exim.pid
never_users =
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max = 100
accept_8bitmime = true
deliver_drop_privilege = true
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
chunking_advertise_hosts = *
pipelining_advertise_hosts = *
tls_advertise_hosts =
local_from_check = false
message_size_limit = 50M
acl_smtp_rcpt = recipient
acl_smtp_data = accept
begin acl
recipient:
  deny    recipients = {refused}
          message = no such user here
  accept
begin routers
on:
  driver = manualroute
  transport = on
  route_list = * 127.0.0.1
  self = send
begin transports
on:
  driver = smtp
  port = {next_port}
  allow_localhost
  hosts_try_fastopen =
  message_linelength_limit = 1000000
{client}
"""


def installed() -> str | None:
    """Give the path of the program, where there is one."""
    return shutil.which("exim4", path=f"{CACHE}/usr/sbin:{PATH}")


@asynccontextmanager
async def exim(
    folder: Path, *, name: str, port: int, next_port: int, refused: str = "", client: str = ""
) -> AsyncIterator[None]:
    """
    Run Exim in *folder* for as long as the block lasts; it hands all mail on to *next_port*.

    *refused* is a recipient that it does not take, *client* a line of settings for its client.
    """
    program = installed()
    assert program is not None
    for each in (folder, folder / "spool", folder / "log"):
        each.mkdir()
        each.chmod(0o777)
    # It runs itself again, without its rights: the way to it must be open to everybody.
    program = shutil.copy(program, folder)
    configuration = folder / "exim.conf"
    configuration.write_text(
        CONFIGURATION.format(
            program=program,
            name=name,
            port=port,
            next_port=next_port,
            folder=folder,
            refused=refused,
            client=client,
        ),
        "utf-8",
    )
    async with daemon(program, "-C", str(configuration), "-bdf", log=folder / "said") as process:
        await listening(port, process, folder / "said")
        yield
