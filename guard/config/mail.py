"""Settings of mail in and out: listeners, logins, limits, and the way to the mail server."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from guard.config.words import Auth, ClientTls, HostPort, Networks, Section, ServerTls


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
