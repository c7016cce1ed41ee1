"""An `Explanation` as text: the decision, then each recipient with what spoke and what did not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from guard.policy.explain import Explanation

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "by": "by {}",
        "policy": "policy {} (mode: {})",
        "login": "logged in as {}",
        "mail": "automatic mail: {}",
        "unasked": "{} would {}, but nobody is asked about {} (machines: never_asked)",
        "assumed_sender": "the sender is who From names; --sender says otherwise",
        "assumed_recipients": "the recipients are those of To, Cc and Bcc; --to says otherwise",
        "held": "{} was held {} by {} (policy {}); it is {}",
        "same": "judged by the policy of now: the same",
        "changed": "judged by the policy of now: {} by {}",
        "no_rule": "no rule",
        "why_not": "Why the other rules did nothing, near misses first:",
        "about": " ({})",
        "holds_from": "look-alikes are held from suspicion {:.3f}: {}",
        "of_table": "{:g} percent by the table of the weights; no mails were counted yet",
        "of_both": "{:g} percent of the last {:,} mails, the table of the weights as {:,} more",
        "of_mails": "{:g} percent of the last {:,} mails",
        "lowest": ", and never lower",
        "highest": ", and never higher",
        "never": "nobody here has written to it",
        "first": "first time for this sender; written {} times by others here",
        "known": "written {} times by this sender, {} by all",
        "inside": "one of us",
        "resembles": "resembles",
        "closeness": "closeness {}, suspicion {:.2f}, {}",
        "usual": "written {} times by this sender, {} by all",
        "matches": "→ {}",
        "watched": "→ {} (only recorded)",
        "excepted": "excepted: {}",
        "until": "{}, until {}",
        "more": "… and {} more recipients",
        "deliver": "would go out",
        "tell": "would go out, and the sender would be told",
        "hold": "would be held; the sender would be asked about {} recipient(s)",
        "refuse": "would be refused",
    },
    "ja": {
        "by": "規則 {}",
        "policy": "ポリシー {} (mode: {})",
        "login": "ログイン: {}",
        "mail": "自動で送られるメール: {}",
        "unasked": "{} は {} になるところですが、{} は誰にも確認しません (machines: never_asked)",
        "assumed_sender": "差出人は From のとおり (--sender で変更)",
        "assumed_recipients": "宛先は To, Cc, Bcc のとおり (--to で変更)",
        "held": "{} は {} に規則 {} が止めました (ポリシー {})。状態: {}",
        "same": "今のポリシーでも同じ判定です",
        "changed": "今のポリシーでは {} (規則 {})",
        "no_rule": "なし",
        "why_not": "ほかの規則が何もしなかった理由 (惜しいものから):",
        "about": " ({})",
        "holds_from": "似た宛先は疑い {:.3f} から止めます: {}",
        "of_table": "重みの表による {:g}% (まだ数えたメールがありません)",
        "of_both": "最近のメール {1:,} 通 (重みの表を {2:,} 通分として加えて) の {0:g}%",
        "of_mails": "最近のメール {1:,} 通の {0:g}%",
        "lowest": "。これより低くはなりません",
        "highest": "。これより高くはなりません",
        "never": "社内の誰も送ったことがありません",
        "first": "この送信者は初めて、社内の他の人からは {} 通",
        "known": "この送信者から {} 通、社内全体で {} 通",
        "inside": "社内",
        "resembles": "似ている相手",
        "closeness": "近さ {}、疑い {:.2f}、{}",
        "usual": "この送信者から {} 通、社内全体で {} 通",
        "matches": "→ {}",
        "watched": "→ {} (記録のみ)",
        "excepted": "例外: {}",
        "until": "{}、{} まで",
        "more": "… ほか {} 件の宛先",
        "deliver": "そのまま送られます",
        "tell": "送られ、送信者に知らせます",
        "hold": "止めて、送信者に宛先 {} 件を確認します",
        "refuse": "受け付けません",
    },
}

_ALONE: Final = 5
"""How often the mails must outnumber the table of the weights for it to go without saying."""

_SHOWN: Final = 20
"""Recipients that are told one by one."""


def render(explanation: Explanation, lang: str) -> str:
    """
    Tell *explanation* in *lang* (``ja`` or ``en``), for a terminal of 100 columns.

    What strangers wrote, as the name of a file, cannot steer that terminal.
    """
    return "\n".join(_visible(line) for line in _lines(explanation, _WORDS[lang], lang))


def _visible(line: str) -> str:
    return "".join(char if char.isprintable() else " " for char in line)


def _lines(explanation: Explanation, words: Mapping[str, str], lang: str) -> Iterator[str]:
    decision = explanation["decision"]
    spoke = [r for r in explanation["rules"] if r["matched"] and not r["watched"]]
    why = [rule["id"] for rule in spoke if rule["then"] == decision]
    head = decision.upper() + (f"  {words['by'].format(', '.join(why))}" if why else "")
    yield f"{head}    {words['policy'].format(explanation['policy'], explanation['mode'])}"
    if held := explanation.get("held"):
        yield from _of_then(held, decision, [rule["id"] for rule in spoke], words)
    for what in explanation.get("assumed", ()):
        yield words[f"assumed_{what}"]
    if explanation["login"] is not None:
        yield words["login"].format(explanation["login"])
    if explanation["mail"]:
        yield words["mail"].format(explanation["mail"])
    if _asks_for_likeness(explanation):
        yield _threshold(explanation["holds_from"], words)
    for person in explanation["recipients"][:_SHOWN]:
        yield ""
        yield f"to  {person['address']}    {_acquainted(person, words)}"
        for finding in explanation["findings"]:
            if finding["recipient"] == person["address"]:
                yield from _lookalike(finding, words)
        for rule in explanation["rules"]:
            yield from _rule(rule, person["address"], words)
    if (rest := len(explanation["recipients"]) - _SHOWN) > 0:
        yield ""
        yield words["more"].format(rest)
    yield from _why_not(explanation, words, lang)
    yield ""
    yield words[decision].format(len(explanation["doubtful"]))


def _of_then(
    held: Mapping[str, Any], decision: str, rules: Sequence[str], words: Mapping[str, str]
) -> Iterator[str]:
    """Say for what it was held then, and whether the policy of now says the same."""
    by = ", ".join(held["rules"]) or words["no_rule"]
    yield words["held"].format(held["number"], held["at"], by, held["policy"], held["state"])
    if (held["decision"], held["rules"]) == (decision, list(rules)):
        yield words["same"]
    else:
        yield words["changed"].format(decision.upper(), ", ".join(rules) or words["no_rule"])


def _why_not(explanation: Explanation, words: Mapping[str, str], lang: str) -> Iterator[str]:
    """Give a line for each rule that did not match; whom it is about, where that is not plain."""
    misses = explanation["why_not"]
    unasked = [rule for rule in explanation["rules"] if rule["unasked"]]
    if unasked:
        yield ""
    for rule in unasked:
        yield words["unasked"].format(rule["id"], rule["then"], rule["unasked"])
    if not misses:
        return
    yield ""
    yield words["why_not"]
    width = max(len(miss["rule"]) for miss in misses)
    several = len(explanation["recipients"]) > 1
    for miss in misses:
        about_one = several and str(miss["fact"] or "recipient.").startswith("recipient.")
        about = words["about"].format(miss["recipient"]) if about_one else ""
        yield f"    {miss['rule']:<{width}}  {miss['reason'][lang]}{about}"


def _asks_for_likeness(explanation: Explanation) -> bool:
    return any(
        fact["fact"] == "recipient.resembles"
        for rule in explanation["rules"]
        for hearing in rule["asked"]
        for fact in hearing["facts"]
    )


def _threshold(threshold: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Say from which suspicion look-alikes are held, and what that was counted on."""
    mails, table = threshold["mails"], threshold["table_counts_for"]
    which = "of_table" if not mails else "of_both" if mails < _ALONE * table else "of_mails"
    said = words[which].format(100 * threshold["budget"], mails, table)
    bound = words[threshold["bound"]] if threshold["bound"] else ""
    return words["holds_from"].format(threshold["suspicion"], said + bound)


