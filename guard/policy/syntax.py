"""
What keeps a text from being YAML, told to somebody who has never heard of a parser.

A parser tells where it gave up, which is often a line later, and in its own words. So the lines
around are first looked at for the slips that people make; only then its words are put in ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml.error import MarkedYAMLError, StringMark

from guard.problems import Problem, lines_of

_KEY: Final = r"(?:^\s*(?:-\s+)*|[{,]\s*)[\"']?[\w.@*+-]+[\"']?"
"""The name of a setting, where one can begin."""

_BRACKETS: Final = str.maketrans("｛｝［］，＂", '{}[],"')

_SLIPS: Final = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (
            rf"{_KEY}\s*(?P<at>：)",
            "this colon is a full-width one",
            "write a plain colon and a space, “: ”",
        ),
        (
            r"(?:^\s*|:)(?P<at>[\u3000\u00a0]+)",
            "this space is not a plain one",
            "use the space of half-width input",
        ),
        (
            r"(?:^\s*|:\s+|[{\[,]\s*)(?P<at>[｛｝［］，＂])",
            "this character is a full-width one",
            "",
        ),
        (
            r":\s+(?P<at>\{\w+\})(?:\s+[^\s,}\]#]|[^\s,}\]#])",
            "a text that begins with “{” needs quotes",
            'put all of it in quotes: "…"',
        ),
        (
            rf"{_KEY}(?P<at>:)(?=[^\s/,}}\]:])",
            "a space is missing after this colon",
            "",
        ),
        (
            r"^\s*(?P<at>-)(?=[A-Za-z{\[\"'])",
            "a space is missing after “-”",
            "",
        ),
    )
)
"""Slips that can be seen in one line, outside of quotes and comments, the surest first."""

_CLOSING: Final = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class _Gave:
    """Where the parser gave up, and what it said."""

    lines: Sequence[str]
    said: str
    line: int
    """0-based, as `column`."""

    column: int
    begun: tuple[int, int] | None
    """Line and column of what it was in the middle of."""

    @property
    def found(self) -> str:
        """The character there."""
        return self.lines[self.line][self.column : self.column + 1]


def explained(error: MarkedYAMLError, file: str, text: str) -> Problem:
    """Say what *error* means, and where the slip stands."""
    lines = lines_of(text)
    marks = (error.problem_mark, error.context_mark)
    # Where the text ended too soon, the beginning of what is open says more.
    mark = next((mark for mark in marks if mark and mark.line < len(lines)), None)
    if mark is None:
        return _problem(file, max(1, len(lines)) - 1, 0, "this is not YAML: it ends too soon", "")
    gave = _Gave(lines, str(error.problem), mark.line, mark.column, _begun(error, lines))
    for line, at, message, hint in _seen(gave):
        return _problem(file, line, at, message, hint)
    return _problem(file, *_told(gave))


def _begun(error: MarkedYAMLError, lines: Sequence[str]) -> tuple[int, int] | None:
    mark: StringMark | None = error.context_mark
    return (mark.line, mark.column) if mark and mark.line < len(lines) else None


def _problem(file: str, line: int, column: int, message: str, hint: str) -> Problem:
    return Problem(file=file, line=line + 1, column=column + 1, message=message, hint=hint)


def _seen(gave: _Gave) -> Iterator[tuple[int, int, str, str]]:
    """Give the slips that stand in the lines in question."""
    begun = gave.begun[0] if gave.begun else gave.line
    near = dict.fromkeys((gave.line, gave.line - 1, begun))
    if "could not find expected ':'" in gave.said:
        near = dict.fromkeys((begun, gave.line))
    for line in near:
        bare = _bare(gave.lines[line]) if line >= 0 else ""
        for pattern, message, hint in _SLIPS:
            if slip := pattern.search(bare):
                found = slip["at"]
                plain = found.translate(_BRACKETS)
                yield line, slip.start("at"), message, hint or _instead(found, plain)


def _instead(found: str, plain: str) -> str:
    return f"write {plain}" if plain != found else f"write “{found} ”"


def _bare(line: str) -> str:
    """Give a line without its comment, and with what is quoted filled in."""
    quoted = re.sub(
        r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", lambda q: '"' + "x" * (len(q[0]) - 2) + '"', line
    )
    return re.sub(r"(?:^|(?<=\s))#.*", "", quoted)


def _told(gave: _Gave) -> tuple[int, int, str, str]:
    """Put the parser's words in ours."""
    said, here = gave.said, (gave.line, gave.column)
    begun = gave.begun or here
    if gave.found == "\t":
        return *here, "a tab cannot stand here", "use spaces"
    if "mapping values are not allowed" in said:
        return _second_colon(gave)
    if "could not find expected ':'" in said:
        return *begun, "after the name of a setting comes a colon", "like “mode: hold”"
    if "unexpected end of stream" in said:
        return *begun, "this quote is never closed", "put the same quote at the end of the text"
    if "expected ',' or" in said:
        return _unclosed(gave, begun)
    if "expected <block end>" in said:
        return _misplaced(gave)
    for words, message, hint in _PHRASES:
        if words in said:
            return *(begun if "tags" in message else here), message.format(gave.found), hint
    return *here, f"this is not YAML: {said.partition(chr(10))[0]}", ""


