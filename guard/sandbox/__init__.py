"""
Attachments are opened in child processes that may die of them.

    guard ── control ──▶ zygote ── fork ──▶ one child a file
      └────────────── the file, its text ──────┘

The zygote is a process of its own, because a process with threads and an event loop must not fork.
It imports the readers once and forks children ahead of need; a child serves one file and ends, so
that nothing leaks from one mail to the next. Neither side trusts what a child says: answers are
JSON and text, checked and capped, never pickled.
"""

from guard.sandbox.at_once import ReadersAtOnce
from guard.sandbox.limits import Limits
from guard.sandbox.pool import Sandbox
from guard.sandbox.remembered import RememberedReaders

__all__ = ["Limits", "ReadersAtOnce", "RememberedReaders", "Sandbox"]
