"""Exceptions that stand in the database, beside those that an administrator wrote into a file."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Final

from pydantic import ValidationError

from guard.policy import words
from guard.policy.schema import Exemption, Policy, Rule

HASH_DIGITS: Final = 12
"""Of a policy's hash, hexadecimal."""


class Granted(Exemption):
    """An exception that was made by a command; it always has an end."""

    id: str
    """What commands call it."""

    rule: words.Name
    until: words.Day

    @property
    def told(self) -> dict[str, str | list[str]]:
        """What it says, as a file would have it, and as a hash is made of it."""
        return {
            "id": self.id,
            "rule": self.rule,
            "to": [glob.text for glob in self.to],
            "from": [glob.text for glob in self.from_],
            "because": self.because,
            "until": self.until.isoformat(),
        }


def granted(
    *, id_: str, rule: str, to: Sequence[str], from_: Sequence[str], because: str, until: date
) -> Granted:
    """
    Make one of what somebody wrote.

    Raises:
        ValueError: It says nothing, or what it says is no address, no name or no reason; the
            message names what.
    """
    said: dict[str, object] = {"id": id_, "rule": rule, "because": because}
    said |= {"until": until.isoformat(), "to": [*to], "from": [*from_]}
    try:
        return Granted.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ": ".join(str(step) for step in first["loc"] if not isinstance(step, int))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None


def granting(policy: Policy, exceptions: Sequence[Granted]) -> Policy:
    """
    Give *policy* with *exceptions* under their rules; its hash tells that they are there.

    Those of a rule that it does not have change nothing.
    """
    ids = {rule.id for rule in policy.rules}
    count = sorted((one for one in exceptions if one.rule in ids), key=lambda one: one.id)
    if not count:
        return policy
    rules = tuple(_granting(rule, count) for rule in policy.rules)
    return policy.with_rules(rules, digest=_hash(policy.hash, count))


def _granting(rule: Rule, exceptions: Sequence[Granted]) -> Rule:
    mine = tuple(one for one in exceptions if one.rule == rule.id)
    return rule.model_copy(update={"except_": (*rule.except_, *mine)}) if mine else rule


def _hash(files: str, exceptions: Sequence[Granted]) -> str:
    told = json.dumps([files, *(one.told for one in exceptions)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:HASH_DIGITS]
