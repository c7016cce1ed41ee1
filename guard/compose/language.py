"""
The languages that senders are spoken to in, from the gettext catalogues in `guard/locale`.

`hatch_build.py` compiles them, for an editable install too. A missing catalogue is an error, not
English: a Japanese sender must not be asked in a language that nobody chose.
"""

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("ja", "en")
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "locale"


@lru_cache(maxsize=len(LANGUAGES))
def speak(language: str) -> gettext.GNUTranslations:
    """
    Give the catalogue of *language*; English for a language that we do not speak.

    Raises:
        FileNotFoundError: The catalogues were not compiled; the message says how to.
    """
    known = language if language in LANGUAGES else "en"
    path = CATALOGUES / known / "LC_MESSAGES" / "guard.mo"
    try:
        with path.open("rb") as file:
            return gettext.GNUTranslations(file)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{path} is missing: run `python hatch_build.py`, or install again"
        ) from error
