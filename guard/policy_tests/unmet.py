"""What was expected of a verdict, and is not so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guard.model.address import Address
from guard.model.finding import Finding
from guard.model.verdict import Match, Verdict
from guard.policy_tests.schema import Expect


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """One expectation that did not come true."""

    word: str
    """The word of ``expect:``."""

    expected: str
    got: str


def unmet(expect: Expect, verdict: Verdict, findings: Sequence[Finding]) -> Iterator[Unmet]:
    """Compare; gives nothing where all is as expected."""
    speaking = [match.rule for match in verdict.acting]
    matching = [match.rule for match in verdict.matches]
    recorded = [match.rule for match in verdict.matches if match.watched]
    if expect.decision not in (None, verdict.action):
        yield Unmet(word="decision", expected=expect.decision.word, got=verdict.action.word)
    yield from _has("rule", expect.rule, speaking, instead=recorded)
    if expect.rules is not None and set(expect.rules) != set(speaking):
        yield Unmet(word="rules", expected=_listed(expect.rules), got=_listed(speaking))
    yield from _has("records", expect.records, recorded)
    if held := [rule for rule in expect.not_rule if rule in matching]:
        yield Unmet(word="not_rule", expected=f"not {_listed(held)}", got=_listed(matching))
    if expect.about:
        yield from _about(expect, verdict)
    if expect.confirm not in (None, verdict.confirm):
        yield Unmet(word="confirm", expected=expect.confirm.word, got=verdict.confirm.word)
    yield from _says(expect, verdict.matches)
    yield from _has("finding", expect.finding, dict.fromkeys(one.code for one in findings))


def _has(
    word: str, expected: Iterable[str], got: Iterable[str], *, instead: Sequence[str] = ()
) -> Iterator[Unmet]:
    got = list(got)
    if missing := [one for one in expected if one not in got]:
        only = [one for one in missing if one in instead]
        recorded = f"; {_listed(only)} only records" if only else ""
        yield Unmet(word=word, expected=_listed(missing), got=_listed(got) + recorded)


def _about(expect: Expect, verdict: Verdict) -> Iterator[Unmet]:
    named = {*expect.rule, *(expect.rules or ()), *expect.records}
    matches = [match for match in verdict.matches if match.rule in named] or verdict.acting
    spoken_of = dict.fromkeys(address for match in matches for address in match.recipients)
    if set(spoken_of) != set(expect.about):
        yield Unmet(word="about", expected=_people(expect.about), got=_people(spoken_of))


def _says(expect: Expect, matches: Sequence[Match]) -> Iterator[Unmet]:
    said = [one for match in matches for _, sentences in match.sentences for one in sentences]
    for words in expect.says:
        if not any(words in sentence for sentence in said):
            yield Unmet(word="says", expected=f"“{words}”", got=" / ".join(said) or "–")


def _people(addresses: Iterable[Address]) -> str:
    return _listed([address.text for address in addresses])


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "–"
