"""``guard contacts fit``: what facts about look-alikes weigh, learned from one's own mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from guard.cli.intake import LeftOut, sent_in
from guard.cli.progress import counter

if TYPE_CHECKING:
    from guard.model.contact import Contact

_PATH: Final = click.Path(path_type=Path, exists=True)


@click.command()
@click.argument("paths", type=_PATH, nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    default=Path("lookalike.json"),
    show_default=True,
    help="Where the weights are written.",
)
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
def fit(paths: tuple[Path, ...], *, out: Path, quiet: bool) -> None:
    """
    Fit look-alike weights on your own sent mail: mbox, Maildir, .eml files or .jsonl events.

    Slips are planted in the mail; how many are found at which rate of false holds is shown for the
    last third, which is not fitted on, beside what the shipped weights find. The better of the two
    are written, with thresholds counted on your mail, so that holding.hold_budget means what it
    says. Put `weights = "lookalike.json"` under [contacts] of guard.toml to use them.
    """
    from guard.durable import private_file
    from guard.fit.own import fit_own

    directory: list[Contact] = []
    left_out = LeftOut()
    sent = list(sent_in(paths, directory, left_out, shown=not quiet))
    left_out.tell()
    with counter("mail once more, with slips", "messages", shown=not quiet) as tell:
        found = fit_own(sent, directory, tell)
    with private_file(out, replace=True) as file:
        file.write(found.channel.text().encode())
    if quiet:
        return
    click.echo(f"fitted on your mail\n{found.fitted}\n")
    click.echo(f"as shipped\n{found.as_shipped}\n")
    chosen = "the fitted weights" if found.is_fitted else "the shipped weights"
    click.echo(f"{out}: {chosen}, which find more, with thresholds counted on your mail", err=True)
