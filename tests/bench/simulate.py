"""
Make streams of mail with planted slips, in the event format of ``guard contacts judge``.

    python tests/bench/simulate.py SEED EVENTS.jsonl KEY.jsonl

Every number in here is a guess about how people write to each other, varied widely from world to
world; nothing was measured on, or copied from, anybody's mail.
"""
# ruff: noqa: S311 -- nothing here is secret

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from rapidfuzz.distance import JaroWinkler

sys.path.insert(0, str(Path(__file__).parent))
from people import BOXES, FREE, STEMS, Invented, company, local_part, person

from guard.fit.slips import LETTERS, mistyped
from guard.names.kanji import VARIANTS
from guard.names.nicknames import NICKNAMES
from guard.names.readings import GIVEN, SURNAMES

START = 1_600_000_000
TYPOS = ("typo_local", "typo_domain", "tld_swap", "homoglyph")
OTHERS = (
    "ab_3g",
    "ab_similar",
    "dir_similar",
    "same_first",
    "same_last",
    "other_company",
    "nickname",
)
JAPANESE = (
    "ja_same_surname",
    "ja_kanji_variant",
    "ja_same_reading",
    "ja_romaji",
    "ja_same_given",
    "ja_same_local",
)


@dataclass
class Thread:
    """A conversation."""

    people: list[Invented]
    project: list[Invented]
    messages: list[dict[str, Any]] = field(default_factory=list)
    subject: str = ""


