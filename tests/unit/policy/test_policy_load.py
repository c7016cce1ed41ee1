"""From YAML to a policy, or to problems; from no text to a traceback."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from guard.model.address import Address
from guard.model.automatic import ANSWERS
from guard.model.calendar import Wait
from guard.model.errors import SettingsError
from guard.model.verdict import Action, Confirm
from guard.policy.files import FILE_BYTES
from guard.policy.load import load, read
from guard.problems import Level, Problem, render

SLIPS = Path(__file__).parents[2] / "golden" / "policies" / "six-slips" / "policies" / "main.yaml"
TODAY = date(2026, 11, 23)

SMALL = """\
guard: 1
us: {domains: [example.co.jp]}
lists: {customers: }
rules:
  - id: rows
    message: {en: "{count} rows"}
    when: {body: {contains: customers}}
    then: hold
"""


def example() -> str:
    """The example of the language's document: the golden file without its six slips."""
    text = SLIPS.read_text("utf-8")
    for slip, right in {
        "mode: wacth": "mode: watch",
        "15 mins": "15 minutes",
        "closeness: 880": "closeness: 88",
        "confirms:": "confirm:",
        "contains: customer\n": "contains: customers\n",
        "2026-03-31": "2027-03-31",
    }.items():
        assert slip in text
        text = text.replace(slip, right)
    return text


def check(path: Path, *, today: date) -> list[Problem]:
    """All that is wrong with the policy in *path*, or likely a slip."""
    return list(read(path, today=today).problems)


