"""Messages and mailboxes by Python's email package."""

import mailbox
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.corpus.planted import Case, Plant


def letter(
    subject: str, lines: list[str], *, charset: str = "utf-8", cte: str | None = None
) -> EmailMessage:
    """A message with a subject and a body."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "sender@example.com"
    message["To"] = "recipient@example.net"
    message["Date"] = "Thu, 02 Apr 2026 09:00:00 +0900"
    message["Subject"] = subject
    message.set_content("\n".join(lines), charset=charset, cte=cte)
    return message


def eml(path: Path, plant: Plant, *, charset: str, cte: str) -> None:
    """Text, HTML, a list in cp932, and a message within the message."""
    lines = [each.line for each in plant.rows("body", 6, place="part 1")]
    message = letter(plant.line("subject", place="header"), lines, charset=charset, cte=cte)
    message.add_alternative(f"<p>{plant.line('body of HTML', place='part 1')}</p>", subtype="html")
    rows = "\n".join(
        ",".join(each.cells) for each in plant.rows("attachment", 10, place="list.csv")
    )
    message.add_attachment(
        rows.encode("cp932"), maintype="application", subtype="octet-stream", filename="list.csv"
    )
    forwarded = [each.line for each in plant.rows("forwarded body", 6, place="part 3")]
    message.add_attachment(letter(plant.line("forwarded subject", place="part 3"), forwarded))
    path.write_bytes(message.as_bytes())


def mbox(path: Path, plant: Plant) -> None:
    """Several messages in one file."""
    path.unlink(missing_ok=True)
    box = mailbox.mbox(path)
    for number in range(1, 4):
        place = f"message {number}"
        lines = [each.line for each in plant.rows("body", 4, place=place)]
        box.add(letter(plant.line("subject", place=place), lines))
    box.close()


def cases() -> Iterator[Case]:
    """What this module makes."""
    for name, charset, cte in (
        ("base64", "utf-8", "base64"),
        ("quoted-printable", "utf-8", "quoted-printable"),
        ("shift-jis", "shift_jis", "base64"),
    ):
        yield Case(
            file=f"python/mail-{name}.eml", format="eml", producer="Python", proof=False,
            build=lambda path, plant, charset=charset, cte=cte: eml(path, plant, charset=charset, cte=cte),
        )  # fmt: skip
    yield Case(file="python/box.mbox", format="mbox", producer="Python", build=mbox, proof=False)
