"""
What a policy says, and most likely does not mean: rules that never match, or never decide.

Asked only of a policy that is right; all of it is told as warnings.
"""

from collections.abc import Iterator, Sequence

from guard.model.verdict import Action
from guard.names.freemail import FREE_MAIL
from guard.policy.document import Node, Place
from guard.policy.globs import Glob
from guard.policy.schema import Exemption, Policy, Rule
from guard.policy.us import Us
from guard.policy.wider import is_wider
from guard.problems import Problem

EVERYBODY = frozenset({"*", "*@*", "**", "*@*.*"})
"""Patterns that fit next to every address."""


def doubts(policy: Policy, root: Node) -> Iterator[Problem]:
    """Report what is most likely not meant in *policy*, which was read from *root*."""
    nodes = [root.at("rules", number) or root for number in range(len(policy.rules))]
    yield from _domains(policy, root)
    yield from _lists(policy, root)
    yield from _reminders(policy, root)
    for rule, node in zip(policy.rules, nodes, strict=True):
        never = tuple(_addresses(rule, node, policy.us))
        yield from never
        if never:
            continue
        yield from _too_much(rule, node)
        yield from _exceptions(rule, node, policy.us)
        yield from _idle(rule, node)
    yield from _shadowed(policy, nodes)


def key_place(node: Node, *path: str) -> Place:
    """Give the place of the name that *path* ends in, else of what is around it."""
    around = node.at(*path[:-1]) or node
    entry = around.entries.get(path[-1])
    return entry.key if entry else around.place


def _domains(policy: Policy, root: Node) -> Iterator[Problem]:
    domains = root.at("us", "domains")
    for domain, node in zip(policy.us.domains, domains.items if domains else (), strict=False):
        if domain in FREE_MAIL:
            yield node.place.problem(
                f"{domain} is a provider of free mail: everybody there would count as one of you",
                "write only domains that are your own",
            )


def _lists(policy: Policy, root: Node) -> Iterator[Problem]:
    for name in policy.lists:
        if name not in policy.list_names:
            yield key_place(root, "lists", name).problem(
                f'no rule looks for list "{name}"', f"write one with “contains: {name}”"
            )


def _reminders(policy: Policy, root: Node) -> Iterator[Problem]:
    end = policy.holding.if_no_answer.after
    reminders = root.at("holding", "remind_after")
    nodes = reminders.items if reminders else ()
    for wait, node in zip(policy.holding.remind_after, nodes, strict=False):
        both = (wait.length, end.length) if end.length and wait.length else None
        both = both or ((wait.working, end.working) if end.working and wait.working else None)
        if both and both[0] >= both[1]:
            yield node.place.problem(
                "nobody is reminded so late: the time for an answer is over by then",
                "see “if_no_answer:”",
            )


def _ours(glob: Glob, us: Us) -> bool | None:
    """Whether every address of a pattern is ours (or none); `None` where that cannot be told."""
    _, at, domain = glob.text.rpartition("@")
    fixed = domain.rpartition("*")[2].rpartition("?")[2]
    below = fixed.partition(".")[2] if fixed != domain else fixed
    if at and below and _covers(below, us):
        return True
    return False if at and fixed == domain else None


def _covers(domain: str, us: Us) -> bool:
    domain = domain.casefold()
    return any(domain == ours or domain.endswith(f".{ours}") for ours in us.domains)


def _all(globs: Sequence[Glob], us: Us, *, ours: bool) -> bool:
    return bool(globs) and all(_ours(glob, us) is ours for glob in globs)


def _addresses(rule: Rule, node: Node, us: Us) -> Iterator[Problem]:
    recipient = rule.when.recipient
    outside = recipient.outside if recipient else None
    if recipient and outside is not None and _all(recipient.address, us, ours=outside):
        whose = "our own" if outside else "outside"
        yield key_place(node, "when", "recipient", "address").problem(
            f"this rule can never match: every address here is {whose}",
            f"beside it stands “outside: {str(outside).lower()}”",
        )


def _too_much(rule: Rule, node: Node) -> Iterator[Problem]:
    """Report a rule that stops whatever leaves."""
    recipient = rule.when.recipient
    if recipient is None or rule.then < Action.HOLD:
        return
    asked = (*rule.when.model_fields_set, *recipient.model_fields_set)
    if sorted(asked) == ["outside", "recipient"] and recipient.outside:
        yield key_place(node, "when").problem(
            "this rule stops all mail to anybody outside",
            "say what to look for: a file, a list, a first mail",
        )


def _exceptions(rule: Rule, node: Node, us: Us) -> Iterator[Problem]:
    outside = rule.when.recipient.outside if rule.when.recipient else None
    for number, exemption in enumerate(rule.except_):
        place = (node.at("except", number) or node).place
        if _everybody(exemption):
            yield place.problem(
                "this exception takes everybody out: the rule never acts", "name fewer addresses"
            )
        elif outside is not None and _all(exemption.to, us, ours=outside):
            asked = "outside recipients" if outside else "our own recipients"
            yield place.problem(
                f"this exception takes nobody out: the rule only asks about {asked}", "delete it"
            )


def _everybody(exemption: Exemption) -> bool:
    fits = [
        any(glob.text in EVERYBODY for glob in globs)
        for globs in (exemption.to, exemption.from_)
        if globs
    ]
    return all(fits)


def _idle(rule: Rule, node: Node) -> Iterator[Problem]:
    for name in ("confirm", "hold_only"):
        if rule.then is not Action.HOLD and name in node.entries:
            yield key_place(node, name).problem(
                f'"{name}" does nothing here: this rule does not hold',
                "take it out, or write “then: hold”",
            )


def _shadowed(policy: Policy, nodes: Sequence[Node]) -> Iterator[Problem]:
    """Report rules that change nothing, whatever they match."""
    for number, rule in enumerate(policy.rules):
        for other_number, other in enumerate(policy.rules):
            if number == other_number or not _acts_wherever(other, rule, policy):
                continue
            there = nodes[other_number].place.line
            if other.then > rule.then:
                hint = "delete it, or ask for less in the other rule"
                if rule.then is Action.DELIVER:
                    hint = "to let such mail pass, write “except:” under the other rule"
                yield key_place(nodes[number], "then").problem(
                    f'this rule never decides: rule "{other.id}" in line {there} asks for no more,'
                    f" and says {other.then.word}",
                    hint,
                )
                break
            if other_number < number and _same(other, rule):
                yield key_place(nodes[number], "when").problem(
                    f'this rule asks the same as rule "{other.id}" in line {there}',
                    "delete one of them",
                )
                break


def _acts_wherever(other: Rule, rule: Rule, policy: Policy) -> bool:
    """Whether *other* acts wherever *rule* would, and does no less."""
    return (
        is_wider(other.when, rule.when)
        and (policy.watches(rule) or not policy.watches(other))
        and _exceptions_of(other) <= _exceptions_of(rule)
        and other.hold_only in (None, rule.hold_only)
    )


def _same(other: Rule, rule: Rule) -> bool:
    return (
        other.then is rule.then
        and other.confirm >= rule.confirm
        and is_wider(rule.when, other.when)
        and _exceptions_of(other) == _exceptions_of(rule)
    )


def _exceptions_of(rule: Rule) -> frozenset[tuple[object, ...]]:
    return frozenset((each.to, each.from_, each.until) for each in rule.except_)
