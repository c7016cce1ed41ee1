"""Exceptions of the database count as those of a file do, and the hash tells of them."""

from collections.abc import Callable
from datetime import date

import pytest
from policy_cases import inspection, lookalike

from guard.model.verdict import Action
from guard.policy.decide import decide
from guard.policy.granted import Granted, granted, granting
from guard.policy.schema import Policy

MakePolicy = Callable[..., Policy]

TODAY = date(2026, 11, 23)
STRANGER = "sato@kita-syoji.example"
RESEMBLES = "{recipient: {resembles: known_contacts}}"


def made(id_: str = "a1b2c3", **values: object) -> Granted:
    said = {"rule": "r", "to": ["*@kita-syoji.example"], "from_": [], "because": "監査"}
    return granted(**{"id_": id_, "until": TODAY, **said, **values})


@pytest.fixture
def written(policy: MakePolicy) -> Policy:
    return policy(RESEMBLES)


@pytest.mark.parametrize(
    ("exception", "action", "excused"),
    [
        pytest.param({}, Action.DELIVER, ("a1b2c3",), id="its last day"),
        pytest.param({"until": date(2026, 11, 22)}, Action.HOLD, (), id="ended"),
        pytest.param({"to": ["*@other.example"]}, Action.HOLD, (), id="of somebody else"),
        pytest.param({"rule": "other"}, Action.HOLD, (), id="of another rule"),
        pytest.param({"to": [], "from_": ["x@y.example"]}, Action.HOLD, (), id="another sender"),
    ],
)
def test_it_takes_a_recipient_out(
    written: Policy, exception: dict[str, object], action: Action, excused: tuple[str, ...]
) -> None:
    """The verdict names exceptions without which a rule would have spoken, and no others."""
    rule = written.rules[0].id
    values = {"rule": rule, **exception}
    mail = inspection(STRANGER)

    verdict = decide(mail, [lookalike(STRANGER)], granting(written, [made(**values)]), today=TODAY)

    assert (verdict.action, verdict.excused) == (action, excused)


def test_one_that_had_nothing_to_excuse_is_not_named(written: Policy) -> None:
    """“Last matched” would say that it is needed."""
    held = granting(written, [made(rule=written.rules[0].id)])

    assert decide(inspection(STRANGER), [], held, today=TODAY).excused == ()


def test_the_hash_tells(written: Policy) -> None:
    """Every change of an exception changes it, their order does not, and without any it stays."""
    rule = written.rules[0].id
    one, two = made(rule=rule), made("d4e5f6", rule=rule)
    later = made(rule=rule, until=date(2027, 1, 1))

    hashes = [granting(written, some).hash for some in ([], [one], [later], [one, two], [two, one])]

    assert hashes[0] == written.hash
    assert granting(written, [made(rule="no-such-rule")]).hash == written.hash
    assert hashes[3] == hashes[4]
    assert len({*hashes}) == 4
    assert all(len(each) == 12 for each in hashes[1:])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"to": []}, 'says neither "to:" nor "from:"'),
        ({"to": ["kita.example"]}, "to: this is no address"),
        ({"because": " "}, "because: write some words"),
        ({"rule": "no such"}, "rule: write a name"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object], said: str) -> None:
    """In the words of a policy's own errors."""
    with pytest.raises(ValueError, match=said):
        made(**wrong)
