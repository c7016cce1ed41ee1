"""Settings: every wrong key is told with its place and a suggestion; the environment goes first."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guard.config import Settings, host_port, load
from guard.model.errors import SettingsError
from guard.problems import render

# The settings that design promises to keep, word for word.
PROMISED = """
policies = "policies"
[[listen]]
address = "127.0.0.1:2525"
tls = "none"
auth = "none"
trusted = ["127.0.0.0/8"]
[limits]
message_bytes = 36_700_160
connections = 1000
per_address = 100
command_s = 300
data_s = 180
[upstream]
address = "127.0.0.1:2526"
tls = "none"
[upstream.release]
address = "127.0.0.1:2527"
[web]
address = "127.0.0.1:8025"
public_url = "http://127.0.0.1:8025"
[store]
url = "sqlite:///guard.db"
key_file = "guard.key"
[admin]
address = "127.0.0.1:8026"
[notices]
from = "Mail check <guard@example.co.jp>"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "guard.toml"
    path.write_text(text, "utf-8")
    return path


def problems(path: Path) -> list[tuple[int, int, str, str]]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return [(p.line, p.column, p.message, p.hint) for p in caught.value.problems]


def test_promised_settings_load(tmp_path: Path) -> None:
    """The interface that others rely on is read as it stands."""
    found = load(write(tmp_path, PROMISED))

    assert found.upstream.release_route.address == "127.0.0.1:2527"
    assert found.upstream.release_route.tls == "none"
    assert found.listen[0].trusted == ("127.0.0.0/8",)
    assert found.notices.from_ == "Mail check <guard@example.co.jp>"


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    """A guard that is started elsewhere uses the same database."""
    found = load(write(tmp_path, PROMISED))

    assert found.store.url == f"sqlite:///{tmp_path}/guard.db"
    assert found.policies == tmp_path / "policies"
    assert found.lists.folder == tmp_path / "lists"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '[upstream]\nadress = "x:25"\n',
            (2, 1, '"adress" is not a setting here', 'did you mean "address"?'),
            id="misspelt key",
        ),
        pytest.param(
            '[upstrem]\naddress = "x:25"\n',
            (1, 2, '"upstrem" is not a setting here', 'did you mean "upstream"?'),
            id="misspelt table",
        ),
        pytest.param(
            '[[listen]]\ntls = "startls"  # hm\n',
            (
                2,
                7,
                'tls: "startls" is not one of none, starttls, implicit',
                'did you mean "starttls"?',
            ),
            id="misspelt value, alone in its list",
        ),
        pytest.param(
            '[web]\naddress = "127.0.0.1"\n',
            (
                2,
                11,
                'address: write a host and a port like "127.0.0.1:2525" or "[::1]:2525"',
                "you wrote 127.0.0.1",
            ),
            id="no port",
        ),
        pytest.param(
            '[notices]\nfrom = "Mail check"\n',
            (
                2,
                8,
                'from: write an address like "Mail check <guard@example.co.jp>"',
                "you wrote Mail check",
            ),
            id="no address",
        ),
        pytest.param(
            '[[listen]]\nauth = "required"\n',
            (
                1,
                3,
                "listen: auth needs tls = starttls or implicit: a login is only offered under TLS",
                "",
            ),
            id="half a setting",
        ),
        pytest.param(
            "[web\n",
            (1, 5, "this is not TOML: Expected ']' at the end of a table declaration", ""),
            id="broken TOML",
        ),
    ],
)
def test_a_slip_is_told_with_its_place(
    tmp_path: Path, text: str, expected: tuple[int, int, str, str]
) -> None:
    """Line, column, what is wrong, and what was probably meant."""
    assert problems(write(tmp_path, text)) == [expected]


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a file one start at a time."""
    text = '[limits]\nmessage_bytes = "big"\n[web]\npublic_url = "guard.example"\nport = 1\n'

    assert [line for line, *_ in problems(write(tmp_path, text))] == [2, 4, 5]


def test_missing_file_names_the_way_out(tmp_path: Path) -> None:
    """The first thing a newcomer meets."""
    assert problems(tmp_path / "guard.toml") == [
        (0, 1, "there is no such file", "make one with: guard init")
    ]


def test_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers set single keys without touching the file."""
    monkeypatch.setenv("GUARD_UPSTREAM__ADDRESS", "mail.example.com:587")
    monkeypatch.setenv("GUARD_LISTEN", '[{"address": "0.0.0.0:25", "trusted": ["10.0.0.0/8"]}]')

    found = load(write(tmp_path, PROMISED))

    assert found.upstream.address == "mail.example.com:587"
    assert found.listen[0].trusted == ("10.0.0.0/8",)
    assert found.web.address == "127.0.0.1:8025"


def test_wrong_variables_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is no silent default; those that Kubernetes makes up are left alone."""
    monkeypatch.setenv("GUARD_UPSTREAM__TSL", "required")
    monkeypatch.setenv("GUARD_WEB__PUBLIC_URL", "nowhere")
    monkeypatch.setenv("GUARD_PORT_8025_TCP_ADDR", "10.0.0.1")

    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, PROMISED))

    assert {(p.file, p.hint) for p in caught.value.problems} == {
        ("GUARD_UPSTREAM__TSL", 'did you mean "tls"?'),
        ("GUARD_WEB__PUBLIC_URL", "you wrote nowhere"),
    }


def test_secret_files_go_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker and Kubernetes hand secrets over as files."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "store__url").write_text("postgresql+psycopg://guard@db/guard")
    monkeypatch.setenv("GUARD_SECRETS_DIR", str(secrets))

    assert load(write(tmp_path, PROMISED)).store.url == "postgresql+psycopg://guard@db/guard"


def test_host_port_takes_brackets_off() -> None:
    """An IPv6 address is written in brackets, and used without."""
    assert host_port("[::1]:25") == ("::1", 25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_gives_settings_or_problems(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file: never a traceback."""
    with contextlib.suppress(SettingsError):
        assert isinstance(load(write(tmp_path, text)), Settings)


def test_a_password_in_a_wrong_address_is_not_shown(tmp_path: Path) -> None:
    """What is told of a slip ends in terminals and logs."""
    text = '[store]\nurl = "mysql://guard:geheim@db/guard"\n'
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))

    shown = render(caught.value.problems, caught.value.sources)
    assert "mysql://guard:***@db/guard" in shown
    assert "geheim" not in shown


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """Some editors put one in front of every file."""
    path = tmp_path / "guard.toml"
    path.write_text(PROMISED, "utf-8-sig")

    assert load(path).limits.connections == 1000


def test_a_missing_secrets_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A volume that was not mounted must not look like secrets that are not set."""
    monkeypatch.setenv("GUARD_SECRETS_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, PROMISED))
    assert caught.value.problems[0].file == "GUARD_SECRETS_DIR"


@pytest.mark.parametrize("table", ["upstream", "upstream.release"])
def test_the_way_out_is_not_the_way_in(tmp_path: Path, table: str) -> None:
    """Mail would go round until the hops run out."""
    text = f'[[listen]]\naddress = "0.0.0.0:2525"\n[{table}]\naddress = "localhost:2525"\n'

    ((_, _, message, _),) = problems(write(tmp_path, text))
    assert message.startswith("[upstream")
