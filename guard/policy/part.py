"""Groups of settings, as the language has them; every one of them derives from these."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from guard.policy.words import wrong


class Part(BaseModel):
    """A group of settings: unknown words are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _says_something(cls, value: object) -> object:
        """Refuse a name with nothing after it: a condition that is empty would always hold."""
        if value is None:
            raise wrong("nothing stands here", "write a value, or take the line out")
        return value

    def changed(self, **values: Any) -> Self:
        """Give a copy with other *values*, and without what was worked out from the old ones."""
        copied = self.model_copy(update=values)
        for name in vars(copied).keys() - type(self).model_fields.keys():
            del vars(copied)[name]
        return copied


class Asking(Part):
    """A group of conditions, all of which must hold; one that asks nothing is a slip."""

    BESIDE: ClassVar[dict[str, str]] = {}
    """Settings that only mean something beside another, with that one."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.model_fields_set:
            raise wrong("says nothing to look for", "")
        for key in self.model_fields_set:
            if getattr(self, key) == ():  # it would always hold
                raise wrong("write at least one", "", key=key)
        for key, other in self.BESIDE.items():
            if key in self.model_fields_set and getattr(self, other) is None:
                raise wrong(f'only means something beside "{other}:"', f'add "{other}:"', key=key)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say the same in JSON Schema."""
        shape = handler(schema)
        its = handler.resolve_ref_schema(shape)
        its["minProperties"] = 1
        for one in its["properties"].values():
            for array in (each for each in one.get("anyOf", ()) if each.get("type") == "array"):
                array["minItems"] = 1
        if cls.BESIDE:
            its["dependentRequired"] = {key: [other] for key, other in cls.BESIDE.items()}
        return shape
