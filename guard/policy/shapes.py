"""
What the words of the language look like: their JSON Schema, for `json_schema`.

A shape may take more than its word does, never less: an editor must not underline what is right.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import GetCoreSchemaHandler, WithJsonSchema
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Several:
    """A list means any of; one value may stand alone."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Make a list of one value before the list is looked at."""
        return core_schema.no_info_before_validator_function(_listed, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say that both are taken."""
        many = handler(schema)
        if many.get("minItems", 0) > 1:
            return many
        return {"anyOf": [many["items"], many]}


class Nothing:
    """A group of settings that may be left empty."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take nothing for a group in which nothing is set."""
        return core_schema.no_info_before_validator_function(
            lambda value: {} if value is None else value, handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say that both are taken."""
        return {"anyOf": [handler(schema), {"type": "null"}]}


def like(*examples: str, pattern: str) -> WithJsonSchema:
    """Give the shape of texts of this ECMA pattern, with examples for an editor to offer."""
    shape = {"type": "string", "pattern": pattern}
    return WithJsonSchema(shape | ({"examples": list(examples)} if examples else {}))


def choice(words: Iterable[str]) -> WithJsonSchema:
    """Give the shape of one of these words."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


def count(noun: str) -> WithJsonSchema:
    """Give the shape of a count of at least one, with its noun or without."""
    written = {
        "type": "string",
        "pattern": rf"^0*[1-9][0-9]{{0,8}}( {noun}s?)?$",
        "examples": [f"5 {noun}s"],
    }
    return WithJsonSchema(
        {"anyOf": [written, {"type": "integer", "minimum": 1, "maximum": 999_999_999}]}
    )


def any_of(words: Iterable[str]) -> WithJsonSchema:
    """Give the shape of ``true`` for all of *words*, one of them, or a list."""
    words = list(words)
    one = {"type": "string", "enum": words}
    many = {"type": "array", "items": one, "minItems": 1}
    return WithJsonSchema({"anyOf": [{"const": True}, one, many]})


def _listed(value: object) -> list[object]:
    """Let one value stand for a list of one."""
    return value if isinstance(value, list) else [value]
