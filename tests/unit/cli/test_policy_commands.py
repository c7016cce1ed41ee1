"""``guard policy show | new | exceptions | upgrade`` and ``guard reload``, while nothing runs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.cli import guard
from guard.policy import load, renamed, shipped
from guard.policy.renamed import Renamed

RULE = "lookalike-recipient"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    assert run("init", "--domain", "example.co.jp").exit_code == 0
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(guard, words)


def add(*words: str) -> Result:
    return run("policy", "exceptions", "add", RULE, "--because", '監査: "木村"', *words)


def test_exceptions_from_add_to_end(house: Path) -> None:
    """Listed, shown in force, exported as YAML that a policy takes, ended."""
    done = add("--to", "*@partner.example", "--until", "2099-03-31")
    assert done.exit_code == 0, done.output
    id_ = done.stdout.split()[0]

    (told,) = map(json.loads, run("policy", "exceptions", "list", "--json").stdout.splitlines())
    assert (told["id"], told["rule"], told["until"]) == (id_, RULE, "2099-03-31")
    assert (told["counts"], told["warnings"]) == (True, [])
    assert told["added_by"].startswith("admin:")
    assert f"# database:{id_}" in run("policy", "show", "--effective").stdout

    exported = run("policy", "exceptions", "export").stdout
    (written,) = [line for line in exported.splitlines() if "because" in line]
    main = house / "policies" / "main.yaml"
    head = f"  - id: {RULE}\n"
    below = exported.split(f"  - id: {RULE}\n")[1].replace("    except:", "    except:", 1)
    text = main.read_text("utf-8")
    assert head in text
    main.write_text(text.replace(head, head + below, 1), "utf-8")
    rule = next(rule for rule in load(main).rules if rule.id == RULE)
    assert [one.because for one in rule.except_] == ['監査: "木村"']
    assert '\\"木村\\"' in written

    assert run("policy", "exceptions", "end", id_).exit_code == 0
    assert run("policy", "exceptions", "end", id_).exit_code == 1
    assert run("policy", "exceptions", "list").stdout == ""
    assert id_ in run("policy", "exceptions", "list", "--all").stdout
    entries = run("audit", "search", "--event", "exception.").stdout
    assert "exception.added" in entries
    assert "exception.ended" in entries


@pytest.mark.usefixtures("house")
def test_exceptions_that_cannot_be_meant_are_refused() -> None:
    """For everybody, of no rule, over already: wrong usage, and nothing is kept."""
    for words in (
        (),
        ("--to", "partner.example"),
        ("--to", "*@a.example", "--until", "2020-01-01"),
        ("--to", "*@a.example", "--until", "soon"),
    ):
        assert add(*words).exit_code == 2
    other = run("policy", "exceptions", "add", "lookalike", "--to", "*@a.b", "--because", "x")
    assert other.exit_code == 2
    assert run("policy", "exceptions", "list").stdout == ""


@pytest.mark.usefixtures("house")
def test_what_speaks_against_an_exception_is_told() -> None:
    """One of a rule that is gone does nothing any more."""
    add("--to", "*@partner.example")
    Path("policies/main.yaml").write_text("guard: 1\nmode: watch\nus: {domains: [a.example]}\n")

    assert "! the policy has no such rule" in run("policy", "exceptions", "list").stdout


def test_what_show_prints_is_the_policy(house: Path) -> None:
    """As JSON, too; with origins."""
    told = json.loads(run("policy", "show", "--effective", "--json").stdout)

    policy = load(house / "policies")
    assert told["policy"] == policy.hash
    assert told["settings"]["us"]["domains"]["value"] == ["example.co.jp"]
    assert told["settings"]["us"]["domains"]["origin"].startswith("policies/main.yaml:")
    assert told["settings"]["holding"]["retention"] == {"value": "7 days", "origin": "default"}
    assert [rule["id"]["value"] for rule in told["settings"]["rules"]] == [
        rule.id for rule in policy.rules
    ]


@pytest.mark.usefixtures("house")
def test_without_a_guard_nobody_reloads() -> None:
    """Both say so, by the code for what is away."""
    assert run("reload").exit_code == 69
    assert run("policy", "show").exit_code == 69


@pytest.mark.usefixtures("house")
def test_every_template_makes_a_good_policy() -> None:
    """With our own domains and words; each stands in the list."""
    names = [line.split()[0] for line in run("policy", "new").stdout.splitlines()]
    assert names[0] == "standard"
    assert {path.name for path in shipped().glob("examples/*/")} == {*names[1:]}
    for name in names:
        words = ("--domain", "a.example", "--language", "en", "--mode", "watch")
        done = run("policy", "new", name, f"made/{name}", *words)
        assert done.exit_code == 0, done.output
        policy = load(Path("made") / name)
        assert (policy.us.domains, policy.us.language, policy.mode) == (
            ("a.example",),
            "en",
            "watch",
        )
        assert run("policy", "check", f"made/{name}").exit_code == 0
        # Its people moved along, and editors find the schema beside it.
        tried = run("policy", "test", f"made/{name}")
        assert tried.exit_code == 0, tried.output
        assert (Path("made") / name / "policy.schema.json").is_file()
    assert "language-server" not in run("policy", "new").stdout
    assert not [*Path("made").glob(".*")]


def test_new_never_overwrites(house: Path) -> None:
    """Not even with what would be the same."""
    before = (house / "policies" / "main.yaml").read_bytes()

    assert run("policy", "new", "standard").exit_code == 1
    assert run("policy", "new", "standrad", "x").exit_code == 2
    assert (house / "policies" / "main.yaml").read_bytes() == before
    assert not Path("x").exists()


def test_upgrade_changes_words_and_nothing_else(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First it shows the change, then it makes it, and then there is nothing to do."""
    table = (Renamed(since="9", where=("holding", "remind"), new="remind_after"),)
    monkeypatch.setattr(renamed, "RENAMED", table)
    main = house / "policies" / "main.yaml"
    good = main.read_bytes()
    old = b"\xef\xbb\xbf" + good.replace(b"  remind_after:", b"  remind:").replace(b"\n", b"\r\n")
    main.write_bytes(old)
    main.chmod(0o640)

    shown = run("policy", "upgrade")
    assert shown.exit_code == 1
    assert "+  remind_after:" in shown.stdout
    assert main.read_bytes() == old
    assert run("policy", "upgrade", "--write").exit_code == 0
    assert main.read_bytes() == b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n")
    assert main.stat().st_mode & 0o777 == 0o640
    assert run("policy", "upgrade").exit_code == 0
