"""The values of settings as people write them: addresses, names, networks."""

import ipaddress
import re
from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
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


def _mailbox(value: str) -> str:
    try:
        return Address.parse(value).text
    except AddressError as error:
        raise ValueError('write an address like "postmaster@example.co.jp"') from error


def listed(value: object) -> object:
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
Mailboxes = Annotated[tuple[Annotated[str, AfterValidator(_mailbox)], ...], BeforeValidator(listed)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(listed)]
Url = Annotated[str, AfterValidator(_url)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def host_port(value: str) -> tuple[str, int]:
    """Part a checked `HostPort`; brackets of an IPv6 address are taken off."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)
