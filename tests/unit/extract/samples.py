"""Files of real producers; how each was made stands beside them."""

import gzip
from pathlib import Path

_SAMPLES = Path(__file__).parents[2] / "samples" / "office97"


def sample(name: str) -> bytes:
    """The octets of one file; big ones are kept packed."""
    path = _SAMPLES / name
    return (
        path.read_bytes()
        if path.exists()
        else gzip.decompress((_SAMPLES / f"{name}.gz").read_bytes())
    )
