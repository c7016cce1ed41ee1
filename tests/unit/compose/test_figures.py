"""Times, sizes and names as each language writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from guard.compose.figures import called, moment, size

AT = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "language", "year", "expected"),
    [
        ("Asia/Tokyo", "ja", False, "11月23日(月) 15:04"),
        ("Asia/Tokyo", "ja", True, "2026年11月23日(月) 15:04"),
        ("Asia/Tokyo", "en", False, "Mon 23 Nov, 15:04 JST"),
        ("Asia/Tokyo", "en", True, "Mon 23 Nov 2026, 15:04 JST"),
        ("Europe/London", "ja", False, "11月23日(月) 06:04 GMT"),
        ("UTC", "en", False, "Mon 23 Nov, 06:04 UTC"),
    ],
)
def test_moment(zone: str, language: str, year: bool, expected: str) -> None:
    """A time is written in the zone of the house, as its language does."""
    assert moment(AT, ZoneInfo(zone), language, year=year) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(0, "0 B"), (1023, "1023 B"), (49152, "48 KB"), (5 * 1024 * 1024 + 300_000, "5.3 MB")],
)
def test_size(octets: int, expected: str) -> None:
    """Sizes are short."""
    assert size(octets) == expected


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("山田 太郎", "ja", "山田さん"),
        ("山田\u3000太郎", "ja", "山田さん"),
        ("山田 太郎", "en", "山田-san"),
        ("Taro Yamada", "ja", "Taro Yamadaさん"),
        ("Ann Smith", "en", "Ann Smith"),
        ("", "ja", ""),
        ("yamada@example.co.jp", "ja", ""),
    ],
)
def test_called(name: str, language: str, expected: str) -> None:
    """People are addressed by name only where there is one."""
    assert called(name, language) == expected