def written(folder: Path, text: str, name: str = "main.yaml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def test_example_is_right(tmp_path: Path) -> None:
    """The document's example has neither errors nor warnings."""
    assert check(written(tmp_path, example()), today=TODAY) == []


def test_example_means_what_it_says(tmp_path: Path) -> None:
    """Words become values."""
    policy = load(written(tmp_path, example()))
    lookalike, rows, unreadable, many, greeting = policy.rules

    assert policy.mode == "watch"
    assert not policy.can_hold
    assert policy.holding.remind_after == (
        Wait(length=timedelta(minutes=15)),
        Wait(length=timedelta(hours=2)),
    )
    assert policy.holding.undo_after_send == timedelta(seconds=10)
    assert policy.list_names == ("customers",)
    assert (lookalike.then, lookalike.confirm) == (Action.HOLD, Confirm.TICK_EACH)
    assert lookalike.when.recipient is not None
    assert lookalike.when.recipient.closeness == 88
    assert rows.confirm is Confirm.TYPE_DOMAIN
    assert rows.except_[0].until == date(2027, 3, 31)
    assert unreadable.when.attachment is not None
    assert unreadable.when.attachment.unreadable
    assert many.then is Action.TELL
    assert greeting.mode == "watch"
    shared = policy.us.shared_mailboxes[Address.parse("Sales@example.co.jp")]
    assert [str(person) for person in shared] == ["yamada@example.co.jp", "suzuki@example.co.jp"]


def test_defaults(tmp_path: Path) -> None:
    """What is left out is as the language says: hold, tick each, try later."""
    policy = load(written(tmp_path, SMALL))

    assert policy.mode == "hold"
    assert policy.can_hold
    assert policy.rules[0].confirm is Confirm.TICK_EACH
    assert policy.if_guard_cannot_check == "try_later"
    assert policy.holding.hold_budget == pytest.approx(0.003)


def test_errors_are_raised_without_warnings(tmp_path: Path) -> None:
    """`load` raises with every error in file order, and with the text for showing them."""
    written(tmp_path, SLIPS.read_text("utf-8"))

    with pytest.raises(SettingsError) as caught:
        load(tmp_path)

    assert [problem.line for problem in caught.value.problems] == [16, 31, 45, 48, 57]
    assert {problem.level for problem in caught.value.problems} == {Level.ERROR}
    assert str(tmp_path / "main.yaml") in caught.value.sources


def test_warnings_do_not_stop(tmp_path: Path) -> None:
    """An exception that has ended is a warning; the policy is used."""
    written(tmp_path, example().replace("2027-03-31", "2026-03-31"))

    assert [p.level for p in check(tmp_path, today=TODAY)] == [Level.WARNING]
    assert load(tmp_path).rules


@pytest.mark.parametrize(
    ("until", "today", "warned"),
    [("2026-11-23", TODAY, False), ("2026-11-22", TODAY, True)],
)
def test_last_day_counts(tmp_path: Path, until: str, today: date, warned: bool) -> None:
    """An exception counts on its last day."""
    written(tmp_path, example().replace("2027-03-31", until))

    assert bool(check(tmp_path, today=today)) is warned


def test_folder_is_read_in_name_order(tmp_path: Path) -> None:
    """Files join in name order; hidden files, other files and folders are not read."""
    one, two = SMALL.replace("id: rows", "id: two"), "rules:" + SMALL.partition("rules:")[2]
    written(tmp_path, one, "20-main.yaml")
    written(tmp_path, two.replace("id: rows", "id: one"), "10-more.yml")
    for name in ("tests", ".hidden.yaml", "notes.txt"):
        written(tmp_path, "{ not: [a policy", name) if "." in name else (tmp_path / name).mkdir()
    written(tmp_path / "tests", "{ not: [a policy")

    assert [rule.id for rule in load(tmp_path).rules] == ["one", "two"]


def test_one_file(tmp_path: Path) -> None:
    """A single file is a policy too."""
    assert load(written(tmp_path, SMALL) / "main.yaml").rules[0].id == "rows"


def test_hash_tells_policies_apart(tmp_path: Path) -> None:
    """Twelve hexadecimal digits, the same for the same files, another for any change."""
    first = load(written(tmp_path, SMALL))
    again = load(tmp_path)
    other = load(written(tmp_path, SMALL + "# a comment\n"))

    assert len(bytes.fromhex(first.hash)) == 6
    assert first.hash == again.hash
    assert first.hash != other.hash


def test_policy_is_frozen(tmp_path: Path) -> None:
    """Nothing in a policy can be set anew."""
    policy = load(written(tmp_path, SMALL))

    with pytest.raises(ValueError, match="frozen"):
        policy.mode = "watch"


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("a@example.co.jp", True),
        ("a@EXAMPLE.co.jp", True),
        ("a@mail.example.co.jp", True),
        ("a@notexample.co.jp", False),
        ("a@example.co.jp.test", False),
    ],
)
def test_subdomains_are_ours(tmp_path: Path, address: str, ours: bool) -> None:
    """What stands below our domains is ours; what only ends alike is not."""
    assert load(written(tmp_path, SMALL)).is_ours(Address.parse(address)) is ours


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_to_read(tmp_path: Path, name: str) -> None:
    """A path that is missing, and a folder without a policy, are errors."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(SettingsError):
        load(tmp_path / name)


@pytest.mark.parametrize("text", ["- guard: 1", "guard", "# nothing", "", "{}", "[]", "1"])
def test_no_settings(tmp_path: Path, text: str) -> None:
    """YAML that is no mapping of settings is an error."""
    assert [p.level for p in check(written(tmp_path, text), today=TODAY)].count(Level.ERROR)


def test_too_large(tmp_path: Path) -> None:
    """A file beyond the limit is refused without being parsed."""
    problems = check(written(tmp_path, "#" * (FILE_BYTES + 1)), today=TODAY)

    assert [problem.message for problem in problems] == ["larger than 1 MiB"]


def test_version_may_stand_in_each_file(tmp_path: Path) -> None:
    """``guard: 1`` may be repeated, but no file may be of another version."""
    written(tmp_path, SMALL)

    assert check(written(tmp_path, "guard: 1", "more.yaml"), today=TODAY) == []
    (problem,) = check(written(tmp_path, "guard: 2", "more.yaml"), today=TODAY)
    assert problem.file.endswith("more.yaml")


def survives(folder: Path, octets: bytes) -> None:
    """Reading gives a policy or errors with real places, and both can be shown."""
    (folder / "main.yaml").write_bytes(octets)
    reading = read(folder, today=TODAY)

    errors = [problem for problem in reading.problems if problem.level is Level.ERROR]
    assert (reading.policy is None) == bool(errors)
    shown = render(reading.problems, reading.sources)
    shown.encode("utf-8")
    for problem in reading.problems:
        text = reading.sources.get(problem.file)
        assert text is None or 0 <= problem.line <= max(1, len(text.splitlines()))


@given(st.binary(max_size=300))
def test_any_octets(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """Any octets give a policy or problems."""
    survives(tmp_path_factory.mktemp("octets"), octets)


@given(st.text(alphabet="abc:-[]{}#&*!|>'\"%@` \n\t\r,?0.\\<~\u0085\u2028あ\ufeff", max_size=80))
def test_any_yaml_like_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """So does any text of the characters that mean something in YAML."""
    survives(tmp_path_factory.mktemp("text"), text.encode())


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """So does a right policy with a stretch of it exchanged."""
    text = example()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    other = data.draw(
        st.text(max_size=10) | st.sampled_from(["[", "{}", "null", "- ", "true", "9"])
    )
    survives(tmp_path_factory.mktemp("damage"), (text[:start] + other + text[end:]).encode())


WORDS = sorted(
    {word.strip(" -:{}[],\"'") for word in example().replace("\n", " ").split(" ")} - {""}
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(value=VALUES, data=st.data())
def test_any_value_anywhere(
    tmp_path_factory: pytest.TempPathFactory, value: object, data: st.DataObject
) -> None:
    """So does a right policy with any value put in at any place."""
    tree = YAML(typ="safe", pure=True).load(example())
    at: Any = tree
    while True:
        step = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        below = at[step]
        if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
            at[step] = value
            break
        at = below
    folder = tmp_path_factory.mktemp("value")
    with (folder / "dumped").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(tree, stream)
    survives(folder, (folder / "dumped").read_bytes())


@pytest.mark.parametrize(
    ("machines", "said", "hint"),
    [
        ("{never_asked: [bounce, bulk]}", "anybody can write the header", "mail: bulk"),
        ("{never_asked: generated}", "anybody can write the header", "mail: generated"),
        ("{never_asked: bouncy}", "is not one of", 'did you mean "bounce"?'),
        ("{owners: {erp@example.co.jp: kimura}}", "kimura", ""),
        (
            "{owners: {erp@example.co.jp: a@example.co.jp, ERP@example.co.jp: b@example.co.jp}}",
            "is the same mailbox",
            "",
        ),
    ],
)
def test_slips_about_machines(tmp_path: Path, machines: str, said: str, hint: str) -> None:
    """What any header could open is said to be no sort for ``never_asked``, and what to write."""
    written(tmp_path, f"machines: {machines}\n{example()}")

    found = [p for p in check(tmp_path, today=TODAY) if p.level is Level.ERROR]

    assert [p.line for p in found] == [1]
    text = str(found[0])
    assert said in text
    assert hint in text


def test_nobody_but_answers_is_left_unasked(tmp_path: Path) -> None:
    """By default all that answers one message; bulk mail is a matter for rules."""
    written(tmp_path, example())

    assert frozenset(load(tmp_path).machines.never_asked) == ANSWERS
