"""The page of the settings is what the schema says."""

from pathlib import Path

from guard.config.describe import page


def test_the_page_is_up_to_date() -> None:
    """Who changes a setting makes the page again; its head says how."""
    assert (Path(__file__).parents[3] / "docs" / "settings.md").read_text("utf-8") == page()


def test_every_setting_says_what_it_means() -> None:
    """A key without a sentence is a riddle."""
    assert "| None |" not in page()
