"""
Which attributes of Office and OpenDocument parts say something (ECMA-376, ISO/IEC 26300).

Nobody can list all that may hold a customer's name: alternative texts, prompts, bookmarks, tags
of controls, variables, names of shapes. So a rule decides by the value: letters beyond ASCII, an
``@``, words with blanks between them, digits as many as a telephone number has. What is said in
one plain word is taken from where programs let people write, and from vocabularies that are
nobody's standard.
"""

import re
from collections.abc import Mapping
from typing import Final

_SPOKEN: Final = frozenset({
    "v", "descr", "title", "Target", "prompt", "promptTitle", "error", "errorTitle", "display",
    "tooltip", "string", "author", "alt", "href", "string-value", "formula", "name", "displayName",
    "displayText", "comment", "caption", "description", "initials", "userName", "screenTip",
    "instr", "connectionString", "command", "expression", "display-name", "help", "statusText",
    "publisher", "list", "location", "summary", "user", "userId",
})  # fmt: skip
"""Attributes whose value is read, be it a single word."""

_SPEAKING: Final = frozenset({
    "docVar", "alias", "tag", "docPart", "tblCaption", "tblDescription", "default", "statusText",
    "helpText", "listItem", "attr", "filter", "customFilter", "inputCells", "definedName",
    "filter-condition", "filter-set-item", "user-field-decl", "variable-set", "bookmarkStart",
    "named-range", "named-expression",
})  # fmt: skip
"""Elements of which every attribute is read."""

_QUIET: Final = frozenset({
    "lsdException", "font", "rFont", "name", "latin", "ea", "cs", "sym", "buFont", "rFonts",
    "altName", "font-face", "style", "default-style", "list-style", "page-layout", "lang",
    "theme", "clrScheme", "fontScheme", "fmtScheme", "cellStyle", "config-item", "config-item-set",
    "config-item-map-named", "config-item-map-indexed", "font-face-decls", "schemaRef", "language",
})  # fmt: skip
"""Elements that are full of names which programs gave: styles, fonts, settings."""

_LOOKS: Final = frozenset({
    "Ignorable", "Requires", "ProcessContent", "sqref", "style", "path", "points", "d", "viewBox",
    "coordsize", "adj", "transform", "enhanced-path", "typeface", "panose", "gfxdata", "border",
    "spans", "clip", "keyPoints", "style-name", "fontname", "font-name", "font-family", "calcmode",
    "cell-range-address", "target-range-address", "data-cell-range-address", "glue-points",
    "schemaLocation", "formatCode", "intersect", "contour-polygon", "text-areas", "ref", "from",
    "eqn",
})  # fmt: skip
"""Attributes with words in them that no person wrote: shapes, ranges of cells, fonts."""

_IDS: Final = frozenset({"id", "val", "uid", "spid", "idx", "cacheId", "shapeId", "x", "y"})
"""Attributes that are long numbers by chance, as programs draw them."""

_STANDARDS: Final = (
    "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/", "http://purl.org/",
    "http://schemas.microsoft.com/", "urn:schemas-microsoft-com:", "urn:oasis:",
    "urn:org:documentfoundation:", "http://www.w3.org/", "http://openoffice.org/", "urn:http:",
)  # fmt: skip
"""Namespaces with a vocabulary of their own begin so; in others, values are what people wrote."""

_LOOKING: Final = ("xsl-fo-compatible", "svg-compatible", "xmlns:style:", "xmlns:number:")
"""Namespaces of OpenDocument about looks, whose values are lengths, borders and names of styles."""

_GUID: Final = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_SAYS: Final = re.compile(r"@|[^\W\d_\x00-\x7f]|[A-Za-z]{2}[A-Za-z.,'-]* +[A-Za-z]")
_SAYS_TO_THE_QUIET: Final = re.compile(r"[\w.+-]@[\w-]+\.\w")
_CALLS: Final = re.compile(r"(?<![0-9A-Za-z_])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?![0-9A-Za-z])")
_BARE: Final = re.compile(r"-?\d+(?:\.\d+)?")
_GENERATED: Final = re.compile(
    r"_?(?:GoBack|(?:Toc|Ref|Hlk)\d+)|r?Id\d+|true|false|auto|[\W\d]{0,3}"
)

_FEW_DIGITS: Final = 3
"""Different digits of a number that stands for nothing but zeros or a colour."""

_LONG: Final = range(9, 16)
"""Digits of a number without blanks that people are called by; lengths have fewer (EMU)."""

_MOST_REMEMBERED: Final = 50_000


class Attributes:
    """Collects what the attributes of one part say."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._known: set[tuple[str, str]] = set()
        self._all: dict[str, bool] = {}

    def take(self, name: str, local: str, attributes: Mapping[str, str]) -> None:
        """Look at those of an element, called *name* with its namespace and *local* without."""
        known = self._known
        everything = self._all.get(name)
        if everything is None:
            foreign = not name.startswith(_STANDARDS)
            everything = self._all[name] = foreign or local in _SPEAKING
        for item in attributes.items():
            # Few pairs are new: most are about looks, and come again and again.
            if item in known and not everything:
                continue
            known.add(item)
            key, value = item
            if _says(local, key, value, everything=everything):
                self.found.append(value)
        if len(known) > _MOST_REMEMBERED:
            known.clear()


def _says(element: str, key: str, value: str, *, everything: bool) -> bool:
    """Whether a value says something that somebody may look for."""
    namespace, _, local = key.rpartition(" ")
    if local.startswith("rsid"):
        return False
    looks = local in _LOOKS or any(mark in namespace for mark in _LOOKING)
    if everything and not looks:
        return not _GENERATED.fullmatch(value) and not _GUID.fullmatch(value)
    quiet = element in _QUIET or looks
    if local in _SPOKEN and not quiet:
        return True
    if len(value) < _LONG.start and value.isascii() and value.isalnum():
        return False  # as most are: one plain word, or a short number
    if (_SAYS_TO_THE_QUIET if quiet else _SAYS).search(value):
        return True
    return _calls(local, value)


def _calls(key: str, value: str) -> bool:
    """Whether a value has a number as long as those that people are called by."""
    found = _CALLS.search(_GUID.sub("", value))
    if not found or len(set(found[0])) < _FEW_DIGITS:
        return False
    if not _BARE.fullmatch(value):
        return True
    return len(value) in _LONG and (value.startswith("0") or key not in _IDS) and "." not in value
