"""
Named steps on the way of a message, at which a test has the process die as by ``kill -9``.

    CRASH_AT=accept.after_commit guard run

The process ends there with 137, as a shell has it for SIGKILL: nothing is flushed, no handler runs.
What the kernel was given before, on a socket or in a file, stays given. Without the variable a step
costs one comparison.
"""

import os
from typing import Final

VARIABLE: Final = "CRASH_AT"

KILLED: Final = 137
"""Exit code: 128 and the number of SIGKILL."""

STEPS: Final = (
    # A client's message. "Row" is that of the hold, in the transaction that the commit ends.
    "accept.after_354",
    "accept.mid_data",
    "accept.after_dot",
    "accept.after_inspection",
    "accept.after_row",
    "accept.after_commit",
    "accept.before_250",
    "accept.after_250",
    # A word about a hold, and what else moves it on before it is sent.
    "move.before_commit",
    "move.after_commit",
    # A release: from the claim of its job until what became of it is written down.
    "release.after_claim",
    "send.after_connect",
    "send.after_mail",
    "send.after_rcpt",
    "send.after_354",
    "send.mid_body",
    "send.after_dot",
    "send.after_250",
    "job.before_commit",
    "job.after_commit",
)
"""
In the order in which they are reached.

``send`` is any mail of ours on its way out, notices too; ``job`` is the end of one that moves a
hold on, with its audit row.
"""

_NAMED: Final = os.environ.get(VARIABLE, "")


def reached(step: str) -> None:
    """Die here, if *step* is the one that was named."""
    if step == _NAMED:
        os._exit(KILLED)


def unknown() -> str:
    """Give what was named and is no step; empty where all is well."""
    return "" if _NAMED in {"", *STEPS} else _NAMED
