"""
The language as a JSON Schema (2020-12), by which an editor completes, explains and underlines.

It is made from the models of `schema` and says what can be seen in one file: names, values, and
what must stand together. What only the whole policy shows, such as a list that is not defined, or
only knowledge of the world, such as a domain that nobody can own, is left to the loader: nothing
that the loader takes is refused here.
"""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from guard.policy.part import Part
from guard.policy.schema import Policy
from guard.policy.written import written

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def policy_schema() -> dict[str, Any]:
    """
    Give the schema of one file of a policy.

    A policy may be parted into files, so no single setting must stand in each of them.
    """
    shape = schema_of(Policy, "A policy of Guard")
    del shape["required"]
    return shape


def schema_of(language: type[BaseModel], title: str) -> dict[str, Any]:
    """Give the schema of the files that *language* describes."""
    shape = language.model_json_schema(by_alias=True, schema_generator=_Generator)
    for part in shape.get("$defs", {}).values():
        part.pop("title", None)  # the name of a class of ours
    return {"$schema": DIALECT, **shape, "title": title}


class _Generator(GenerateJsonSchema):
    """As pydantic has it, but in the words of the language, and for an editor."""

    def handle_invalid_for_json_schema(self, _: core_schema.CoreSchema, __: str) -> JsonSchemaValue:
        """Take anything for a word that has no shape: the loader will look at it."""
        return {}

    def get_title_from_name(self, name: str) -> str:
        return name.rstrip("_").replace("_", " ").capitalize()

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Show a default as it would be written; nothing where there is nothing to show."""
        shape = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if default in (None, (), "", frozenset()) or isinstance(default, Part):
            return shape
        return {**shape, "default": written(default)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Take no null: `Part` refuses it, and what is left out is left out."""
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Name the keys where they are known, for an editor to offer."""
        keys = self.generate_inner(schema["keys_schema"])
        values = self.generate_inner(schema["values_schema"])
        shape: JsonSchemaValue = {"type": "object"}
        if known := keys.get("enum"):
            shape |= {"properties": dict.fromkeys(known, values), "additionalProperties": False}
        else:
            shape |= {"additionalProperties": values, "propertyNames": keys}
        if least := schema.get("min_length"):
            shape["minProperties"] = least
        return shape
