"""What a trial of a policy gave, as a table for people and as values for JSON."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from guard.model.verdict import Action

if TYPE_CHECKING:
    from guard.app.trying import Tried
    from guard.policy.past.trial import Change, Tally

_WIDTH: Final = 34
_NAMED: Final = 5
"""People who are named; of the others the number is told."""

_SHOWN: Final = {Action.HOLD: "held", Action.REFUSE: "refused", Action.TELL: "told"}


def lines(tried: "Tried", *, listed: bool) -> Iterator[str]:
    """Give the table, what differs, and what could not be asked; with *listed* each such mail."""
    trial = tried.trial
    yield f"{'':{_WIDTH}} {'now':>7} {'new':>7}"
    for action, word in _SHOWN.items():
        now, new = trial.now, trial.new
        counts = now.actions[action], new.actions[action]
        rules = {*now.rules[action], *new.rules[action]}
        if any(counts) or rules or action is Action.HOLD:
            share = _shares(*counts, trial.mails) if action is Action.HOLD else ""
            yield _row(word, *counts, share)
        yield from _rules(now.rules[action], new.rules[action], tried)
    if trial.now.watched or trial.new.watched:
        yield _row("only recorded (mode: watch)", trial.now.recorded, trial.new.recorded)
        yield from _rules(trial.now.watched, trial.new.watched, tried)
    yield from _people(tried)
    yield ""
    yield from _changes(tried, listed=listed)
    yield from notes(tried)


def _row(name: str, now: int, new: int, rest: str = "") -> str:
    return f"{name:{_WIDTH}} {now:>7,} {new:>7,}   {rest}".rstrip()


def _shares(now: int, new: int, mails: int) -> str:
    return f"{100 * now / mails:.2f} % → {100 * new / mails:.2f} %" if mails else ""


def _rules(now: Mapping[str, int], new: Mapping[str, int], tried: "Tried") -> Iterator[str]:
    for rule in sorted({*now, *new}, key=lambda one: (-max(now.get(one, 0), new.get(one, 0)), one)):
        before, after = now.get(rule, 0), new.get(rule, 0)
        change = f"{after - before:+,}" if after != before else ""
        yield _row(f"  {rule}", before, after, change + _to_whom(rule, tried))


def _to_whom(rule: str, tried: "Tried") -> str:
    """Say where most of a rule's new mails go, where that is one place."""
    places: dict[str, int] = {}
    found = tried.trial.to_whom(rule)
    for name, count in found.items():
        domain = name.partition("@")[2].partition(".")[0]
        places[domain] = places.get(domain, 0) + count
    if not places:
        return ""
    most = max(places, key=lambda one: places[one])
    if places[most] < 2 or 2 * places[most] < sum(places.values()):
        return ""
    where = tried.domains.get(most)
    told = f"to *@{where}" if where else "to one domain, which is no contact's"
    return f"  ← {places[most]:,} of them: {told}"


def _people(tried: "Tried") -> Iterator[str]:
    from guard.policy.past.trial import OFTEN

    now, new = (tally.asked_often() for tally in (tried.trial.now, tried.trial.new))
    if not now and not new:
        return
    named = ", ".join(f"{_who(name, tried)} {count}" for name, count in new[:_NAMED])
    more = ", …" if len(new) > _NAMED else ""
    told = f"   ({named}{more})" if named else ""
    yield f"People asked more than {OFTEN} times: {len(now)} → {len(new)}{told}"


def _changes(tried: "Tried", *, listed: bool) -> Iterator[str]:
    trial = tried.trial
    if not trial.gained and not trial.lost:
        yield "No mail would be treated otherwise."
    elif listed:
        yield from (_change(change, tried) for change in trial.changes)
        if (more := trial.gained + trial.lost - len(trial.changes)) > 0:
            yield f"… and {more:,} more"
    else:
        yield (
            f"{trial.gained:,} mails would be treated more strictly, {trial.lost:,} less: "
            "list them with --list"
        )


def _change(change: "Change", tried: "Tried") -> str:
    at = datetime.fromtimestamp(change.at, UTC).astimezone()
    rules = change.rules_new if change.gained else change.rules_now
    to = ", ".join(_who(name, tried) for name in change.recipients[:3])
    more = f" +{len(change.recipients) - 3}" if len(change.recipients) > 3 else ""
    return (
        f"{'+' if change.gained else '-'} {at:%Y-%m-%d %H:%M}  {change.id}  "
        f"{change.now.word} → {change.new.word}  {_who(change.sender, tried)} → {to}{more}  "
        f"{', '.join(rules)}"
    )


def _who(name: str, tried: "Tried") -> str:
    """Give an address that is known, else the beginning of its hash, with its domain if known."""
    if "@" not in name:
        return name or "<>"
    local, _, domain = name.partition("@")
    where = tried.domains.get(domain.partition(".")[0], "?")
    return tried.people.get(name, f"a:{local[:6]}@{where}")


def notes(tried: "Tried") -> Iterator[str]:
    """Say what the table does not know."""
    trial, missing = tried.trial, tried.missing
    yield from tried.limits
    for condition in tried.unanswered:
        yield f"not asked: {condition} is nothing that is kept; the new column is without it"
    for name, mails in tried.unsearched.items():
        if mails:
            yield f"not asked: in {mails:,} mails nobody had looked for the list “{name}”"
    for word, mails in tried.unsought.items():
        if mails:
            yield f"not asked: in {mails:,} mails nobody had looked for “{word}”, as no rule asked"
    for glob, mails in tried.unasked.items():
        if mails:
            yield f"not asked: of {mails:,} mails nobody had asked for the pattern “{glob}”"
    if missing.mails:
        keys = f" (sealed with {', '.join(sorted(missing.keys))})" if missing.keys else ""
        yield f"not read: {missing.mails:,} mails whose key is gone, or that are damaged{keys}"
    if trial.cut:
        yield f"cut: of {trial.cut:,} mails only the first hundred recipients, files or findings"
    if trial.otherwise:
        yield (
            f"doubt: the policy in force judged {trial.otherwise:,} of {trial.same_policy:,} mails "
            "otherwise when they came, by what is not kept"
        )


def as_dict(tried: "Tried", *, listed: bool) -> dict[str, Any]:
    """Give the same as values. Its keys are an interface: add, don't rename."""
    trial = tried.trial
    told: dict[str, Any] = {
        "mails": trial.mails,
        "first_at": _iso(trial.first_at),
        "last_at": _iso(trial.last_at),
        "now": _tally(trial.now, tried),
        "new": _tally(trial.new, tried),
        "gained": trial.gained,
        "lost": trial.lost,
        "notes": list(notes(tried)),
    }
    if listed:
        told["changes"] = [
            {
                "id": change.id,
                "at": _iso(change.at),
                "sender": _who(change.sender, tried),
                "recipients": [_who(name, tried) for name in change.recipients],
                "now": change.now.word,
                "new": change.new.word,
                "rules_now": list(change.rules_now),
                "rules_new": list(change.rules_new),
            }
            for change in trial.changes
        ]
    return told


def _tally(tally: "Tally", tried: "Tried") -> dict[str, Any]:
    return {
        **{word: tally.actions[action] for action, word in _SHOWN.items()},
        "recorded": tally.recorded,
        "rules": {
            rule: count
            for counts in (*tally.rules.values(), tally.watched)
            for rule, count in sorted(counts.items())
        },
        "asked_often": [
            {"person": _who(name, tried), "count": count} for name, count in tally.asked_often()
        ],
    }


def _iso(seconds: int) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
