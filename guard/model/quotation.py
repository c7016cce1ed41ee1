"""Stretches of a text that its writer quotes or forwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from guard.model.address import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """What somebody wrote before, as it stands in a later text, with what heads it."""

    first_line: int
    """Counted from 1, as `RowHit.line` counts; what heads the quotation is a part of it."""

    last_line: int

    from_: tuple[Mailbox, ...] = ()
    """Who wrote it, by the header that is quoted with it; empty where that gives no address."""

    to: tuple[Mailbox, ...] = ()
    """Who got it, To and Cc, as far as they are quoted."""

    subject: str = ""
    sent: str = ""
    """When, as it stands."""


def quoted_at(quotations: Sequence[Quotation], line: int) -> Quotation | None:
    """Give the innermost quotation that *line* stands in: the one that says who wrote it."""
    around = [one for one in quotations if one.first_line <= line <= one.last_line]
    return min(around, key=lambda one: one.last_line - one.first_line, default=None)
