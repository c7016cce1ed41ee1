"""The style sheet: small, and readable for everybody."""

import re

import pytest

from guard.web.template import STATIC

CSS = STATIC["guard.css"][0].decode()
THEMES = [
    dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(("ink", "paper"), ("ink", "sheet"), ("ink", "why"), ("soft", "paper")),
        *(("soft", "sheet"), ("soft", "why"), ("alert", "sheet"), ("link", "paper")),
    ],
)
def test_contrast(theme: dict[str, str], text: str, ground: str) -> None:
    """Text stands out at least 4.5 to 1 (WCAG 2.2, 1.4.3), in light and dark."""
    low, high = sorted([luminance(theme[text]), luminance(theme[ground])])

    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_nothing_is_fetched() -> None:
    """No font, image or sheet from anywhere; small enough to be printed here."""
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert len(CSS.encode()) < 4096