def _acquainted(person: Mapping[str, Any], words: Mapping[str, str]) -> str:
    own, everybody = person["written"]["by_sender"], person["written"]["by_organisation"]
    if own:
        said = words["known"].format(own, everybody)
    else:
        said = words["first"].format(everybody) if everybody else words["never"]
    return said if person["outside"] else f"{words['inside']}; {said}"


def _lookalike(finding: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    evidence, usual = finding["evidence"], finding["evidence"]["usual"]
    alike = words["closeness"].format(evidence["closeness"], finding["score"], evidence["kind"])
    yield f"    {words['resembles']}  {finding['intended']}    {alike}"
    yield f"        {words['usual'].format(usual['by_sender'], usual['by_organisation'])}"
    for name, worth in evidence["parts"].items():
        yield f"        {name:<12}{worth:+7.2f}"


def _rule(rule: Mapping[str, Any], address: str, words: Mapping[str, str]) -> Iterator[str]:
    """Give a line for the rule: each condition, and what follows."""
    if not rule["asked"]:  # built in: asks nothing
        yield f"    ✓ {_outcome(rule, words)}"
    for hearing in rule["asked"]:
        if hearing["recipient"] == address:
            facts = "   ".join(_fact(fact) for fact in hearing["facts"])
            if hearing["matched"]:
                yield f"    {facts}   {_outcome(rule, words)}"
            elif hearing["excepted"] and all(fact["holds"] for fact in hearing["facts"]):
                yield f"    {facts}   {rule['id']}: {_excepted(hearing['excepted'], words)}"
            else:
                yield f"    – {rule['id']}:  {facts}"


def _outcome(rule: Mapping[str, Any], words: Mapping[str, str]) -> str:
    outcome = words["watched" if rule["watched"] else "matches"].format(rule["id"])
    return f"{outcome}: {rule['then']}"


def _excepted(excepted: Mapping[str, Any], words: Mapping[str, str]) -> str:
    because = excepted["because"]
    if excepted["until"]:
        because = words["until"].format(because, excepted["until"])
    return words["excepted"].format(because)


def _fact(fact: Mapping[str, Any]) -> str:
    """Give one condition: ``✓ recipient.closeness 96 ≥ 88``."""
    mark, name, value, wanted = (
        "✓" if fact["holds"] else "✗",
        fact["fact"],
        fact["value"],
        fact["wanted"],
    )
    if isinstance(value, bool):
        return f"{mark} {name}: {'true' if value else 'false'}"
    if isinstance(value, int | float):
        sign = "≥" if fact["holds"] else "<"
        return f"{mark} {name} {_number(value)} {sign} {_number(wanted)}"
    return f"{mark} {name}: {value or '–'}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
