"""The JSON Schema of policy tests: fresh, explained, and of one mind with the loader."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from guard.cli.policy import policy
from guard.policy import document, shipped
from guard.policy.document import NotPlainError
from guard.policy.json_schema import schema_of
from guard.policy_tests.schema import Suite

ROOT = Path(__file__).parents[3]
SCHEMA = schema_of(Suite, "Tests of a policy of Guard")
VALIDATOR = Draft202012Validator(SCHEMA)
FILES = [*shipped().rglob("tests/*.yaml"), *(ROOT / "tests" / "golden").rglob("tests/*.yaml")]


def test_what_is_published_is_fresh() -> None:
    """The file that ships is what the command prints."""
    Draft202012Validator.check_schema(SCHEMA)
    published = (shipped() / "policy-tests.schema.json").read_text("utf-8")

    assert CliRunner().invoke(policy, ["schema", "--tests"]).output == published


def test_every_setting_explains_itself() -> None:
    """An editor can say of each word of a test what it means and what it takes."""
    groups = {"": SCHEMA, **SCHEMA["$defs"]}
    for name, group in groups.items():
        for key, setting in group.get("properties", {}).items():
            below = groups[setting["$ref"].rpartition("/")[2]] if "$ref" in setting else {}
            whole = below | setting
            assert whole.get("description"), f"{name}.{key}"
            assert whole.keys() & {"type", "enum", "const", "anyOf"}, f"{name}.{key}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]}-{file.name}")
def test_agrees_with_the_loader(file: Path) -> None:
    """No right file of tests is underlined."""
    try:
        tree = document.read(file.read_text("utf-8"), str(file))
        assert tree is not None
        Suite.model_validate(tree.plain())
    except (NotPlainError, ValidationError):
        return

    assert VALIDATOR.is_valid(tree.plain())


def test_every_shipped_file_names_its_schema() -> None:
    """An editor finds the schema of each file, where the file was put into a policy folder."""
    for file in shipped().rglob("*.yaml"):
        if "fixtures" in file.parts:
            continue
        first = file.read_text("utf-8").partition("\n")[0]
        tests = file.parent.name == "tests"
        name = "../policy-tests.schema.json" if tests else "policy.schema.json"
        assert first == f"# yaml-language-server: $schema={name}", file
