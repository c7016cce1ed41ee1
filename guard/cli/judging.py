"""``guard contacts judge`` and ``alike``: judging offline, by what stands in a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.progress import counted

if TYPE_CHECKING:
    from guard.model.finding import Lookalike

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)

BUDGET: Final = 0.003
"""Share of clean messages that ``judge`` says ``"hold": true`` for, as the shipped policy."""


@click.command()
@click.argument("events", type=_FILE)
@click.option("--weights", type=_FILE, help="Judge by these, as `guard contacts fit` wrote them.")
def judge(events: Path, *, weights: Path | None) -> None:
    """
    Judge the messages of EVENTS (.jsonl or .jsonl.gz), each by what stands before it.

    Prints one verdict a case. Needs no settings and writes nothing. What is held follows from the
    judged messages that were sent as they stood, as in a running guard.
    """
    from guard.contacts import jsonl
    from guard.contacts.events import Judge
    from guard.contacts.history import History
    from guard.contacts.sources import events_file
    from guard.detect.channel import read_channel
    from guard.detect.lookalike import highest, suspects
    from guard.detect.spending import Spending
    from guard.model.contact import Contact

    history = History()
    channel = read_channel(weights)
    spending = Spending(channel, BUDGET)
    for event in counted(events_file(events), events.name, "events"):
        if isinstance(event, Judge):
            found = list(suspects(history.acquaintance(event.exchange), channel, floor=0.0))
            worst = max(found, key=lambda one: one.score, default=None)
            held = spending.judged(event.exchange, highest(found))
            click.echo(jsonl.line(_verdict(event.case, worst, held=held)))
        elif isinstance(event, Contact):
            history.add_contact(event)
        else:
            spending.sent(event)
            history.learn(event)


@click.command()
@click.argument("pairs", type=_FILE)
def alike(pairs: Path) -> None:
    """
    Compare the names of PAIRS (.jsonl with "id", "a" and "b").

    Prints how alike each two are, and whether they are the same, confusable or unrelated.
    """
    from guard.contacts import jsonl
    from guard.model.errors import SourceError
    from guard.names.compare import alike as compare

    with pairs.open("rb") as lines:
        for number, line in jsonl.numbered(lines):
            try:
                pair = jsonl.value(line)
                found = compare(str(pair["a"]), str(pair["b"]))
                row = jsonl.line(
                    {"id": pair["id"], "score": round(found.score, 4), "kind": found.alike.value}
                )
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise SourceError(
                    f'{pairs}:{number}: each line is a JSON object with "id", "a" and "b"'
                ) from error
            click.echo(row)


def _verdict(case: str, worst: "Lookalike | None", *, held: bool) -> dict[str, Any]:
    if worst is None:
        return {"case": case, "score": 0.0, "recipient": None, "intended": None, "hold": False}
    return {
        "case": case,
        "score": worst.score,
        "recipient": worst.recipient.text,
        "intended": worst.intended.address.text,
        "hold": held,
        "kind": worst.kind,
    }
