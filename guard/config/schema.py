"""Every setting, with its meaning, unit and default: the whole of guard.toml."""

import re
import socket
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from guard.config.calendar import Calendar
from guard.config.lists import ListSources
from guard.config.mail import Limits, Listen, Logins, Upstream
from guard.config.sources import Contacts, Sources
from guard.config.words import (
    FromField,
    HostName,
    HostPort,
    Mailboxes,
    Section,
    StoreUrl,
    Url,
    host_port,
)


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
    features_kept_days: int = Field(
        30,
        ge=0,
        le=400,
        description=(
            "Days for which features of judged mail (no text, no addresses) are kept for"
            " guard policy try; 0 keeps none."
        ),
    )


class Admin(Section):
    """Health and metrics, on a listener of their own; and who looks after Guard."""

    address: HostPort = Field(
        "127.0.0.1:8026", description="Where /livez, /readyz and /metrics are served."
    )
    mail: Mailboxes = Field(
        (), description="Who is told when something needs an administrator; else only the log is."
    )


class Notices(Section):
    """Mail that Guard writes itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: FromField | None = Field(
        None, alias="from", description="The From of our mail; needed once mail can be held."
    )


class Attachments(Section):
    """How attachments are read."""

    ocr_pages: int = Field(
        0,
        ge=0,
        le=200,
        description="Pictures and scanned pages of one file whose text is recognised (needs the "
        "extra `ocr` and tesseract's data); each takes a second or more. 0: none.",
    )


class Lists(Section):
    """Customer lists."""

    folder: Path = Field(Path("lists"), description="Folder of the fingerprint files, 0700.")
    sync: bool = Field(
        True,
        description="Whether a running guard reads the sources below by itself, once a day at "
        "`[contacts] sync_at`.",
    )


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
    attachments: Attachments = Attachments()
    lists: Lists = Lists()
    list_source: ListSources = Field(
        (), description="Places that customer lists come from, one a list."
    )
    contacts: Contacts = Contacts()
    source: Sources = Field(
        (), description="Places that contacts and sent mail come from; any number."
    )
    calendar: Calendar = Calendar()
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


def kinds_of(annotation: Any) -> dict[str, type[BaseModel]]:
    """Give the model of each `kind` of a list of tables of several kinds; of others, nothing."""
    if get_origin(annotation) is not tuple:
        return {}
    union, *more = get_args(get_args(annotation)[0]) or (None,)
    if not any(getattr(each, "discriminator", None) == "kind" for each in more):
        return {}
    return {
        kind: model
        for model in get_args(union)
        for kind in get_args(model.model_fields["kind"].annotation)
    }