_PHRASES: Final = (
    (
        "cannot start any token",
        "a value that begins with “{}” needs quotes",
        'put all of it in quotes: "…"',
    ),
    (
        "alphabetic or numeric",
        "a value that begins like this needs quotes",
        'put all of it in quotes: "*@example.com"',
    ),
    (
        "unknown escape character",
        "in double quotes “\\” begins an escape",
        "put a text that has “\\” in it in single quotes: '…'",
    ),
    ("tag handle", "tags (!…) are not used", 'put a text that begins with “!” in quotes: "!…"'),
    ("expected URI", "tags (!…) are not used", 'put a text that begins with “!” in quotes: "!…"'),
    (
        "indentation indicators",
        "after “|” the text begins in the next line",
        "or put it in quotes, in one line",
    ),
    (
        "expected a comment or a line break",
        "after “>” the text begins in the next line",
        "or put it in quotes, in one line",
    ),
    (
        "expected the node content",
        "“{}” cannot stand here",
        "a value is missing, or this is too much",
    ),
    ("<document start>", "a line cannot begin with “%”", ""),
    ("directive", "directives (%…) are not used", "take the line out"),
)
"""Words of the parser, each with ours."""


def _second_colon(gave: _Gave) -> tuple[int, int, str, str]:
    """Tell a text with a colon from a line that stands too far right."""
    before = _bare(gave.lines[gave.line][: gave.column])
    if re.search(r":\s", before):
        hint = "put the text in quotes, or break the line"
        return gave.line, gave.column, "a second “:” in one line", hint
    above = next((n for n in range(gave.line - 1, -1, -1) if _bare(gave.lines[n]).strip()), None)
    if above is not None and ":" not in _bare(gave.lines[above]):
        column = len(gave.lines[above]) - len(gave.lines[above].lstrip())
        return above, column, "after the name of a setting comes a colon", "like “mode: hold”"
    column = len(before) - len(before.lstrip())
    hint = "line it up with the setting that it stands beside"
    return gave.line, column, "this line stands too far right", hint


def _unclosed(gave: _Gave, begun: tuple[int, int]) -> tuple[int, int, str, str]:
    """Tell a missing comma from a missing bracket."""
    opened = gave.lines[begun[0]][begun[1] : begun[1] + 1]
    closing = _CLOSING.get(opened, "}")
    if begun[0] != gave.line or gave.found in "]}" or "<stream end>" in gave.said:
        return *begun, f"this “{opened}” is never closed", f"add “{closing}”"
    if gave.found == ":":
        hint = "part settings by “, ”; put what stands below one in braces"
        return gave.line, gave.column, "a second “:” in one setting", hint
    message = f"a “,” is missing before this, or the “{closing}” after the last value"
    return gave.line, gave.column, message, ""


def _misplaced(gave: _Gave) -> tuple[int, int, str, str]:
    here = gave.line, gave.column
    if "<scalar>" in gave.said:
        return (
            *here,
            "the text goes on after its closing quote",
            "put all of it in one pair of quotes",
        )
    if gave.found and gave.found in "]}":
        return *here, f"this “{gave.found}” closes nothing", "take it out"
    return (
        *here,
        "this line is not lined up with those that it belongs to",
        "begin it as far right as its neighbours",
    )
