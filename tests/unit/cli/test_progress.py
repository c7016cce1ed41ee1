"""The bar of a long reading: on a terminal only, and with what people want to know."""

import io

import pytest

from guard.cli.progress import bar


class Terminal(io.StringIO):
    """A stderr that is one."""

    def isatty(self) -> bool:
        return True


def test_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, their rate and the share of all are shown; the end is known from the share."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    with bar("crm.csv", "rows") as tell:
        tell(8192, 0.25)
        tell(24_576, 0.75)
    shown = terminal.getvalue()
    assert "Reading crm.csv" in shown
    assert "24,576 rows" in shown
    assert "/s" in shown
    assert "75%" in shown


def test_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Into a file or a log nothing is written."""
    with bar("crm.csv", "rows") as tell:
        tell(8192, None)
    assert capsys.readouterr().err == ""
