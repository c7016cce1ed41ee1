"""
How often a greeting is taken for somebody else's, in innocent mail and where one was planted.

    python -m tests.bench.greetings [--mails 300] [--seed 1] [--show KIND]

Letters are made up, in Japanese and English by turns, so many of each kind, and judged as by
`guard run` against the contacts of 234 companies that `tests.bench.wrong_files` makes up. They have
no files. Kinds below the line were planted.
"""

# ruff: noqa: S311, T201 -- nothing here is secret; the report goes to the terminal

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from random import Random

from guard.detect.other_company import NAMED
from guard.examine import Knowledge, examine
from guard.model.address import Address, Mailbox
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import Greeting, OtherCompany
from tests.bench.wrong_files import ME, NOW, POLICY, Firm, World
from tests.in_process_readers import InProcessReaders

Letter = tuple[tuple[Mailbox, ...], str]
Kind = Callable[[World, Firm, Firm], Letter]


class _Known:
    """`ports.Contacts` over the world's history."""

    def __init__(self, world: World) -> None:
        self.history = world.history

    async def acquaintance(self, exchange: object) -> object:
        return self.history.acquaintance(exchange)


def _surname(firm: Firm, number: int = 0) -> str:
    return firm.boxes[number].name.split()[0 if firm.japanese else -1]


def _greeted(world: World, firm: Firm, number: int = 0) -> str:
    """Give one of the ways to greet somebody of a company."""
    first, last = firm.boxes[number].name.split()[0], _surname(firm, number)
    if firm.japanese:
        ways = (
            f"{firm.name}\n{last}様",
            f"{firm.bare} {last}様",
            f"{firm.name}\n営業部 {firm.boxes[number].name} 様",
            f"{last}さん",
            f"{firm.name} 御中",
            f"{firm.bare}\nご担当者様",
        )
    else:
        ways = (
            f"Dear {first},",
            f"Dear Mr {last},",
            f"Hi {first},",
            f"Dear {firm.bare} team,",
            f"Hello {firm.boxes[number].name},",
        )
    return world.rng.choice(ways)


def _text(firm: Firm, greeting: str, said: str = "") -> str:
    ja = said or "お世話になっております。\n日程の件、よろしくお願いいたします。\n\n山田"
    en = said or "thank you for your time yesterday.\n\nBest regards\nTaro Yamada"
    return f"{greeting}\n\n{ja if firm.japanese else en}\n"


def right(world: World, a: Firm, b: Firm) -> Letter:
    return b.boxes[:1], _text(b, _greeted(world, b))


def several(world: World, a: Firm, b: Firm) -> Letter:
    """To two of a company, one of them greeted."""
    return b.boxes, _text(b, _greeted(world, b, 1))


def two_companies(world: World, a: Firm, b: Firm) -> Letter:
    """To two companies, each greeted on its line."""
    return (a.boxes[0], b.boxes[0]), _text(b, f"{_greeted(world, a)}\n{_greeted(world, b)}")


def everybody(world: World, a: Firm, b: Firm) -> Letter:
    ways = ("各位", "関係者各位", "皆様", "ご担当者様", "お客様各位")
    return b.boxes[:1], _text(b, world.rng.choice(ways) if b.japanese else "Dear all,")


def named_in_the_text(world: World, a: Firm, b: Firm) -> Letter:
    """The first lines speak of another company, and greet the right one."""
    ja = f"先日ご紹介いただいた{a.name}の{_surname(a)}様と\nお会いしました。"
    en = f"I met {a.boxes[0].name} of {a.bare} yesterday.\nYamada"
    return b.boxes[:1], _text(b, _greeted(world, b), ja if b.japanese else en)


def without_greeting(world: World, a: Firm, b: Firm) -> Letter:
    ja, en = f"{a.name}の件、了解しました。", f"{a.bare} said yes."
    return b.boxes[:1], ja if b.japanese else en


