"""
Compile the catalogues of `guard/locale` when the package is built or installed for development.

    python hatch_build.py             compile in place
    python hatch_build.py --update    first take new messages from the source, and drop old ones

Compiled files (.mo) are not kept in version control; the wheel carries them.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parent
LOCALES: Final = "guard/locale"
_NOISE: Final = re.compile(
    r'^"(?:.*-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By):.*\n',
    re.MULTILINE,
)
"""Header fields that change with every run, or say nothing."""

SOURCES: Final = ("guard/compose", "guard/web")


class CatalogueHook(BuildHookInterface[Any]):
    """Called by hatchling before it packs a wheel, editable ones too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, and have the results packed although version control ignores them."""
        compile_catalogues(Path(self.root))
        build_data["artifacts"].append(f"/{LOCALES}/*/LC_MESSAGES/*.mo")


def catalogues(root: Path = ROOT) -> dict[str, Path]:
    """Give the catalogue file of each language."""
    return {path.parent.parent.name: path for path in sorted((root / LOCALES).glob("*/*/*.po"))}


def read(language: str, path: Path) -> Catalog:
    """Read one catalogue; a file that cannot be read is an error."""
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="guard", abort_invalid=True)


def compile_catalogues(root: Path = ROOT) -> None:
    """
    Write ``guard.mo`` beside every ``guard.po``.

    Raises:
        ValueError: A message has no translation, or one that nobody looked over.
    """
    for language, path in catalogues(root).items():
        catalogue = read(language, path)
        for message in catalogue:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id and (message.fuzzy or not all(texts)):
                raise ValueError(f"{path}: not translated: {message.id!r}")
        partial = path.with_suffix(".mo.part")
        with partial.open("wb") as file:
            write_mo(file, catalogue)
        partial.replace(path.with_suffix(".mo"))


def extract(root: Path = ROOT) -> Catalog:
    """Collect the messages of the source: gettext calls and templates."""
    template = Catalog(domain="guard", charset="utf-8")
    for source in SOURCES:
        for file, line, text, comments, context in extract_from_dir(
            str(root / source),
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"trimmed": "true", "silent": "false"}},
        ):
            template.add(text, None, [(f"{source}/{file}", line)], (), comments, context=context)
    return template


def update(root: Path = ROOT) -> None:
    """Bring every catalogue up to date; in English a new message is its own translation."""
    for language, path in catalogues(root).items():
        catalogue = read(language, path)
        catalogue.update(extract(root), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        for message in catalogue:
            if language == "en" and message.id and not any(message.string or ()):
                message.string = message.id
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_by_file=True, include_lineno=False)
        path.write_text(_NOISE.sub("", path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        update()
    compile_catalogues()
