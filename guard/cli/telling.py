"""How a held mail is told of on the command line: all of it but its content."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from guard.model.hold import Hold


def lines(hold: Hold, language: str) -> Iterator[str]:
    """Say all of a hold but its content, for people; times are local."""
    yield f"{hold.number}  {hold.state.value}"
    yield f"  from      {hold.envelope.sender or '<>'}  (asked: {hold.owner})"
    now = frozenset(hold.recipients)
    for address in hold.envelope.addresses:
        yield f"  to        {address}{'' if address in now else '  left out'}"
    for address in hold.recipients:
        if address not in frozenset(hold.envelope.addresses):
            yield f"  to        {address}  put in instead"
    yield f"  held      {_local(hold.held_at)}   until {_local(hold.expires_at)}"
    if hold.decided_at and hold.choice:
        yield f"  answered  {_local(hold.decided_at)}   {hold.choice.value} by {hold.decided_by}"
    for match in hold.verdict.acting:
        yield f"  rule      {match.rule}"
        spoken = dict(match.sentences)
        for sentence in spoken.get(language) or next(iter(spoken.values()), ()):
            yield f"            {sentence}"
    if hold.reply:
        yield f"  reply     {hold.reply.splitlines()[0]}"
    yield f"  policy    {hold.verdict.policy}   message {hold.message_id or 'without id'}"


def _local(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def as_dict(hold: Hold) -> dict[str, Any]:
    """Give what ``--json`` prints of a hold; its subject is content and stays out."""
    return {
        "number": hold.number,
        "state": hold.state.value,
        "held_at": hold.held_at.isoformat(timespec="seconds"),
        "expires_at": hold.expires_at.isoformat(timespec="seconds"),
        "decided_at": hold.decided_at and hold.decided_at.isoformat(timespec="seconds"),
        "choice": hold.choice and hold.choice.value,
        "sender": str(hold.envelope.sender or ""),
        "owner": str(hold.owner),
        "recipients": [address.text for address in hold.recipients],
        "part_of": hold.part_of,
        "rules": [match.rule for match in hold.verdict.acting],
        "message_id": hold.message_id,
    }


def print_table(holds: list[Hold]) -> None:
    """Print a table for people; tab-separated when piped."""
    now = datetime.now(UTC)
    rows = [("NUMBER", "STATE", "HELD", "LEFT", "SENDER", "TO", "RULE")]
    for hold in holds:
        left = max(0, round((hold.expires_at - now).total_seconds() / 3600))
        more = f" +{len(hold.recipients) - 1}" if len(hold.recipients) > 1 else ""
        rows.append(
            (
                hold.number,
                hold.state.value,
                hold.held_at.astimezone().strftime("%m-%d %H:%M"),
                f"{left}h" if hold.state.is_open else "",
                str(hold.envelope.sender or "<>"),
                f"{hold.recipients[0]}{more}" if hold.recipients else "",
                ", ".join(match.rule for match in hold.verdict.acting),
            )
        )
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
