"""What the columns of a list may hold."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a column holds."""

    EMAIL = "email"
    PHONE = "phone"
    ID = "id"
    NAME = "name"
    LAST = "last"
    FIRST = "first"
    KANA = "kana"
    LAST_KANA = "last_kana"
    FIRST_KANA = "first_kana"
    COMPANY = "company"
    POSTCODE = "postcode"
    ADDRESS = "address"
    BIRTHDAY = "birthday"
    IGNORE = "ignore"


STRONG: Final = (Kind.EMAIL, Kind.PHONE, Kind.ID)
"""Kinds that name a row by themselves."""

ANCHORS: Final = (*STRONG, Kind.POSTCODE, Kind.ADDRESS, Kind.BIRTHDAY)
"""Kinds that rows are looked up by: a list needs at least one."""
