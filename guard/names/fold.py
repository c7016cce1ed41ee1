"""
One spelling for what a reader takes as one, and names read by it.

    spelling  width, case, accents, kana, variants of kanji; romaji
    titles    what stands around a name and is none
    word      one word, with all that it may sound like
    person    a display name, read
"""

from guard.names.person import NOBODY, Person, person, person_of
from guard.names.spelling import plain, romaji, split_words, untagged
from guard.names.titles import TITLES
from guard.names.word import Word

__all__ = [
    "NOBODY",
    "TITLES",
    "Person",
    "Word",
    "person",
    "person_of",
    "plain",
    "romaji",
    "split_words",
    "untagged",
]
