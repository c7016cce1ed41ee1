"""Text in pictures, where the extra ``ocr`` is installed and a setting asks for it."""

import io
import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_TESSDATA: Final = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata")
_LANGUAGES: Final = "jpn+eng"
_MOST_PIXELS: Final = 25_000_000


def available() -> bool:
    """Whether the engine and its languages are there."""
    try:
        return _engine() is not None
    except (ImportError, RuntimeError):
        return False


def recognised(picture: tuple[int, int, bytes]) -> str:
    """Give the text on a picture: width, height, an octet of grey for each pixel."""
    try:
        engine = _engine()
    except (ImportError, RuntimeError):
        return ""
    width, height, octets = picture
    engine.SetImageBytes(octets, width, height, 1, width)
    return str(engine.GetUTF8Text())


def recognised_file(octets: bytes) -> str:
    """Give the text in an image file; nothing if it is none that can be opened, or too big."""
    try:
        image = import_module("PIL.Image").open(io.BytesIO(octets))
        if image.width * image.height > _MOST_PIXELS:
            return ""
        grey = image.convert("L")
    except (ImportError, OSError, ValueError, SyntaxError):
        return ""
    return recognised((grey.width, grey.height, grey.tobytes()))


@cache
def _engine() -> Any:
    os.environ["OMP_THREAD_LIMIT"] = "1"  # the child may start no thread
    tesserocr = import_module("tesserocr")
    data = next((path for path in _TESSDATA if Path(path, "eng.traineddata").exists()), "")
    return tesserocr.PyTessBaseAPI(path=data, lang=_LANGUAGES, psm=tesserocr.PSM.SINGLE_BLOCK)
