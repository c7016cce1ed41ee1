"""The mail servers around Guard; each is started once, when a test first asks for it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from certificates import Authority
from daemons import folder, missing, needed
from exim import exim, installed
from guarded import (
    COLLEAGUE,
    PASSWORD,
    REFUSED,
    SENDER,
    SERVICE,
    SERVICE_PASSWORD,
    TRUSTED,
    BeforeExim,
    Front,
    Listener,
    Office,
    found,
    guard,
)
from loopback import free_ports
from postfix import postfix
from sending import Way
from sink import Sink
from smarthost import Smarthost


def session(function):
    """Make a fixture that lives as long as the tests."""
    return pytest_asyncio.fixture(scope="session", loop_scope="session")(function)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder for the mail servers."""
    with folder() as path:
        yield path


@pytest.fixture(scope="session")
def authority(home: Path) -> Authority:
    """An authority, and a server's certificate for localhost."""
    authority = Authority(home)
    authority.server_context("localhost")
    return authority


@session
async def sink() -> AsyncIterator[Sink]:
    """Where all mail ends."""
    async with Smarthost() as smarthost:
        yield Sink(smarthost)
        assert smarthost.violations == []


@session
async def known(home: Path) -> Path:
    """What the office knows."""
    await found(home / "office")
    return home / "office"


@session
async def submission(
    home: Path, authority: Authority, sink: Sink
) -> AsyncIterator[tuple[int, int]]:
    """Postfix as a provider runs it: ports for STARTTLS and implicit TLS, both with a login."""
    needed("postfix", "saslpasswd2", root=True)
    certificate = home / "localhost.pem"
    ports = tuple(free_ports(2))
    owners = _inline(**{each: f"{each} {SERVICE}" for each in (SENDER, COLLEAGUE)})
    refused = _inline(**{REFUSED: "550 5.1.1 Nobody of that name"})
    settings = {
        "default_transport": f"smtp:[127.0.0.1]:{sink.port}",
        "smtpd_tls_cert_file": str(certificate),
        "smtpd_tls_key_file": str(certificate),
        "smtpd_tls_auth_only": "yes",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sender_login_maps": owners,
        "smtpd_sender_restrictions": "reject_sender_login_mismatch",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_recipient_restrictions": f"check_recipient_access {refused}, "
        "permit_sasl_authenticated, reject",
    }
    async with postfix(
        home / "provider",
        name="mail.example.net",
        settings=settings,
        services={
            ports[0]: ["smtpd_tls_security_level = encrypt"],
            ports[1]: ["smtpd_tls_wrappermode = yes"],
        },
        logins={SENDER: PASSWORD, COLLEAGUE: PASSWORD, SERVICE: SERVICE_PASSWORD},
    ):
        yield ports


@session
async def office(
    home: Path, authority: Authority, submission: tuple[int, int], known: Path
) -> AsyncIterator[Office]:
    """A guard before the provider; logins are passed on."""
    secret = home / "service-password"
    secret.touch(0o600)
    secret.write_text(SERVICE_PASSWORD + "\n", "utf-8")
    tls = (f'certificate = "{home}/localhost.pem"', 'auth = "required"')
    plain = Listener()
    starttls = Listener(settings=('tls = "starttls"', *tls))
    implicit = Listener(settings=('tls = "implicit"', *tls))
    proxied = ('proxies = ["127.0.0.0/8"]', f'trusted = ["{TRUSTED}"]')
    balanced = Listener(settings=(*proxied, 'proxy_protocol = "required"'))
    introduced = Listener(settings=proxied)
    upstream = f"""
address = "localhost:{submission[0]}"
tls = "required"
ca = "{authority.file}"
user = "{SERVICE}"
password_file = "{secret}"
"""
    async with guard(
        home / "guard",
        like=known,
        listeners=(plain, starttls, implicit, balanced, introduced),
        upstream=upstream,
    ) as log:
        way = Way(port=0, ca=authority.file, user=SENDER, password=PASSWORD)
        yield Office(
            plain=Way(port=plain.port),
            starttls=replace(way, port=starttls.port, tls="starttls"),
            implicit=replace(way, port=implicit.port, tls="implicit", mechanism="LOGIN"),
            balanced=Way(port=balanced.port),
            introduced=Way(port=introduced.port),
            log=log,
        )


@session
async def front(
    home: Path, authority: Authority, sink: Sink, known: Path, office: Office
) -> AsyncIterator[Front]:
    """Postfix in front of Guard, and, for what Guard lets pass, behind it."""
    needed("postfix", root=True)
    relay, login, filtered, adjusted, again = free_ports(5)
    inner = Listener()
    refused = _inline(**{REFUSED: "550 5.1.1 Nobody of that name"})
    own = _inline(**{f"[localhost]:{office.starttls.port}": f"{SENDER}:{PASSWORD}"})
    settings = {"relayhost": f"[127.0.0.1]:{inner.port}", "default_transport": "smtp"}
    services = {
        relay: [],
        login: [f"content_filter = login:[localhost]:{office.starttls.port}"],
        filtered: [f"smtpd_proxy_filter = 127.0.0.1:{inner.port}"],
        adjusted: [
            f"smtpd_proxy_filter = 127.0.0.1:{inner.port}",
            "smtpd_proxy_options = speed_adjust",
        ],
        again: [
            f"content_filter = smtp:[127.0.0.1]:{sink.port}",
            "smtpd_authorized_xforward_hosts = 127.0.0.0/8",
            f"smtpd_recipient_restrictions = check_recipient_access {refused}, permit",
        ],
    }
    transports = {
        "login": [
            "smtp_tls_security_level = secure",
            f"smtp_tls_CAfile = {authority.file}",
            "smtp_sasl_auth_enable = yes",
            "smtp_sasl_security_options = noanonymous",
            f"smtp_sasl_password_maps = {own}",
        ]
    }
    async with (
        postfix(
            home / "front",
            name="front.example.co.jp",
            settings=settings,
            services=services,
            transports=transports,
        ),
        guard(
            home / "inner",
            like=known,
            listeners=(inner,),
            upstream=f'address = "127.0.0.1:{again}"',
        ),
    ):
        yield Front(
            relay=Way(port=relay),
            login=Way(port=login),
            filtered=Way(port=filtered),
            adjusted=Way(port=adjusted),
        )


@session
async def before_exim(
    home: Path, authority: Authority, sink: Sink, known: Path
) -> AsyncIterator[BeforeExim]:
    """Guard before an Exim."""
    needed(root=True)
    if installed() is None:
        missing("exim4")
    (port,) = free_ports(1)
    plain = Listener()
    tls = Listener(settings=('tls = "starttls"', f'certificate = "{home}/localhost.pem"'))
    async with (
        exim(
            home / "exim",
            name="exim.example.net",
            port=port,
            next_port=sink.port,
            refused=REFUSED,
        ),
        guard(
            home / "before-exim",
            like=known,
            listeners=(plain, tls),
            upstream=f'address = "127.0.0.1:{port}"',
        ),
    ):
        yield BeforeExim(plain=Way(port=plain.port), tls=Way(port=tls.port))


def _inline(**pairs: str) -> str:
    """Write a lookup table of Postfix that stands in its settings."""
    return "inline:{" + ", ".join(f"{{{key} = {value}}}" for key, value in pairs.items()) + "}"
