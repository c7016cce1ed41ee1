"""Whether objects and contents of a PDF are words of its language (ISO 32000-2 §7.2 and §A)."""

import re
from typing import Final

_BEGIN: Final = re.compile(rb"\d\s+obj\b")
_STREAM: Final = re.compile(rb"\bstream[\r\n]")
_NESTED: Final = 4
"""Parentheses within parentheses that need no escape; whatever is deeper looks torn."""


def _string(nested: int) -> bytes:
    within = b"|" + _string(nested - 1) if nested else b""
    return rb"\((?:[^()\\]|\\." + within + rb"){0,65535}+\)"


_ASIDE: Final = re.compile(_string(_NESTED) + rb"|%[^\r\n]*+", re.DOTALL)
"""Strings and comments: either may hold what begins the other."""

_REST: Final = re.compile(
    rb"(?<!<)<(?!<)[0-9A-Fa-f\s]*+>"  # a string of digits
    rb"|/[^\s/<>\[\](){}%\0]*+"
    rb"|(?<![^\s\[\]<>])[-+.\d]++"
)
_WORDS: Final = re.compile(rb"[^\s\[\]<>]+|<<|>>|[\[\]<>]")
_PAIRS: Final = {b"<<": b">>", b"[": b"]"}
_OF_OBJECTS: Final = frozenset({b"R", b"true", b"false", b"null", *_PAIRS, *_PAIRS.values()})
_OF_CONTENT: Final = frozenset(
    rb"""b B b* B* BDC BMC BT c cm CS cs d d0 d1 Do DP EMC ET f F f* G g gs h i j J K k l m M MP n
    q Q re RG rg ri s S sc SC scn SCN sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' "
    true false null""".split()
) | {*_PAIRS, *_PAIRS.values()}
_UNJUDGED: Final = re.compile(rb"(?<!\S)(?:BX|BI)(?!\S)")
"""Begins what other programs may have added, or a picture of any octets."""


def is_torn(octets: bytes) -> bool:
    """
    Whether an object is no object as anybody writes them.

    Viewers skip what they do not understand: a font without its name, and the text with it.
    """
    # What stands in front of the first object is a header or a table, and behind the last one.
    objects = (
        _STREAM.split(piece[begin.end() :], 1)[0]
        for piece in octets.split(b"endobj")
        if (begin := _BEGIN.search(piece))
    )
    return not _is_made_of(b"\n".join(objects), _OF_OBJECTS)


def is_content(octets: bytes) -> bool:
    """Whether a content stream, unpacked, has operators that there are, and nothing else."""
    return _UNJUDGED.search(octets) is not None or _is_made_of(octets, _OF_CONTENT)


def _is_made_of(text: bytes, words: frozenset[bytes]) -> bool:
    found_words = _WORDS.findall(_REST.sub(b" ", _ASIDE.sub(b" ", text)))
    return set(found_words) <= words and all(
        found_words.count(begin) == found_words.count(end) for begin, end in _PAIRS.items()
    )
