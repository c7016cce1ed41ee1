"""
Quoted and forwarded text: where it begins, and what the header that is quoted with it says.

Told by what mail programs write, in English and Japanese: ``>`` before the line, a line that says
who wrote what follows, a header in the text. A page is read with ``>`` where it quotes (`page`).
"""

import re
from collections.abc import Iterator
from typing import Final

from guard.model.address import Mailbox
from guard.model.quotation import Quotation
from guard.parse.addresses import mailboxes

_MARKS: Final = r"[> \t\r\f\v\u00a0\u3000]*"
"""Before a line that is quoted. It stays in its line, or a text of nothing else takes for ever."""

_FROM_FIELD: Final = r"From|To|Cc|差出人|送信者|宛先|To\(宛先\)"
_FIELD: Final = rf"^{_MARKS}(?P<field>{_FROM_FIELD})\s*[:：]"
# What comes next is looked at first: to try each word, or each length of a name, takes far longer.
_VERB: Final = r"(?=[WSAさ])(?:wrote|writes|schrieb|a écrit|さんは書きました)"
_VERBS: Final = ("wrote", "writes", "schrieb", "a écrit", "さんは書きました")
QUOTED: Final = re.compile(
    rf"{_FIELD}\s*(?P<people>.+)$"
    rf"|^{_MARKS}(?:On\b.{{4,80}},\s*)?(?P<writer>\S[^<>\n]{{1,60}}?)(?=[\s<\[WSAさ])"
    rf"\s*(?:<[^>]*>|\[[^\]]*\])?\s*{_VERB}\s*[:：]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A header field, or a line that says who wrote what follows."""

_FIELD_AT: Final = re.compile(_FIELD, re.IGNORECASE | re.MULTILINE)
_VERB_AT: Final = re.compile(_VERB, re.IGNORECASE)
_LINES_OF_ONE: Final = 5
"""Lines, not counting empty ones, in which "On …, … <…> wrote:" stands."""

_DATED: Final = re.compile(
    rf"^{_MARKS}\d{{4}}\s?[年/.-]\s?\d{{1,2}}\s?[月/.-]\s?\d{{1,2}}[^\n<>]{{0,80}}"
    r"<(?P<spec>[^<>\s@]{1,64}@[^<>\s]{1,255})>"
    r"[^\n:：]{0,20}[:：]\s*$",
    re.MULTILINE,
)
"""As Gmail and Outlook for Mac write in Japanese: ``2026年11月24日(火) 10:00 鈴木 <s@…>:``."""

_SPEC: Final = re.compile(r"[<\[](?:mailto:)?\s*([^<>\[\]\s@]{1,64}@[^<>\[\]\s]{1,255})")
_OF_BLOCK: Final = re.compile(
    r"[\s*]*(?P<field>From|差出人|送信者|To|To\(宛先\)|宛先|Cc|Bcc|Sent|Date|送信日時|日時|日付|Subject|件名"
    r"|Reply-To|返信先|Importance|重要度|Attachments|添付ファイル)[\s*]*[:：][\s*]*(?P<value>[^\n]*)",
    re.IGNORECASE,
)
_WRITERS: Final = {"from", "差出人", "送信者"}
_RECEIVERS: Final = {"to", "to(宛先)", "宛先", "cc"}
_TIMES: Final = {"sent", "date", "送信日時", "日時", "日付"}
_SUBJECTS: Final = {"subject", "件名"}

_RULE: Final = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|Forwarded message|元のメッセージ|転送メッセージ"
    r"|転送されたメッセージ)\s*-*"
    r"|(?:Begin forwarded message|転送されたメッセージ|以下は転送メッセージです)\s*[:：]?"
    r"|_{20,}|-{20,})\s*",
    re.IGNORECASE,
)
"""What stands above a header in the text."""

_DEPTH: Final = re.compile(r"[>\s]*>")

_MOST_LINES: Final = 20_000
"""Lines that are looked at; nobody reads on to what is quoted below them."""

_MOST_HEADS: Final = 200
"""Quotations that are told apart; the last of them holds the others."""


def quoted_headers(text: str) -> Iterator[re.Match[str]]:
    """Give each field that names somebody, and each line that says who wrote what follows."""
    end = 0
    for start in _where_quoting_may_begin(text):
        match = QUOTED.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


def _where_quoting_may_begin(text: str) -> list[int]:
    """Give the lines to read closely, by their first character: hardly any, in most texts."""
    if ":" not in text and "：" not in text and "wrote" not in text and "schrieb" not in text:
        return []
    starts = {text.rfind("\n", 0, at.start("field")) + 1 for at in _FIELD_AT.finditer(text)}
    folded = text.casefold()
    if any(verb in folded for verb in _VERBS):
        read = 0
        for verb in _VERB_AT.finditer(text):
            if verb.start() < read:  # in a line that was looked at for another verb
                continue
            end = read = (text.find("\n", verb.start()) + 1 or len(text) + 1) - 1
            lines = 0
            while end >= 0 and lines < _LINES_OF_ONE:
                start = text.rfind("\n", 0, end) + 1
                if text[start:end].replace(">", "").strip():
                    starts.add(start)
                    lines += 1
                end = start - 1
    return sorted(starts)


