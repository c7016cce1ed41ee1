"""``python -m guard``: the same as ``guard``."""

from guard.cli import main

main()
