"""A directory for tests: OpenLDAP's slapd on loopback, with people who have passwords."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from certificates import Authority

SLAPD = shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec")

CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {authority}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {certificate}
require authc
database mdb
suffix "dc=example,dc=com"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by {who} read by anonymous auth by * none
limits dn.exact="uid=limited,ou=people,dc=example,dc=com" size=10
limits * size=unlimited
"""

BASE = """\
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

"""

PERSON = """\
dn: uid={dn},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
{more}

"""


def needed() -> None:
    """Skip the test where slapd or python-ldap is missing; in CI that is a failure."""
    try:
        import ldap  # noqa: F401
    except ImportError:
        missing = "python-ldap"
    else:
        if SLAPD is not None and Path("/etc/ldap/schema/core.schema").is_file():
            return
        missing = "slapd (Debian)"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing} is not installed")
    pytest.skip(f"{missing} is not installed")


def person(uid: str, *, password: str | None = None, mail: tuple[str, ...] = ()) -> str:
    """Write one person down, in LDIF."""
    facts = [f"userPassword: {password}"] if password else []
    escaped = uid.replace(",", "\\,")
    more = "\n".join([*facts, *(f"mail: {address}" for address in mail)])
    return PERSON.format(dn=escaped, uid=uid, more=more)


@contextmanager
def slapd(
    folder: Path, people: str, authority: Authority, *, who: str = "self"
) -> Iterator[tuple[str, str]]:
    """
    A running slapd with *people*; gives its ldap:// and its ldaps:// address.

    An entry is shown to *who*: itself, or all ``users``, of whom “limited” gets ten.
    """
    assert SLAPD is not None
    # libldap takes "localhost" for the machine's own name, so the certificate has the address.
    certificate = authority.issue("127.0.0.1", file="slapd.pem")
    (folder / "data").mkdir()
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(folder=folder, authority=authority.file, certificate=certificate, who=who)
    )
    # slapadd is slapd under another name, as the first word of its command line says.
    subprocess.run(
        ["slapadd", "-q", "-f", str(config)],
        executable=SLAPD,
        input=BASE + people,
        text=True,
        check=True,
        capture_output=True,
    )
    clear, tls = _free_port(), _free_port()
    addresses = f"ldap://127.0.0.1:{clear}", f"ldaps://127.0.0.1:{tls}"
    running = subprocess.Popen(
        ["slapd", "-d", "0", "-f", str(config), "-h", " ".join(addresses)],
        executable=SLAPD,
        stderr=subprocess.DEVNULL,
    )
    try:
        for port in (clear, tls):
            _wait_for(port, running)
        yield addresses
    finally:
        running.terminate()
        running.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    """Wait until *port* takes connections."""
    while True:
        assert running.poll() is None, "slapd ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            continue
        return
