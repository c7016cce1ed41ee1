"""What some server somewhere takes for the end of a message, and what no server should."""

import itertools
from typing import Final

BREAKS: Final = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\r", b"\0\r\n")

FALSE_ENDS: Final = (
    *(
        before + b"." + after
        for before, after in itertools.product(BREAKS, BREAKS)
        if (before[-2:], after[:2]) != (b"\r\n", b"\r\n")
    ),
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\0",
    b"\n\n.\r\n",
    b"\r\n.\n\r\n.\n",
    b"\r\n .\r\n\n.\r\n",
)
"""
All with a stray CR, LF or NUL: one line break and another around a dot, and some with more.

A dot in lines of its own that are whole is no false end but a stuffed dot that lacks its second.
"""
