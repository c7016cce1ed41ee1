"""Jinja2 templates in `pages/`, one environment for each language; everything is escaped."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from guard.compose.difference import spelled
from guard.compose.language import LANGUAGES, speak

_HERE: Final = Path(__file__).resolve().parent

_ADDRESS: Final = re.compile(
    r"([^\s<>()「」“”、。,;]+@[^\s<>()「」“”、。,;]*[^\s<>()「」“”、。,;.:?!])"
)

STATIC: Final = {
    "guard.css": ((_HERE / "static" / "guard.css").read_bytes(), "text/css; charset=utf-8"),
    "guard.svg": ((_HERE / "static" / "guard.svg").read_bytes(), "image/svg+xml"),
}
"""Every file that may be fetched, with its type."""

VERSION: Final = hashlib.sha256(b"".join(octets for octets, _ in STATIC.values())).hexdigest()[:12]
"""Stands in the addresses of `STATIC`, so that browsers may keep them for long."""


@lru_cache(maxsize=len(LANGUAGES))
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "pages"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["spelled"] = spelled
    environment.filters["addresses"] = addresses
    environment.install_gettext_translations(  # type: ignore[attr-defined] # added by the extension
        speak(language), newstyle=True
    )
    return environment


def addresses(text: str) -> Markup:
    """Set the addresses in a sentence apart, so that none is broken where it fits on a line."""
    return Markup().join(
        Markup('<span class="address">{}</span>').format(part) if "@" in part else part
        for part in _ADDRESS.split(text)
    )


def render(name: str, language: str, **values: object) -> str:
    """Fill the template *name* in *language*; a value that it lacks is an error."""
    template = _environment(language).get_template(name)
    return template.render(language=language, version=VERSION, **values)
