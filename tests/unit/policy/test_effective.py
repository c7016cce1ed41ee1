"""A policy with every default filled says the same, and where each word comes from."""

from datetime import date
from pathlib import Path

import pytest

from guard.policy.effective import DEFAULT, Leaf, Tree, effective, lines
from guard.policy.granted import granted, granting
from guard.policy.load import load, read, shipped

POLICIES = sorted(path for path in (shipped(), *shipped().glob("examples/*/")) if path.is_dir())

ODD = """\
guard: 1
us:
  domains: example.co.jp
  shared_mailboxes: {info@example.co.jp: [yamada@example.co.jp]}
lists: {customers: , 'on': {source: crm}}
holding:
  remind_after: 4 working hours
  if_no_answer: {after: 2 working days, then: keep}
rules:
  - id: "007"
    message: {en: "It says \\"{file}\\": # no comment", ja: 'はい'}
    when:
      attachment: {numbers: {at_least: 3}, name: ["*.csv", 'null']}
      time: {between: "18:00-08:00", days: [sat, sun]}
    then: hold
    except: [{to: "*@a.example", because: "yes: no"}]
"""


def text_of(tree: Tree) -> str:
    return "\n".join(line for line, _ in lines(tree)) + "\n"


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_it_loads_as_the_same_policy(path: Path, tmp_path: Path) -> None:
    """Of all that ships: what is printed is the policy."""
    same_when_read_again(path, tmp_path)


def test_odd_words_survive(tmp_path: Path) -> None:
    """Numbers that are names, quotes, comments that are none, lists without settings."""
    (tmp_path / "odd.yaml").write_text(ODD, "utf-8")

    same_when_read_again(tmp_path / "odd.yaml", tmp_path)


def same_when_read_again(path: Path, folder: Path) -> None:
    reading = read(path)
    assert reading.policy is not None, reading.problems
    assert reading.tree is not None
    again = folder / "again.yaml"
    again.write_text(text_of(effective(reading.policy, reading.tree)), "utf-8")

    one, other = (each.with_rules(each.rules, digest="") for each in (load(again), reading.policy))
    assert one == other


def test_origins(tmp_path: Path) -> None:
    """The line of a file, the exception of the database, or nobody."""
    path = tmp_path / "odd.yaml"
    path.write_text(ODD, "utf-8")
    reading = read(path)
    assert reading.policy is not None
    assert reading.tree is not None
    one = granted(
        id_="a1b2c3",
        rule="007",
        to=["x@b.example"],
        from_=[],
        because="b",
        until=date(2027, 3, 31),
    )

    tree = effective(granting(reading.policy, [one]), reading.tree)

    told = [(line.strip(), origin) for line, origin in lines(tree)]
    assert ("domains: example.co.jp", f"{path}:3") in told
    assert ("undo_after_send: 10 seconds", DEFAULT) in told
    assert ("until: 2027-03-31", "database:a1b2c3") in told
    assert ('- to: "*@a.example"', f"{path}:16") in told
    assert isinstance(tree.parts["mode"], Leaf)
