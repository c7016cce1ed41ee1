"""
A file's octets to the text in it, with its place, or an honest word about why not.

Pure and without a guard rail against crashes: `read` is meant to run in a child of `guard.sandbox`.

A format is one module and one line in `formats.READERS`. Its reader is a generator: it gives
passages, reasons why something is missing, and members (files within the file), which `read`
opens in turn. What it gave before it failed still counts.
"""

from guard.extract.budget import Budget
from guard.extract.read import read

__all__ = ["Budget", "read"]
