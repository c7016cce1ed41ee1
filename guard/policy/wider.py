"""Whether one ``when:`` asks for no more than another, so that it holds wherever that one does."""

from typing import Any

from guard.policy.part import Part

_LEAST = frozenset({"at_least", "closeness"})
"""Settings that a smaller number makes wider."""


def is_wider(one: Any, other: Any, name: str = "") -> bool:
    """
    Whether *one* holds wherever *other* does, as far as can be told; equal ones do.

    Only what is sure counts: of two settings that cannot be compared, neither is wider.
    """
    if one is None or one in ((), frozenset()):
        return True
    if other is None or other in ((), frozenset()):
        return False
    match one, other:
        case Part(), Part():
            return type(one) is type(other) and all(
                is_wider(getattr(one, key), getattr(other, key), key)
                for key in type(one).model_fields
            )
        case ((tuple() | frozenset()), (tuple() | frozenset())):
            return set(one) >= set(other)  # a list means any of
        case _:
            return bool(one == other) or _wider_word(one, other, name)


def _wider_word(one: Any, other: Any, name: str) -> bool:
    match name:
        case "of_another_company":
            return bool(one == "possible")
        case "of_other_companies":
            return one is False
        case _ if name in _LEAST:
            return bool(one <= other)
        case _:
            return False