class World:
    """One organisation or list, its people and their habits."""

    def __init__(self, seed: int, size: int = 3000) -> None:
        rng = self.rng = Random(seed)
        self.size = size
        self.japanese = rng.choice((0.0, 0.0, 0.1, 0.8, 1.0))
        self.open = rng.random() < 0.6
        """Whether mail of others is in the feed, as on a list or with inbound learning."""
        self.crowd = rng.choice((1.2, 1.5, 3.0, 6.0))
        self.reply_rate = rng.choice((0.4, 0.6, 0.75))
        self.fresh_rate = rng.choice((0.005, 0.02, 0.05))
        self.switch_rate = rng.choice((0.01, 0.03, 0.08))
        self.chance_rate = rng.choice((0.002, 0.01, 0.03))
        self.join_rate = rng.choice((0.03, 0.15, 0.3))
        """How often somebody who has to do with the matter is first copied in on the way."""
        self.lost_rate = rng.choice((0.0, 0.2, 0.5))
        """How much mail goes another way, and is never seen."""
        self.greet_rate = rng.choice((0.3, 0.6, 0.9))
        self.stay_rate = rng.choice((0.7, 0.85, 0.93, 0.98))
        """How often somebody of a thread is still addressed in the next answer."""
        self.again_rate = rng.choice((0.02, 0.1, 0.3))
        """How much mail goes, changed a little, to those to whom its writer wrote before."""
        self.move_rate = rng.choice((0.0, 0.001, 0.004))
        self.bare_rate = rng.choice((0.0, 0.1, 0.4))
        """How often an address is typed without its name."""
        self.domains: list[tuple[str, int]] = []
        self.people: list[Invented] = []
        self.taken: set[str] = set()
        self.home = self.new_domain()
        self.roles = [*rng.sample(BOXES, 6), *rng.sample(STEMS, rng.choice((0, 4, 10)))]
        self.list_prefix = rng.choice(("", "", f"{rng.choice(STEMS)}-"))
        for _ in range(rng.choice((15, 40, 100))):
            self.new_domain()
        self.ours = [self.new_person(self.home) for _ in range(rng.choice((6, 15, 40)))]
        for _ in range(rng.choice((60, 150, 400, 900))):
            self.new_person()
        self.lists = [self.new_list() for _ in range(rng.choice((0, 0, 4, 20)))]
        self.last_by: dict[int, list[dict[str, Any]]] = {}
        self.projects = [self.new_project() for _ in range(rng.choice((10, 30, 80)))]
        self.books: dict[str, Counter[str]] = {}
        self.by_address: dict[str, Invented] = {}
        self.threads: list[Thread] = []

    # People

    def is_japanese(self) -> bool:
        return self.rng.random() < self.japanese

    def new_domain(self) -> tuple[str, int]:
        made = (company(self.rng, japanese=self.is_japanese()), self.rng.randrange(11))
        self.domains.append(made)
        return made

    def new_person(self, home: tuple[str, int] | None = None) -> Invented:
        rng = self.rng
        who = person(rng, japanese=self.is_japanese())
        where = (
            home
            or self.domains[min(int(rng.expovariate(4 / len(self.domains))), len(self.domains) - 1)]
        )
        if home is None and rng.random() < 0.15:
            where = (rng.choice(FREE), rng.randrange(11))
        who.box = home is None and rng.random() < 0.08
        self.give_address(who, where)
        if rng.random() < 0.2 and not who.box:
            self.give_address(
                who,
                (rng.choice(FREE), rng.randrange(11))
                if rng.random() < 0.4
                else rng.choice(self.domains),
            )
        self.people.append(who)
        return who

    def give_address(self, who: Invented, where: tuple[str, int]) -> None:
        local = self.rng.choice(self.roles) if who.box else local_part(who, self.rng, where[1])
        while f"{local}@{where[0]}" in self.taken:
            local += str(self.rng.randrange(2, 10))
        self.taken.add(f"{local}@{where[0]}")
        who.addresses.append(f"{local}@{where[0]}")

    def new_list(self) -> Invented:
        """Make a mailing list: its kind live together on one host, under names of one family."""
        rng = self.rng
        host = f"lists.{rng.choice(self.domains[:6])[0]}"
        who = Invented("", "", None, box=True)
        local = self.list_prefix + rng.choice(STEMS)[: rng.choice((3, 4, 9))]
        while f"{local}@{host}" in self.taken:
            local += rng.choice(LETTERS)
        self.taken.add(f"{local}@{host}")
        who.addresses.append(f"{local}@{host}")
        self.people.append(who)
        return who

    def move(self, who: Invented) -> None:
        """Let somebody go to another company or host, and often take the local part along."""
        rng = self.rng
        local, _, home = who.addresses[0].partition("@")
        where = rng.choice(self.domains)
        if rng.random() < 0.4:
            where = (f"{rng.choice(('mail', 'office', 'eu', 'tokyo'))}.{home}", where[1])
        made = f"{local}@{where[0]}"
        if rng.random() < 0.6 and made not in self.taken:
            self.taken.add(made)
            who.addresses.insert(0, made)
        else:
            self.give_address(who, where)
            who.addresses.insert(0, who.addresses.pop())

    def new_project(self) -> list[Invented]:
        rng = self.rng
        size = max(2, int(rng.gauss(self.crowd * 2, self.crowd)))
        pool = self.people[: max(20, len(self.people) // 2)] if rng.random() < 0.5 else self.people
        lists = rng.sample(self.lists, min(len(self.lists), rng.choice((0, 1, 1, 2))))
        return [rng.choice(self.ours), *rng.sample(pool, min(size, len(pool))), *lists]

    # Mail

    def mailbox(self, who: Invented, *, typed: str | None = None) -> dict[str, str]:
        rng = self.rng
        address = typed or (
            rng.choice(who.addresses)
            if rng.random() < self.switch_rate
            else who.addresses[-1 if rng.random() < 0.01 else 0]
        )
        self.by_address[address] = who
        name = "" if rng.random() < self.bare_rate else who.name(rng)
        return {"name": name, "address": address}

    def message(self, number: int, ts: float) -> dict[str, Any] | None:
        rng = self.rng
        recent = self.threads[-40:]
        if recent and rng.random() < self.reply_rate:
            thread = rng.choice(recent[-8:] if rng.random() < 0.6 else recent)
        else:
            project = self.projects[
                min(int(rng.expovariate(5 / len(self.projects))), len(self.projects) - 1)
            ]
            count = min(len(project), 2 + int(rng.expovariate(1 / self.crowd)))
            thread = Thread(rng.sample(project, count), project, subject=f"matter {number}")
            if rng.random() < 3 * self.chance_rate:
                thread.people[-1] = rng.choice(self.people)
            self.threads.append(thread)
        if rng.random() < self.fresh_rate:
            thread.people.append(self.new_person())
        elif rng.random() < self.chance_rate:
            thread.people.append(rng.choice(self.people))
        while rng.random() < self.join_rate:
            thread.people.append(rng.choice(thread.project))
        if self.move_rate and rng.random() < self.move_rate:
            self.move(rng.choice([one for one in thread.people if not one.box] or self.ours))
        parent = rng.choice(thread.messages[-3:]) if thread.messages else None
        writers = (
            thread.people
            if self.open
            else [one for one in thread.people if one in self.ours] or [rng.choice(self.ours)]
        )
        sender = rng.choice([one for one in writers if not one.box] or self.ours)
        others = list({id(one): one for one in thread.people if one is not sender}.values())
        if parent is not None and rng.random() < 0.8:
            wrote = parent["who"]
            others = [wrote] * (wrote is not sender) + [
                one for one in others if one is not wrote and rng.random() < self.stay_rate
            ]
            if rng.random() < 0.04 and len(others) > 1:  # an answer that goes on to somebody else
                others = [one for one in others if one is not wrote]
        if not others:
            return None
        split = 1 if rng.random() < 0.6 else min(len(others), 2)
        boxes = {}
        for who in others:
            boxes.setdefault(who.addresses[0], self.mailbox(who))
            # Replying keeps the address that the thread knows.
            if parent and who is parent["who"] and rng.random() < 0.9:
                boxes[who.addresses[0]] = dict(parent["mail"]["sender"])
        people = self.now_and_then_as_before(sender, list(boxes.values()))
        mail = {
            "id": f"{number}.{rng.randrange(10**9)}@{self.home[0]}",
            "ts": ts,
            "parent": parent["mail"]["id"] if parent else None,
            "sender": self.mailbox(sender),
            "to": people[:split],
            "cc": people[split:],
            "subject": ("Re: " if parent else "") + thread.subject,
            "body": self.body(others[0], parent),
        }
        thread.messages.append({"mail": mail, "who": sender})
        self.last_by.setdefault(id(sender), []).append(mail)
        return mail

    def now_and_then_as_before(
        self, sender: Invented, people: list[dict[str, str]]
    ) -> list[dict[str, str]]:
        """Let some mail go to those who got an earlier one of its writer."""
        before = self.last_by.get(id(sender), [])
        if not before or self.rng.random() >= self.again_rate:
            return people
        return self.once_more(self.rng.choice(before[-6:]), people)

    def once_more(
        self, before: dict[str, Any], people: list[dict[str, str]]
    ) -> list[dict[str, str]]:
        """Take the recipients of an earlier mail, less or more one or two."""
        rng = self.rng
        again = [dict(box) for box in before["to"] + before["cc"]]
        while len(again) > 2 and rng.random() < 0.2:
            again.pop(rng.randrange(len(again)))
        if rng.random() < 0.3:
            have = {box["address"] for box in again}
            again += [box for box in people if box["address"] not in have][: rng.choice((1, 1, 2))]
        return again

    def body(self, to: Invented, parent: dict[str, Any] | None) -> str:
        rng = self.rng
        lines = []
        if rng.random() < self.greet_rate and not to.box:
            greeted = to if rng.random() < 0.96 else rng.choice(self.people)
            lines.append(greeted.greeting(rng))
        lines.append("ご確認をお願いいたします。" if to.written else "please have a look at this.")
        if parent and rng.random() < 0.6:
            name = parent["mail"]["sender"]["name"] or parent["mail"]["sender"]["address"]
            lines += [f"On Mon, 1 Jan 2024, {name} wrote:", "> earlier text"]
        return "\n".join(lines)

    # Slips

    def slip(self, mail: dict[str, Any], kind: str) -> tuple[dict[str, str], dict[str, str]] | None:
        """Choose a recipient, and give it with the mailbox that is written in its stead."""
        rng = self.rng
        boxes = [box for box in mail["to"] + mail["cc"] if box["address"] in self.by_address]
        rng.shuffle(boxes)
        for box in boxes:
            wrong = self.written_for(box, self.by_address[box["address"]], mail, kind)
            if wrong and wrong["address"] not in {
                one["address"] for one in [*boxes, mail["sender"]]
            }:
                return box, wrong
        return None

    def written_for(
        self, box: dict[str, str], who: Invented, mail: dict[str, Any], kind: str
    ) -> dict[str, str] | None:
        """Give the mailbox that a slip of *kind* writes in place of *box*."""
        if kind in TYPOS:
            address = mistyped(box["address"], kind, self.rng)
            name = box["name"] if self.rng.random() < 0.6 else ""
            return {"name": name, "address": address} if address else None
        if who.box:
            return None
        if kind in {"ab_similar", "ab_3g", "dir_similar"}:
            return self.similar(box, mail["sender"]["address"], kind)
        return self.confused(box, who, mail, kind) or self.japanese_slip(who, kind)

    def confused(
        self, box: dict[str, str], who: Invented, mail: dict[str, Any], kind: str
    ) -> dict[str, str] | None:
        """Take one person for another."""
        rng = self.rng
        local, _, home = box["address"].partition("@")
        match kind:
            case "nickname":
                families = NICKNAMES.get(who.given, frozenset())
                short = [n for n, of in NICKNAMES.items() if families & of and n != who.given]
                if not short:
                    return None
                return self.stranger(Invented(rng.choice(short), who.surname, None, style=7))
            case "same_first" | "ja_same_given":
                other = person(rng, japanese=bool(who.written))
                return self.namesake(
                    lambda one: one.given == who.given and one.surname != who.surname, mail
                ) or self.stranger(Invented(who.given, other.surname, None, style=7))
            case "same_last" | "ja_same_surname":
                other = person(rng, japanese=bool(who.written))
                both = who.written and other.written
                written = (who.written[0], other.written[1]) if both else None
                return self.namesake(
                    lambda one: one.surname == who.surname and one.given != who.given, mail
                ) or self.stranger(Invented(other.given, who.surname, written, style=who.style))
            case "other_company" | "ja_same_local":
                where = rng.choice(self.domains)[0]
                other = person(rng, japanese=bool(who.written))
                surname = rng.choice((who.surname, other.surname)).title()
                name = rng.choice((f"{other.given.title()} {surname}", ""))
                made = local if rng.random() < 0.7 else who.surname
                return {"name": name, "address": f"{made}@{where}"} if where != home else None
        return None

    def japanese_slip(self, who: Invented, kind: str) -> dict[str, str] | None:
        if who.written is None or not kind.startswith("ja_"):
            return None
        last, first = who.written
        if kind == "ja_kanji_variant":
            back = {common: chr(rare) for rare, common in VARIANTS.items()}
            made = "".join(back.get(char, char) for char in last)
            return (
                self.stranger(Invented(who.given, who.surname, (made, first), style=0))
                if made != last
                else None
            )
        if kind == "ja_same_reading":
            firsts = [n for n, r in GIVEN.items() if set(r) & set(GIVEN[first]) and n != first]
            lasts = [
                n for n, r in SURNAMES.items() if set(r) & set(SURNAMES.get(last, ())) and n != last
            ]
            if not firsts and not lasts:
                return None
            written = (self.rng.choice(lasts), first) if lasts else (last, self.rng.choice(firsts))
            return self.stranger(Invented(who.given, who.surname, written, style=0))
        return self.stranger(Invented(who.given, who.surname, None, style=7))

    def stranger(self, who: Invented) -> dict[str, str]:
        rng = self.rng
        where = (
            rng.choice(self.domains)
            if rng.random() < 0.7
            else (rng.choice(FREE), rng.randrange(11))
        )
        return {"name": who.name(rng), "address": f"{local_part(who, rng, where[1])}@{where[0]}"}

    def namesake(self, wanted: Any, mail: dict[str, Any]) -> dict[str, str] | None:
        """Choose somebody who is known here, most often one to whom the sender never wrote."""
        book = self.books.get(mail["sender"]["address"], ())
        found = [a for a, one in self.by_address.items() if not one.box and wanted(one)]
        if self.rng.random() < 0.9:
            found = [address for address in found if address not in book]
        if not found or self.rng.random() < 0.1:
            return None
        address = self.rng.choice(found)
        return {"name": self.by_address[address].name(self.rng), "address": address}

    def similar(self, box: dict[str, str], sender: str, kind: str) -> dict[str, str] | None:
        book = self.books.get(sender, Counter())
        pool = [
            a
            for a in (self.by_address if kind == "dir_similar" else book)
            if (a not in book) == (kind == "dir_similar")
        ]
        mine = self.by_address[box["address"]]
        pool = [a for a in pool if self.by_address[a] is not mine]
        if not pool:
            return None

        def text(address: str) -> str:
            who = self.by_address[address]
            return f"{who.given} {who.surname} {address.partition('@')[0]}"

        if kind == "ab_3g":
            # What a list that completes offers for the first letters; the more, the likelier.
            typed = box["address"][: self.rng.choice((1, 1, 2, 3))]
            scored = [a for a in pool if a.startswith(typed)]
            if not scored:
                return None
        else:
            scored = sorted(
                pool, key=lambda a: -JaroWinkler.similarity(text(box["address"]), text(a))
            )[:2]
        chosen = self.rng.choice(scored)
        return {"name": self.by_address[chosen].name(self.rng), "address": chosen}

    # The stream

    def events(
        self, kinds: tuple[str, ...] = ()
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Make the whole stream, and the key to its judged messages."""
        rng = self.rng
        kinds = kinds or (*TYPOS, *OTHERS, *(JAPANESE if self.japanese > 0.3 else ()))
        listed = [one for one in self.people if rng.random() < 0.3] if rng.random() < 0.5 else []
        for one in listed:
            self.by_address[one.addresses[0]] = one
        events: list[dict[str, Any]] = [
            {
                "op": "directory",
                "contacts": [
                    {"name": one.name(rng), "address": one.addresses[0]} for one in listed
                ],
            }
        ]
        key: list[dict[str, Any]] = []
        ts = float(START)
        pace = rng.choice((600, 3000, 20000))
        for number in range(self.size):
            ts += rng.expovariate(1 / pace)
            mail = self.message(number, ts)
            if mail is None:
                continue
            if rng.random() < self.lost_rate:
                continue
            if number > 0.4 * self.size or (number > 30 and rng.random() < 0.05):
                self.judge(mail, kinds, events, key)
            events.append({"op": "learn", "message": mail})
            book = self.books.setdefault(mail["sender"]["address"], Counter())
            book.update(box["address"] for box in mail["to"] + mail["cc"])
        return events, key

    def judge(
        self,
        mail: dict[str, Any],
        kinds: tuple[str, ...],
        events: list[dict[str, Any]],
        key: list[dict[str, Any]],
    ) -> None:
        case = f"c{len(key)}"
        events.append({"op": "judge", "case": case, "message": mail})
        key.append({"case": case, "label": "clean"})
        for kind in self.rng.sample(kinds, 2):
            planted = self.slip(mail, kind)
            if planted is None:
                continue
            box, wrong = planted
            made = dict(mail)
            for line in ("to", "cc"):
                made[line] = [wrong if one is box else one for one in mail[line]]
            case = f"c{len(key)}"
            events.append({"op": "judge", "case": case, "message": made})
            sender = mail["sender"]["address"]
            key.append(
                {
                    "case": case,
                    "label": "leak",
                    "kind": kind,
                    "wrong": wrong["address"],
                    "intended": box["address"],
                    "aliases": sorted({box["address"], *self.by_address[box["address"]].addresses}),
                    "reply": bool(mail["parent"]),
                    "wrong_known": wrong["address"] in self.books.get(sender, ()),
                    "greets_intended": False,
                }
            )


def main() -> None:
    """Write one stream and its key."""
    seed, events_file, key_file = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    events, key = World(seed).events()
    events_file.write_text(
        "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    )
    key_file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in key))


if __name__ == "__main__":
    main()
