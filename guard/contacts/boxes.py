"""Mailing lists and boxes of several people, told from a person's own address by their names."""

import re
from functools import lru_cache
from typing import Final

from guard.names.fold import split_words, untagged
from guard.names.freemail import SHARED_BOXES
from guard.names.likeness import Face

_HOSTS: Final = frozenset({"groups", "list", "lists", "listserv", "mailman", "ml", "googlegroups"})
"""Labels of domains that carry lists and nothing else."""

_WORDS: Final = frozenset(
    {"all", "announce", "dev", "devel", "discuss", "group", "list", "members"}
)
_WORDS_OF_NAMES: Final = re.compile(
    r"\b(?:list|mailing list|maillist|team|group|desk|ml|helpdesk|support)\b"
    r"|各位|一同|窓口|事務局|センター|メーリングリスト|チーム|グループ|担当$|(?:部|課|室|係)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def is_shared(face: Face) -> bool:
    """Say whether an address is that of a list, a team or an office, and not of one person."""
    words = split_words(untagged(face.local).lower())
    if untagged(face.local) in SHARED_BOXES or not _WORDS.isdisjoint(words[-1:]):
        return True
    if len(words) == 1 and words[0] in SHARED_BOXES:
        return True
    if not _HOSTS.isdisjoint(face.domain.split(".")):
        return True
    return bool(face.name and _WORDS_OF_NAMES.search(face.name))
