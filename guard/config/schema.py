"""Every setting, with its meaning, unit and default."""

import ipaddress
import re
import socket
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from guard.model.address import Address, AddressError

ClientTls = Literal["none", "opportunistic", "required", "implicit"]
ServerTls = Literal["none", "starttls", "implicit"]
Auth = Literal["none", "optional", "required"]


def _host_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError('write a host and a port like "127.0.0.1:2525" or "[::1]:2525"')
    return value


def _network(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


def _host_name(value: str) -> str:
    if not re.fullmatch(r"(?=.{1,255}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", value):
        raise ValueError('write a name like "guard.example.co.jp"')
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise ValueError('write an address like "https://guard.example.co.jp"')
    return value.rstrip("/")


def _from(value: str) -> str:
    address = parseaddr(value)[1]
    try:
        Address.parse(address)
    except AddressError as error:
        raise ValueError('write an address like "Mail check <guard@example.co.jp>"') from error
    return value


def _list(value: object) -> object:
    """Let an environment variable give a list: ``a, b``."""
    return (
        [item.strip() for item in value.split(",") if item.strip()]
        if isinstance(value, str)
        else value
    )


def _store_url(value: str) -> str:
    if not re.match(r"sqlite(\+aiosqlite)?:///.|postgresql(\+psycopg)?://.", value):
        # The value is not repeated: it may hold a password.
        message = 'write an address like "sqlite:///guard.db" or "postgresql+psycopg://host/name"'
        raise PydanticCustomError("not_repeated", message)
    return value


StoreUrl = Annotated[str, AfterValidator(_store_url)]
HostName = Annotated[str, AfterValidator(_host_name)]
HostPort = Annotated[str, AfterValidator(_host_port)]
FromField = Annotated[str, AfterValidator(_from)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_list)]
Url = Annotated[str, AfterValidator(_url)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(Section):
    """One way in for mail."""

    address: HostPort = Field("127.0.0.1:2525", description="Where to listen, host and port.")
    tls: ServerTls = Field(
        "none",
        description="starttls: trusted networks may still mail in clear. implicit: RFC 8314.",
    )
    auth: Auth = Field(
        "none",
        description="Whether clients log in (RFC 4954), under TLS only. optional: trusted networks "
        "need not. required: they must, too.",
    )
    trusted: Networks = Field(
        ("127.0.0.0/8", "::1/128"), description="Networks that may relay without AUTH."
    )
    certificate: Path | None = Field(
        None, description="PEM file with the certificate chain; read again when it changes."
    )
    key: Path | None = Field(
        None, description="PEM file with the private key; left out: it stands in `certificate`."
    )
    client_ca: Path | None = Field(
        None,
        description="PEM file of authorities; a client with a certificate of theirs may log in "
        "with EXTERNAL.",
    )
    proxies: Networks = Field(
        (),
        description="Networks whose word for the client's address is taken: PROXY and XCLIENT.",
    )
    proxy_protocol: Literal["refused", "required"] = Field(
        "refused",
        description="required: each connection comes from one of `proxies` and begins with a "
        "PROXY header, version 1 or 2.",
    )
    stray_line_ends: Literal["reject", "normalize"] = Field(
        "reject",
        description="Bare CR and LF in a message: refuse it, or make each a CRLF, for old devices.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse half a setting: each of these would only show when the first client comes."""
        if self.tls != "none" and self.certificate is None:
            raise PydanticCustomError("not_repeated", "tls needs a certificate")
        if self.auth != "none" and self.tls == "none":
            message = "auth needs tls = starttls or implicit: a login is only offered under TLS"
            raise PydanticCustomError("not_repeated", message)
        if self.client_ca is not None and self.auth == "none":
            message = "client_ca needs auth: a certificate is used to log in"
            raise PydanticCustomError("not_repeated", message)
        if self.proxy_protocol == "required" and not self.proxies:
            raise PydanticCustomError("not_repeated", "proxy_protocol = required needs proxies")
        return self


class Ldap(Section):
    """The directory that logins are checked by, with a simple bind (RFC 4513 §5.1)."""

    url: str = Field(
        "ldaps://localhost", description="ldaps://, or ldap:// with StartTLS; clear on loopback."
    )
    bind_dn: str = Field(
        "uid={user},ou=people,dc=example,dc=com",
        description="Name to bind as; {user} is the login, escaped.",
    )
    mail_attribute: str = Field(
        "mail", description="Attribute of that entry with the mail address of the person."
    )
    ca: Path | None = Field(
        None, description="PEM file of authorities, in place of the system's own."
    )


class Logins(Section):
    """Who checks a login (RFC 4954)."""

    by: Literal["upstream", "file", "ldap"] = Field(
        "upstream",
        description="upstream: passed on to a connection of the client's own, and never kept. "
        "file: `users`. ldap: [logins.ldap].",
    )
    users: Path = Field(
        Path("users.toml"), description="File of logins, made by `guard users set`."
    )
    domain: str | None = Field(
        None, description="Domain of a login without one: `ann` is then ann@… when asked."
    )
    ldap: Ldap = Ldap()


class Limits(Section):
    """What clients may ask for."""

    message_bytes: int = Field(
        36_700_160, ge=1024, description="Largest message, octets after DATA (SIZE, RFC 1870)."
    )
    connections: int = Field(
        1000, ge=1, description="Connections at once, all listeners together; above: 421."
    )
    per_address: int | None = Field(
        None,
        ge=1,
        description="Connections at once from one address, or one /64 of IPv6; of each worker. "
        "Left out: 100, trusted networks exempt.",
    )
    recipients: int = Field(
        1000, ge=100, description="Recipients of one message; above: 452 (RFC 5321 §4.5.3.1.8)."
    )
    commands: int = Field(
        10_000, ge=100, description="Commands in a row without a message among them; above: 421."
    )
    memory_bytes: int = Field(
        134_217_728,
        ge=1_048_576,
        description="Octets of messages kept in memory at once, of all clients; above: 452.",
    )
    spool_bytes: int = Field(
        1_048_576,
        ge=1024,
        description="Size from which a message waits in an encrypted temporary file; while half of "
        "`memory_bytes` is used, smaller ones do, too.",
    )
    command_s: float = Field(
        300, gt=0, description="Seconds to wait for a command (RFC 5321 §4.5.3.2.7)."
    )
    data_s: float = Field(
        180, gt=0, description="Seconds of silence in DATA (RFC 5321 §4.5.3.2.5)."
    )
    data_bytes_s: int = Field(
        100,
        ge=0,
        description="Octets a second of a message, on average after `data_s`; slower: 421.",
    )


class Route(Section):
    """A way out to a mail server."""

    address: HostPort = Field(
        "127.0.0.1:2526", description="Host and port; the certificate must carry the name."
    )
    tls: ClientTls = Field(
        "none", description="required and implicit check the certificate's name and chain."
    )
    user: str | None = Field(None, description="Login, if the server wants one of us.")
    password_file: Path | None = Field(None, description="File that holds the password alone.")
    certificate: Path | None = Field(
        None, description="PEM file with a client certificate and its key."
    )
    ca: Path | None = Field(
        None, description="PEM file of authorities, in place of the system's own."
    )


class ReleaseRoute(Section):
    """The way out for held mail, notices and results; what is left out is as in [upstream]."""

    address: HostPort | None = Field(None, description="Host and port.")
    tls: ClientTls | None = Field(None, description="As above.")
    user: str | None = Field(None, description="Login: no client's own goes with held mail.")
    password_file: Path | None = Field(None, description="File that holds the password alone.")
    certificate: Path | None = Field(None, description="PEM file with a client certificate.")
    ca: Path | None = Field(None, description="PEM file of authorities.")


class Upstream(Route):
    """The real mail server that takes accepted mail."""

    connections: int = Field(
        40,
        ge=1,
        description="Connections at once, those of clients' own logins apart; Postfix by default "
        "takes 50 from one address.",
    )
    release: ReleaseRoute = Field(
        default_factory=ReleaseRoute, description="The way out for held mail and notices."
    )

    @property
    def release_route(self) -> Route:
        """The way out for held mail, notices and results, whole."""
        own = self.model_dump(include=set(Route.model_fields))
        return Route(**own | self.release.model_dump(exclude_none=True))


class Web(Section):
    """The page that senders confirm on."""

    address: HostPort = Field("127.0.0.1:8025", description="Where the page is served.")
    public_url: Url | None = Field(
        None, description="What links in notices begin with; needed once mail can be held."
    )


class Store(Section):
    """Where held mail waits."""

    url: StoreUrl = Field(
        "sqlite:///guard.db",
        description="SQLAlchemy URL; a relative SQLite path starts at this file.",
    )
    key_file: Path = Field(
        Path("guard.key"),
        description="Key ring, made on first start; back it up apart from the database.",
    )


class Admin(Section):
    """Health and metrics, on a listener of their own."""

    address: HostPort = Field(
        "127.0.0.1:8026", description="Where /livez, /readyz and /metrics are served."
    )


class Notices(Section):
    """Mail that Guard writes itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: FromField | None = Field(
        None, alias="from", description="The From of our mail; needed once mail can be held."
    )


class Lists(Section):
    """Customer lists."""

    folder: Path = Field(Path("lists"), description="Folder of the fingerprint files, 0700.")


class Logging(Section):
    """What is written about the work."""

    addresses: Literal["full", "domain", "hash"] = Field(
        "hash",
        description="How addresses stand in the log: hash keeps the domain and a keyed hash.",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is written."
    )


class Settings(Section):
    """The whole of guard.toml."""

    hostname: HostName | None = Field(
        None, description="Our name in greetings and trace lines; left out: the machine's."
    )
    policies: Path = Field(Path("policies"), description="Folder of policy YAML.")
    listen: tuple[Listen, ...] = Field(
        (Listen(),), min_length=1, description="Ways in for mail; any number."
    )
    logins: Logins = Logins()
    limits: Limits = Limits()
    upstream: Upstream = Upstream()
    web: Web = Web()
    store: Store = Store()
    admin: Admin = Admin()
    notices: Notices = Notices()
    lists: Lists = Lists()
    logging: Logging = Logging()
    workers: int = Field(
        1, ge=1, le=64, description="Processes that share the ports; `guard run --workers N`."
    )
    drain_s: float = Field(30, ge=0, description="Seconds that running work gets after SIGTERM.")

    @property
    def our_name(self) -> str:
        """Our host name, as it may stand in SMTP: asked of the machine, never of a resolver."""
        return self.hostname or re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Self:
        """Refuse a way out that is our own way in: mail would go round and round."""
        ways_in = {_here(listen.address) for listen in self.listen}
        for name, out in (
            ("[upstream]", self.upstream.address),
            ("[upstream.release]", self.upstream.release_route.address),
        ):
            if not out.endswith(":0") and _here(out) in ways_in:
                message = "{name} address is our own [[listen]] address; name the real mail server"
                raise PydanticCustomError("not_repeated", message, {"name": name})
        return self


def _here(address: str) -> tuple[str, int]:
    """Give host and port, with every name of this machine's loopback as one."""
    host, port = host_port(address)
    return "" if host in {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"} else host, port  # noqa: S104


def table_of(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Give the model of a setting that is a table, and whether it is a list of such tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    items = [each for each in get_args(annotation) if isinstance(each, type)]
    if get_origin(annotation) is tuple and items and issubclass(items[0], BaseModel):
        return items[0], True
    return None, False


def host_port(value: str) -> tuple[str, int]:
    """Part a checked `HostPort`; brackets of an IPv6 address are taken off."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)
