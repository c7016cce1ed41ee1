"""The JSON Schema of the language: fresh where it is published, and of one mind with the loader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from policy_texts import GOOD, MANY, SLIPS, mutants

from guard.cli.policy import policy
from guard.policy import document, shipped
from guard.policy.describe import page
from guard.policy.document import NotPlainError
from guard.policy.json_schema import policy_schema
from guard.policy.load import read

SCHEMA = policy_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

LOADER_ONLY = {
    # What stands in another place of the policy, perhaps in another file.
    *("guard-missing", "us-missing", "list-unknown", "language-missing", "second-person-who"),
    *("id-twice", "id-built-in", "mailbox-twice", "file-without-anything"),
    # What the words in a sentence mean.
    *("placeholder-misspelt", "placeholder-unknown", "placeholder-unfilled"),
    "placeholder-in-full-width-braces",
    "group-unknown",
    *("placeholder-in-a-block-scalar", "placeholder-after-escapes", "caret-after-japanese"),
    # What is known of the world: days, zones, whose a domain is, how large a share may be.
    *("day-that-is-none", "time-zone-abbreviated", "time-zone-misspelt", "domain-that-is-nobodys"),
    *("share-too-large", "address-as-a-regular-expression", "yaml-full-width-brackets"),
}
"""Slips that no JSON Schema of one file can see."""


def parts(shape: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every setting that the schema knows, by its group."""
    for name, group in {"Policy": shape, **shape["$defs"]}.items():
        for key, setting in group.get("properties", {}).items():
            yield f"{name}.{key}", setting


def test_is_a_schema() -> None:
    """It is right by its own dialect."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]


def test_what_is_published_is_fresh() -> None:
    """The file that ships is what the command prints, and the shipped policy names it."""
    published = (shipped() / "policy.schema.json").read_text("utf-8")

    assert CliRunner().invoke(policy, ["schema"]).output == published
    first = (shipped() / "main.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=policy.schema.json"


@pytest.mark.parametrize(
    ("name", "setting"), list(parts(SCHEMA)), ids=[name for name, _ in parts(SCHEMA)]
)
def test_every_setting_explains_itself(name: str, setting: dict[str, Any]) -> None:
    """An editor can say of each what it means and what it takes."""
    group = SCHEMA["$defs"][setting["$ref"].rpartition("/")[2]] if "$ref" in setting else {}
    whole = group | setting

    assert whole["description"]
    assert whole.keys() & {"type", "enum", "const", "anyOf"}


def seen(text: str) -> bool:
    """Whether an editor would underline something."""
    tree = document.read(text, "a.yaml")
    return tree is not None and not VALIDATOR.is_valid(tree.plain())


@pytest.mark.parametrize("name", sorted(GOOD))
def test_takes_what_the_loader_takes(name: str) -> None:
    """No right policy is underlined."""
    assert not seen(GOOD[name])


@pytest.mark.parametrize("case", sorted(path.stem for path in SLIPS.glob("*.yaml")))
def test_sees_slips(case: str) -> None:
    """An editor sees every slip of the golden files that can be seen in one file."""
    try:
        found = seen((SLIPS / f"{case}.yaml").read_bytes().decode("utf-8-sig"))
    except (NotPlainError, UnicodeDecodeError):
        return  # no data at all: told before any schema is asked

    assert found is not (case in LOADER_ONLY or case.startswith("warning-"))


@settings(MANY)
@given(text=mutants())
def test_sees_nothing_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """What the loader takes is underlined nowhere, whatever was done to it."""
    folder = tmp_path_factory.mktemp("mutant")
    (folder / "main.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    if read(folder).policy is not None:
        assert not seen(text.removeprefix("\ufeff"))


def test_words_page_is_fresh() -> None:
    """docs/policy-words.md is what the language says of itself."""
    docs = Path(__file__).parents[3] / "docs" / "policy-words.md"

    assert docs.read_text("utf-8") == page()