def forwarded(world: World, a: Firm, b: Firm) -> Letter:
    """What A wrote to us, below a line to B."""
    who = a.boxes[0]
    ours = "例示株式会社 山田様" if b.japanese else "Dear Taro,"
    old = f"---------- Forwarded message ---------\nFrom: {who.name} <{who.address.text}>\n{ours}\n"
    return b.boxes[:1], _text(b, _greeted(world, b)) + "\n" + old


def colleague_of_theirs(world: World, a: Firm, b: Firm) -> Letter:
    """To somebody of B whom nobody knows, greeted by company."""
    box = Mailbox(address=Address.parse(f"new@{b.domain}"), name="")
    return (box,), _text(b, f"{b.name} 御中" if b.japanese else f"Dear {b.bare} team,")


def private_box(world: World, a: Firm, b: Firm) -> Letter:
    """To somebody of B at a free provider."""
    box = Mailbox(address=Address.parse("somebody@gmail.com"), name=b.boxes[0].name)
    return (box,), _text(b, _greeted(world, b))


def other_domain(world: World, a: Firm, b: Firm) -> Letter:
    """To B at a domain of theirs that nobody knows."""
    box = Mailbox(address=Address.parse("info@holdings.test"), name="")
    return (box,), _text(b, _greeted(world, b))


def slip(world: World, a: Firm, b: Firm) -> Letter:
    """All is for A, only the address is B's."""
    return b.boxes[:1], _text(a, _greeted(world, a))


def slip_beside(world: World, a: Firm, b: Firm) -> Letter:
    """The same, with a colleague in Cc."""
    colleague = Mailbox(address=Address.parse("suzuki@ours.example"), name="鈴木")
    return (*b.boxes[:1], colleague), _text(a, _greeted(world, a))


INNOCENT: tuple[Kind, ...] = (
    *(right, several, two_companies, everybody, named_in_the_text, without_greeting),
    *(forwarded, colleague_of_theirs, private_box, other_domain),
)
SLIPS: tuple[Kind, ...] = (slip, slip_beside)


async def _found(world: World, letter: Letter) -> tuple[bool, bool, bool]:
    """Say whether somebody else is greeted, and a company likely or possibly addressed."""
    to, text = letter
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"] = ME.address.text, "件"
    message["To"] = ", ".join(f'"{box.name}" <{box.address.text}>' for box in to)
    message.set_content(text)
    nothing: object = None
    recipients = tuple(Recipient(address=box.address) for box in to)
    examined = await examine(
        Envelope(sender=ME.address, recipients=recipients),
        message.as_bytes(),
        policy=POLICY,
        knowledge=Knowledge(readers=InProcessReaders(), contacts=_Known(world), lists=nothing),
        now=NOW,
    )
    others = [one.score for one in examined.findings if isinstance(one, OtherCompany)]
    person = any(isinstance(one, Greeting) for one in examined.findings)
    return person, any(score >= NAMED for score in others), any(score < NAMED for score in others)


async def measure(mails: int, seed: int, show: str) -> None:
    """Judge so many letters of each kind, and print what was found."""
    world = World(Random(seed))
    print("| mail | somebody else is greeted | another company: likely | possible | any |")
    print("| --- | --- | --- | --- | --- |")
    for kind in (*INNOCENT, *SLIPS):
        counts = Counter[int]()
        for number in range(mails):
            a, b = world.two(japanese=number % 2 == 0)
            letter = kind(world, a, b)
            found = await _found(world, letter)
            counts.update([column for column, one in enumerate((*found, any(found))) if one])
            if show == kind.__name__ and any(found) is (kind in INNOCENT):
                print(found, [box.address.text for box in letter[0]], repr(letter[1]))
        share = (f"{100 * counts[column] / mails:.1f} %" for column in range(4))
        print(f"| {kind.__name__.replace('_', ' ')} | {' | '.join(share)} |")


def main() -> None:
    """Run it from the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--mails", type=int, default=300)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--show", default="", help="Print what was found where it should not be.")
    given = words.parse_args()
    asyncio.run(measure(given.mails, given.seed, given.show))


if __name__ == "__main__":
    main()
