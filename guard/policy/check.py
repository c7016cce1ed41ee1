"""
What is wrong between settings that are each right, and what is likely a slip.

Works on the tree, not on a finished `Policy`: all problems are told at once, and one that only
follows from another is not told at all.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Final

from guard.model.address import Address, AddressError
from guard.model.verdict import Confirm
from guard.policy.document import Node, Place
from guard.policy.schema import BUILT_IN, Policy
from guard.policy.sentences import BRACES, FILLED_BY
from guard.policy.when import When
from guard.problems import Level, Problem, did_you_mean, nearest

COLUMNS: Final = frozenset(
    {
        *("id", "customer_id", "name", "first", "last", "kana", "company", "department"),
        *("email", "phone", "mobile", "fax", "birthday"),
        *("postcode", "postal", "postal_code", "address", "street", "city"),
    }
)
"""Columns that list files are known to have; others are taken, with a warning."""

_ASK_FOR_GROUPS: Final = (
    ("recipient", "group"),
    ("sender", "group"),
    ("recipients", "never_together"),
)
"""Conditions that name groups of ``us: groups:``."""

_WIDE_BRACES: Final = re.compile(r"｛([^｛｝]*)｝")


def errors(root: Node, *, unclear: Collection[int] = ()) -> Iterator[Problem]:
    """
    Report what cannot be meant.

    What the rules at the places *unclear* look for could not be made out, so nothing is said of
    placeholders that they would leave empty.
    """
    rules = _rules(root)
    yield from _ids(rules)
    yield from _mailboxes(root)
    yield from _lists(root, rules)
    yield from _groups(root, rules)
    yield from _languages(rules)
    yield from _second_person(root, rules)
    listed = root.at("rules")
    doubtful = {id(listed.at(number)) for number in unclear} if listed else set()
    for rule in rules:
        yield from _placeholders(rule, clear=id(rule) not in doubtful)


def warnings(root: Node, *, today: date | None) -> Iterator[Problem]:
    """Report what works but is likely a slip; dates only where *today* is given."""
    found = chain(
        _exceptions(root, today),
        _holds_nothing(root),
        _hold_in_watch(root),
        _columns(root),
    )
    for problem in found:
        yield replace(problem, level=Level.WARNING)


def _rules(root: Node) -> tuple[Node, ...]:
    rules = root.at("rules")
    return tuple(rule for rule in rules.items if rule.entries) if rules else ()


def _text(node: Node, *path: str | int) -> str:
    found = node.at(*path)
    return found.text if found else ""


def _second_person(root: Node, rules: tuple[Node, ...]) -> Iterator[Problem]:
    """Report rules that want somebody to agree where nobody is named who may."""
    if root.at("holding", "second_person") is not None:
        return
    for rule in rules:
        node = rule.at("confirm")
        if node is not None and node.text == Confirm.SECOND_PERSON.word:
            hint = "name them in holding: second_person: [boss@example.co.jp]"
            yield node.place.problem("nobody is named who may agree", hint)


def _ids(rules: tuple[Node, ...]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for rule in rules:
        node = rule.at("id")
        if node is None or not node.text:
            continue
        if node.text == BUILT_IN:
            yield node.place.problem(f'rule "{BUILT_IN}" is built in', "choose another id")
        elif node.text in first:
            other = first[node.text]
            where = f"{other.file}, line {other.line}" if other.file else f"line {other.line}"
            yield node.place.problem(
                f'rule "{node.text}" is written twice; the first is in {where}',
                "each rule has an id of its own",
            )
        else:
            first[node.text] = node.place


def _mailboxes(root: Node) -> Iterator[Problem]:
    """Report one mailbox that stands twice in another spelling: only the last would count."""
    for path in (("us", "shared_mailboxes"), ("us", "send_as"), ("machines", "owners")):
        boxes = root.at(*path)
        first: dict[Address, Place] = {}
        for key, entry in boxes.entries.items() if boxes else ():
            try:
                address = Address.parse(key)
            except AddressError:
                continue  # told by the schema
            if address in first:
                yield entry.key.problem(
                    f'"{key}" is the same mailbox as the one in line {first[address].line}',
                    "write all under one of them",
                )
            first.setdefault(address, entry.key)


def _lists(root: Node, rules: tuple[Node, ...]) -> Iterator[Problem]:
    lists = root.at("lists")
    misspelt = any(nearest(key, ["lists"]) for key in root.entries if key not in _known())
    if (lists is None and misspelt) or (lists is not None and not lists.entries):
        return  # what is wrong with the definitions is told there
    names = list(lists.entries) if lists else []
    for rule in rules:
        for part in ("attachment", "body"):
            contains = rule.at("when", part, "contains")
            for node in contains.items if contains else ():
                if node.text and node.text not in names:
                    yield node.place.problem(
                        f'rule "{_text(rule, "id")}" looks for list "{node.text}",'
                        ' but no such list is defined under "lists:"',
                        did_you_mean(node.text, names),
                    )


def _known() -> set[str]:
    return {field.alias or name for name, field in Policy.model_fields.items()}


def _languages(rules: tuple[Node, ...]) -> Iterator[Problem]:
    spoken = {
        language: _text(rule, "id")
        for rule in reversed(rules)
        if (message := rule.at("message"))
        for language in message.entries
        if language in ("ja", "en")
    }
    for rule in rules:
        entry = rule.entries.get("message")
        sentences = entry.node.entries if entry else {}
        missing = [language for language in spoken if language not in sentences]
        # A misspelt language is told where it stands, and so is a message that is missing.
        if entry and sentences and missing and len(sentences) < len(spoken):
            yield entry.key.problem(
                f'rule "{_text(rule, "id")}" has no sentence in "{missing[0]}",'
                f' but rule "{spoken[missing[0]]}" has',
                "the same languages for every rule",
            )


def _placeholders(rule: Node, *, clear: bool) -> Iterator[Problem]:
    message, when = rule.at("message"), rule.at("when")
    for entry in message.entries.values() if message else ():
        for wide in _WIDE_BRACES.finditer(entry.node.text):
            yield entry.node.place.part(entry.node.text, *wide.span()).problem(
                f'"{wide[0]}" is in full-width braces and would be shown as it stands',
                f'write "{{{wide[1]}}}"',
            )
        for found in BRACES.finditer(entry.node.text):
            name, text = found[1], entry.node.text
            place = entry.node.place.part(text, *found.span())
            if name not in FILLED_BY:
                hint = did_you_mean(name, FILLED_BY) or f"there are {', '.join(FILLED_BY)}"
                yield place.problem(f'"{found[0]}" is no placeholder', hint)
            elif clear and when is not None and not _fills(when, name):
                yield place.problem(
                    f'"{found[0]}" would stay empty: this rule does not ask what it stands for',
                    f'only with "{_as_written(FILLED_BY[name][0])}"',
                )


def _fills(when: Node, placeholder: str) -> bool:
    """Whether a rule that asks *when* knows what to put in for *placeholder*."""
    unknown = [key for key in when.entries if key not in When.model_fields]

    def asks(path: str) -> bool:
        # A condition that is misspelt is told where it stands.
        steps = path.split(".")
        return when.at(*steps) is not None or any(nearest(key, steps[:1]) for key in unknown)

    conditions = FILLED_BY[placeholder]
    return not conditions or any(map(asks, conditions))


def _as_written(path: str) -> str:
    """Give ``recipient.resembles`` as a policy has it: ``recipient: {resembles: …}``."""
    word, _, inner = path.partition(".")
    return f"{word}: {{{inner}: …}}" if inner else f"{word}:"


def _groups(root: Node, rules: tuple[Node, ...]) -> Iterator[Problem]:
    """Report groups that are asked for and not defined."""
    defined = root.at("us", "groups")
    us = root.at("us")
    if us is None or any(nearest(key, ["groups"]) for key in us.entries if key != "groups"):
        return  # what is wrong with the definitions is told there
    names = list(defined.entries) if defined else []
    for rule in rules:
        for path in _ASK_FOR_GROUPS:
            asked = rule.at("when", *path)
            for node in (asked.items or (asked,)) if asked else ():
                is_name = node.text and {"@", "*"}.isdisjoint(node.text)
                if is_name and node.text not in names:
                    yield node.place.problem(
                        f'there is no group "{node.text}" under "us: groups:"',
                        did_you_mean(node.text, names) or f"define {node.text}: [address, …]",
                    )


def _exceptions(root: Node, today: date | None) -> Iterator[Problem]:
    for rule in _rules(root):
        exceptions = rule.at("except")
        for exception in exceptions.items if exceptions else ():
            until = exception.at("until")
            if until is None and exception.entries:
                yield exception.place.problem(
                    "this exception has no end", "add a line like “until: 2027-03-31”"
                )
            elif until is not None and today is not None and _ended(until.text, today):
                yield until.place.problem(
                    f"this exception ended on {until.text} and no longer has any effect",
                    "renew the date or delete the exception",
                )


def _ended(until: str, today: date) -> bool:
    try:
        return date.fromisoformat(until) < today
    except ValueError:
        return False


def _holds_nothing(root: Node) -> Iterator[Problem]:
    rules = root.entries.get("rules")
    # A word that is none is told where it stands; it may have been meant so.
    if all(_text(rule, "then") in ("deliver", "tell") for rule in _rules(root)):
        place = rules.key if rules else root.place
        yield place.problem("this policy holds nothing", "give a rule “then: hold”")


def _hold_in_watch(root: Node) -> Iterator[Problem]:
    if _text(root, "mode") != "watch":
        return
    for rule in _rules(root):
        mode = rule.at("mode")
        if mode is not None and mode.text == "hold":
            yield mode.place.problem(
                "this rule only records, for the whole policy does", "see “mode: watch” at the top"
            )


def _columns(root: Node) -> Iterator[Problem]:
    lists = root.at("lists")
    for entry in lists.entries.values() if lists else ():
        match_on = entry.node.at("match_on")
        for node in match_on.items if match_on else ():
            for column in node.text.replace(" ", "").split("+"):
                if node.text and column not in COLUMNS:
                    yield node.place.problem(
                        f'match_on: "{column}" is no usual column', did_you_mean(column, COLUMNS)
                    )