def quotations(text: str) -> tuple[Quotation, ...]:
    """
    Find what *text* quotes, in the order in which it begins; what is quoted twice stands within.

    A header in the text, and a line that says who wrote what follows, head all that is below them
    and quoted as deep as they are.
    """
    if not any(mark in text for mark in ">:：-_"):
        return ()
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    depths = [
        line.count(">", 0, mark.end()) if (mark := _DEPTH.match(line)) else 0 for line in lines
    ]
    heads = dict(sorted({**_attributions(text, lines), **_blocks(lines)}.items())[:_MOST_HEADS])
    found = [
        _quotation(first, _end(lines, depths, first, after), head)
        for first, (after, head) in heads.items()
    ]
    headed = {line for line, (after, _) in heads.items() for line in range(line, after + 2)}
    for first, last in _marked(lines, depths):
        # What stands under a head was found with it.
        if not any(line in headed for line in range(max(0, first - 1), first + 1)):
            found.append(_quotation(first, last, {}))
    return tuple(sorted(found, key=lambda one: (one.first_line, -one.last_line)))


def _quotation(first: int, last: int, head: dict[str, str]) -> Quotation:
    return Quotation(
        first_line=first + 1,
        last_line=last + 1,
        from_=_people(head, _WRITERS),
        to=_people(head, _RECEIVERS),
        subject=next((head[name] for name in head if name in _SUBJECTS), ""),
        sent=next((head[name] for name in head if name in _TIMES), ""),
    )


def _people(head: dict[str, str], names: set[str]) -> tuple[Mailbox, ...]:
    values = (value for name, value in head.items() if name in names)
    found = [box for value in values for box in mailboxes(_SPEC.sub(r"<\1>", value))[0]]
    return tuple(dict.fromkeys(found))


def _attributions(text: str, lines: list[str]) -> dict[int, tuple[int, dict[str, str]]]:
    """Give each line that says who wrote what follows: where it ends, and who."""
    found: dict[int, tuple[int, dict[str, str]]] = {}
    matches = [match for match in quoted_headers(text) if match["writer"]]
    for match in (*matches, *_DATED.finditer(text)):
        said = match[0]
        start = match.start() + len(said) - len(said.lstrip())
        first = text.count("\n", 0, start)
        last = first + said.strip().count("\n")
        if last < len(lines):
            spec = _SPEC.search(said)
            found[first] = last, {"from": f"<{spec[1]}>"} if spec else {}
    return found


def _blocks(lines: list[str]) -> dict[int, tuple[int, dict[str, str]]]:
    """Give each header that stands in the text: where it ends, and its fields."""
    found: dict[int, tuple[int, dict[str, str]]] = {}
    at = 0
    while at < len(lines):
        head: dict[str, str] = {}
        start = last = at
        while at < len(lines) and at <= last + 2:
            bare = lines[at].lstrip("> \t")
            if match := _OF_BLOCK.match(bare):
                head.setdefault(match["field"].lower(), match["value"].strip(" *\t"))
                last = at
            elif (bare.strip() and not head) or (bare.strip() and not _goes_on(bare, head)):
                break
            at += 1
        if len(head) >= 2 and _WRITERS & head.keys():
            while start > 0 and _RULE.fullmatch(lines[start - 1].lstrip("> ")):
                start -= 1
            found[start] = last, head
        at = max(at, start + 1) if not head else last + 1
    return found


def _goes_on(line: str, head: dict[str, str]) -> bool:
    """Whether a line goes on with a list of people that did not fit in the one before."""
    return bool(head) and "@" in line and list(head)[-1] in _RECEIVERS


def _end(lines: list[str], depths: list[int], first: int, after: int) -> int:
    """Find the last line that is quoted under a head."""
    depth = depths[first]
    below = next((at for at in range(after + 1, len(lines)) if lines[at].strip(" >\t")), None)
    if below is None:
        return after
    inner = depths[below]
    # Marked deeper than its head: it ends with the marks. Else everything below is quoted.
    least = max(depth, inner)
    last = below
    for at in range(below, len(lines)):
        if depths[at] >= least:
            last = at
        elif lines[at].strip():
            break
    return last


def _marked(lines: list[str], depths: list[int]) -> Iterator[tuple[int, int]]:
    """Give each stretch of lines that have the mark, blank ones between them included."""
    first: int | None = None
    last = 0
    for at, depth in enumerate(depths):
        if depth:
            first = at if first is None else first
            last = at
        elif first is not None and lines[at].strip():
            yield first, last
            first = None
    if first is not None:
        yield first, last
