"""Settings of the places that contacts and sent mail come from."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from guard.config.words import HostPort, Section, host_port

IMPORTED: Final = "import"
"""What `guard contacts import` brings counts as of a source of this name."""


def _source_name(value: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,100}", value) or value == IMPORTED:
        raise ValueError(f'write a name of letters, digits and "-", other than "{IMPORTED}"')
    return value


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise ValueError('write a time like "03:00"')
    return value


def _directory_url(value: str) -> str:
    if not re.fullmatch(
        r"(ldaps?://(\[[0-9A-Fa-f:.]+\]|[^/\s?:\[\]]+)(:\d{1,5})?|ldapi://\S*)/?", value
    ):
        raise ValueError('write an address like "ldaps://ldap.example.co.jp"')
    return value


SourceName = Annotated[str, AfterValidator(_source_name)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
DirectoryUrl = Annotated[str, AfterValidator(_directory_url)]


class Contacts(Section):
    """When the sources below are read, and what facts about contacts weigh."""

    sync: bool = Field(
        True, description="Whether a running guard reads them by itself, once a day."
    )
    sync_at: TimeOfDay = Field(
        "03:00", description="When; in the zone of [calendar], else of the machine."
    )
    weights: Path | None = Field(
        None,
        description="What facts about look-alikes weigh, as `guard contacts fit` writes it; "
        "left out: the weights that ship.",
    )


class _Named(Section):
    name: SourceName = Field(description="What commands and policies call it.")


class FileSource(_Named):
    """Contacts in a file."""

    kind: Literal["csv", "vcard", "jsonl"] = Field(
        description="csv: a table with a header row, any separator and encoding. "
        "vcard: 2.1 to 4.0. "
        'jsonl: lines like {"address": …, "name": …, "company": …}, or events.'
    )
    path: Path = Field(description="The file; for vcard also a folder of .vcf files.")
    skip_broken: bool = Field(
        False, description="Take in the rest if a row is broken; else nothing is taken in."
    )


class LdapSource(_Named):
    """Contacts in a directory: OpenLDAP, Active Directory."""

    kind: Literal["ldap"] = Field(description="Asked page by page; needs the extra `ldap`.")
    url: DirectoryUrl = Field(
        description="ldaps://, or ldap:// with StartTLS; clear on loopback only."
    )
    base: str = Field(description="Where to look, and everywhere below it: ou=people,dc=example.")
    filter: str = Field(
        "(|(mail=*)(proxyAddresses=smtp:*))", description="Which entries (RFC 4515)."
    )
    bind_dn: str | None = Field(
        None, description="Who asks; Active Directory also takes user@domain. Left out: nobody."
    )
    password_file: Path | None = Field(
        None, description="File that holds the password of `bind_dn` alone."
    )
    ca: Path | None = Field(
        None, description="PEM file of authorities, in place of the system's own."
    )
    page: int = Field(
        500, ge=1, le=1000, description="Entries a page; Active Directory gives at most 1000."
    )
    patience_s: float = Field(
        30, gt=0, le=600, description="Seconds to wait for a connection and for each page."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse half a login: a bind without a password succeeds and shows nothing."""
        if (self.bind_dn is None) != (self.password_file is None):
            raise PydanticCustomError("not_repeated", "bind_dn and password_file go together")
        return self


class _Sent(_Named):
    before: date | None = Field(
        None,
        description="Only mail dated before this day counts, like `2026-11-01`. What goes through "
        "Guard is learned by itself, but for what was held and taken back: a Sent folder has that.",
    )


class MailSource(_Sent):
    """Mail that was sent, in files."""

    kind: Literal["mbox", "maildir", "eml"] = Field(
        description="maildir: its folders, too. eml: all such files below a folder."
    )
    path: Path = Field(description="The file or folder.")


class ImapSource(_Sent):
    """Mail that was sent, in an IMAP mailbox (RFC 3501)."""

    kind: Literal["imap"] = Field(
        description="Only headers and the first 64 KiB of each mail are fetched, each once."
    )
    address: HostPort = Field(description="Host and port; the certificate must carry the name.")
    tls: Literal["implicit", "required", "none"] = Field(
        "implicit",
        description="implicit: port 993. required: STARTTLS on port 143. none: loopback only.",
    )
    user: str = Field(description="Whose mail; password logins only, no OAuth.")
    password_file: Path = Field(description="File that holds the password alone.")
    folder: str | None = Field(
        None, description="Left out: the one that the server marks as \\Sent (RFC 6154)."
    )
    ca: Path | None = Field(
        None, description="PEM file of authorities, in place of the system's own."
    )
    patience_s: float = Field(
        30, gt=0, le=600, description="Seconds to wait for a connection and for each answer."
    )

    @model_validator(mode="after")
    def _is_private(self) -> Self:
        """Refuse to show a password to whoever listens."""
        host = host_port(self.address)[0]
        if self.tls == "none" and host not in {"localhost", "127.0.0.1", "::1"}:
            message = "tls = none would show the password; write implicit or required"
            raise PydanticCustomError("not_repeated", message)
        return self


Source = Annotated[FileSource | LdapSource | MailSource | ImapSource, Field(discriminator="kind")]
"""One place; what else is to be said of it depends on its kind."""


def _have_own_names(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            message = 'two sources are called "{name}"; give each a name of its own'
            raise PydanticCustomError("not_repeated", message, {"name": name})
    return sources


Sources = Annotated[tuple[Source, ...], AfterValidator(_have_own_names)]
