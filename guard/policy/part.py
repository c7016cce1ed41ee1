"""Groups of settings, as the language has them; every one of them derives from these."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from guard.policy.words import wrong


class Part(BaseModel):
    """A group of settings: unknown words are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def changed(self, **values: Any) -> Self:
        """Give a copy with other *values*, and without what was worked out from the old ones."""
        copied = self.model_copy(update=values)
        for name in vars(copied).keys() - type(self).model_fields.keys():
            del vars(copied)[name]
        return copied


class Asking(Part):
    """A group of conditions, all of which must hold; one that asks nothing is a slip."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.model_fields_set:
            raise wrong("says nothing to look for", "")
        return self

    def needs(self, *, key: str, other: str) -> None:
        """
        See that *key* stands beside *other*.

        Raises:
            PydanticCustomError: It stands alone.
        """
        if key in self.model_fields_set and getattr(self, other) is None:
            raise wrong(f'only means something beside "{other}:"', f'add "{other}:"', key=key)
