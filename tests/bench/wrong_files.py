"""
How often files are taken for another company's, in innocent mail and where one was planted.

    python -m tests.bench.wrong_files [--mails 200] [--seed 1] [--only KIND] [--show KIND]

Every mail is made up, in Japanese and English by turns, so many of each kind, and judged as by
`guard run` against contacts of 234 companies, of a third of which no name is known. The shares in
`INNOCENT` are a guess at how often each kind is among mails with files to somebody outside: the
total is weighed by them.
"""

# ruff: noqa: S311, T201 -- nothing here is secret; the report goes to the terminal

import argparse
import asyncio
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from random import Random

import openpyxl

from guard.contacts.history import History
from guard.contacts.travels import carried
from guard.detect.wrong_file import LIKELY
from guard.examine import Knowledge, examine
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import WrongFile
from guard.parse import parse
from guard.policy.schema import Policy
from tests.bench.people import person
from tests.in_process_readers import InProcessReaders

NOW = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)
ME = Mailbox(address=Address.parse("yamada@ours.example"), name="山田 太郎")
POLICY = Policy.model_validate({"guard": 1, "us": {"domains": "ours.example"}})
STEMS_JA = [
    "大北:oukita",
    "中川:nakagawa",
    "白石:shiraishi",
    "青葉:aoba",
    "松本:matsumoto",
    "若宮:wakamiya",
    "日向:hyuga",
    "三ツ星:mitsuboshi",
    "富岡:tomioka",
    "桜木:sakuragi",
    "東和:towa",
    "栄光:eiko",
    "共立:kyoritsu",
    "光陽:koyo",
    "北斗:hokuto",
    "みなと:minato",
    "新緑:shinryoku",
    "富士見:fujimi",
    "丸福:marufuku",
    "双葉:futaba",
]
TRADES_JA = ["商事:shoji", "工業:kogyo", "電機:denki", "建設:kensetsu", "食品:foods", "物産:bussan"]
STEMS_EN = [
    "Carter",
    "Forge",
    "Harbour",
    "Northgate",
    "Bluefield",
    "Ashton",
    "Redwood",
    "Silverlake",
    "Kingsley",
    "Marlow",
    "Oakham",
    "Penrose",
    "Quayside",
    "Rosewell",
    "Stanton",
    "Thornbury",
    "Underhill",
    "Verity",
    "Westbrook",
    "Yardley",
]
TRADES_EN = ["Tools", "Foods", "Logistics", "Engineering", "Design", "Supplies"]
GOODS = {
    True: [
        "鋼板",
        "軸受",
        "歯車",
        "包装資材",
        "印刷",
        "保守作業",
        "計測器",
        "配管部材",
        "制御盤",
        "清掃業務",
    ],
    False: [
        "bearings",
        "gears",
        "packaging",
        "printing",
        "maintenance",
        "gauges",
        "fittings",
        "panels",
        "cleaning",
    ],
}


@dataclass(frozen=True)
class Firm:
    """A company with two people."""

    name: str
    """With its legal form."""

    bare: str
    domain: str
    boxes: tuple[Mailbox, ...]
    japanese: bool


@dataclass
class Mail:
    """One mail with a file."""

    to: tuple[Mailbox, ...]
    subject: str
    text: str
    name: str
    lines: Sequence[str]
    title: str = ""
    author: str = ""
    """Company in the properties."""

    before: tuple[Firm, ...] = ()
    """Who got the same file already."""

    usual: Firm | None = None
    """Who got files of that name three times."""


@dataclass
class World:
    """An organisation with its contacts."""

    rng: Random
    firms: list[Firm] = field(default_factory=list)
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        for stem, trade in ((s, t) for s in STEMS_JA for t in TRADES_JA):
            (kanji, reading), (what, sound) = stem.split(":"), trade.split(":")
            form = "株式会社{}" if self.rng.random() < 0.6 else "{}株式会社"
            bare = kanji + what
            self._found(form.format(bare), bare, f"{reading}-{sound}.example", japanese=True)
        for stem, trade in ((s, t) for s in STEMS_EN for t in TRADES_EN):
            bare = f"{stem} {trade}"
            end = self.rng.choice(("Ltd", "Inc.", "GmbH", "LLC"))
            label = f"{stem}-{trade}".lower()
            self._found(f"{bare} {end}", bare, f"{label}.example", japanese=False)

    def _found(self, name: str, bare: str, domain: str, *, japanese: bool) -> None:
        boxes = []
        # Most directories have companies; of a third only the mail that went there is known.
        imported = self.rng.random() < 0.66
        for number in range(2):
            who = person(self.rng, japanese=japanese)
            shown = " ".join(who.written) if who.written else f"{who.given} {who.surname}".title()
            local = f"{who.given}.{who.surname}{number}".lower().replace(" ", "")
            box = Mailbox(address=Address.parse(f"{local}@{domain}"), name=shown)
            boxes.append(box)
            if imported:
                company = name if self.rng.random() < 0.6 else bare
                self.history.add_contact(Contact(address=box.address, name=shown, company=company))
            for day in range(3):
                at = NOW - timedelta(days=40 * day + 5)
                self.history.learn(Exchange(sender=ME, recipients=(box,), at=at))
        self.firms.append(Firm(name, bare, domain, tuple(boxes), japanese))

    def two(self, *, japanese: bool) -> tuple[Firm, Firm]:
        """Give two companies."""
        one, other = self.rng.sample([f for f in self.firms if f.japanese is japanese], 2)
        return one, other

    def others(self, firm: Firm, count: int) -> list[Firm]:
        """Give companies beside one."""
        some = [f for f in self.firms if f.japanese is firm.japanese and f is not firm]
        return self.rng.sample(some, count)


def letter(firm: Firm, *, about: str = "") -> tuple[str, str]:
    """Give subject and text of a mail to a company that say nothing of the file's owner."""
    if firm.japanese:
        surname = firm.boxes[0].name.split()[0]
        said = about or "資料をお送りします。"
        text = f"{firm.name}\n{surname}様\n\nお世話になっております。{said}\n\n山田"
        return "資料の送付", text
    first = firm.boxes[0].name.split()[0]
    return "Documents", f"Dear {first},\n\n{about or 'please find the file attached.'}\n\nYamada\n"


def paper(world: World, to: Firm, *, invoice: bool = False) -> list[str]:
    """Give a quote or an invoice that is addressed to a company."""
    rng, goods = world.rng, world.rng.choice(GOODS[to.japanese])
    price = f"{rng.randrange(20, 4000) * 1000:,}"
    number = f"Q-{rng.randrange(10_000, 99_999)}"
    if to.japanese:
        who = to.boxes[0].name
        heads = (
            [f"{to.name} 御中"],
            [to.name, f"営業部 {who} 様"],
            [f"{to.bare} 御中", f"ご担当 {who} 様"],
            [f"宛先\t{to.name}"],
            [f"{to.name} {who} 様"],
        )
        return [
            "御請求書" if invoice else "御見積書",
            f"番号 {number}",
            *rng.choice(heads),
            f"件名 {goods}",
            f"合計 {price}円",
            "例示株式会社 山田 太郎",
            "TEL 03-5555-0101 yamada@ours.example",
        ]
    who = to.boxes[0].name
    heads = (
        [f"Bill to: {to.name}", f"Attn: {who}"],
        ["Prepared for", to.name],
        [f"Customer: {to.name}"],
        ["To:", to.name, who],
        [f"Dear {who},"],
    )
    return [
        "INVOICE" if invoice else "QUOTATION",
        f"No. {number}",
        *rng.choice(heads),
        f"For: {goods}",
        f"Total {price}",
        "Ours Ltd, yamada@ours.example",
    ]


def neutral(world: World, *, japanese: bool) -> list[str]:
    """Give lines that name nobody."""
    goods = world.rng.sample(GOODS[japanese], 6)
    return [f"{number}\t{one}\t{world.rng.randrange(10, 9999)}" for number, one in enumerate(goods)]


# Innocent mails: B gets it, and should.


def own_quote(world: World, a: Firm, b: Firm) -> Mail:
    name = "御見積書.xlsx" if b.japanese else "Quotation.xlsx"
    return Mail(b.boxes[:1], *letter(b), name, paper(world, b))


def own_invoice(world: World, a: Firm, b: Firm) -> Mail:
    name = f"請求書_{b.bare}様_202611.xlsx" if b.japanese else f"{b.bare} Invoice 1107.xlsx"
    lines = paper(world, b, invoice=True)
    if world.rng.random() < 0.2:  # delivered to somebody else
        lines.append(f"納入先 {a.name} 様" if b.japanese else f"Ship to: {a.name}")
    return Mail(b.boxes[:1], *letter(b), name, lines)


def suppliers_quote(world: World, a: Firm, b: Firm) -> Mail:
    """What a supplier offered us, passed on."""
    if b.japanese:
        lines = [
            "御見積書",
            "例示株式会社 御中",
            a.name,
            f"担当 {a.boxes[0].name}",
            a.boxes[0].address.text,
        ]
        name = f"見積書_{a.bare}.xlsx" if world.rng.random() < 0.5 else "見積書.xlsx"
        about = f"{a.bare}の見積をお送りします。" if world.rng.random() < 0.7 else ""
    else:
        lines = ["QUOTATION", "To: Ours Ltd", a.name, a.boxes[0].address.text]
        name = f"{a.bare} Quote.xlsx" if world.rng.random() < 0.5 else "Quote.xlsx"
        about = f"here is what {a.bare} offers." if world.rng.random() < 0.7 else ""
    lines += neutral(world, japanese=b.japanese)
    return Mail(b.boxes[:1], *letter(b, about=about), name, lines, author=a.name)


def brochure(world: World, a: Firm, b: Firm) -> Mail:
    """Our own, which many got."""
    name = "会社案内_例示.pdf.txt" if b.japanese else "Ours Brochure.txt"
    got = tuple(world.others(b, world.rng.randrange(0, 7)))
    return Mail(b.boxes[:1], *letter(b), name, neutral(world, japanese=b.japanese) * 4, before=got)


def suppliers_brochure(world: World, a: Firm, b: Firm) -> Mail:
    name = f"{a.bare}カタログ.txt" if b.japanese else f"{a.bare} catalogue.txt"
    name = name if world.rng.random() < 0.3 else "catalogue.txt"
    lines = [a.name, f"info@{a.domain}", *neutral(world, japanese=b.japanese)]
    return Mail(b.boxes[:1], *letter(b), name, lines, author=a.name)


def minutes(world: World, a: Firm, b: Firm) -> Mail:
    """Minutes of a meeting that speak of other companies, and of who was there."""
    c = world.others(b, 1)[0]
    if b.japanese:
        present = [f"出席 {b.bare} {b.boxes[0].name}様、当社 山田"]
        if world.rng.random() < 0.3:
            present = ["出席者", f"{b.bare} {b.boxes[0].name} 様", f"{a.bare} {a.boxes[0].name} 様"]
        lines = ["議事録", *present, f"{a.bare}の倉庫を使う案が出た。{c.bare}には山田から話す。"]
        name = "議事録_20261120.txt"
    else:
        lines = [
            "Minutes",
            f"Present: {b.boxes[0].name} ({b.bare}), Yamada",
            f"{a.bare} may store the goods. Yamada talks to {c.bare}.",
        ]
        name = "Minutes 2026-11-20.txt"
    return Mail(b.boxes[:1], *letter(b), name, lines)


def minutes_elsewhere(world: World, a: Firm, b: Firm) -> Mail:
    """Minutes of a meeting with others, for a partner who was not there."""
    c = world.others(b, 1)[0]
    if b.japanese:
        lines = ["議事録", "出席者", f"{a.bare} {a.boxes[0].name} 様", "当社 山田", f"{c.bare}の件"]
        return Mail(b.boxes[:1], *letter(b), "議事録.txt", lines)
    lines = ["Minutes", "Present:", f"{a.boxes[0].name}, {a.bare}", "Yamada", f"About {c.bare}"]
    return Mail(b.boxes[:1], *letter(b), "Minutes.txt", lines)


def resume(world: World, a: Firm, b: Firm) -> Mail:
    who = person(world.rng, japanese=b.japanese)
    name = "".join(who.written) if who.written else f"{who.given} {who.surname}"
    firms = [a, *world.others(b, world.rng.randrange(0, 3))]
    if b.japanese:
        jobs = [f"20{10 + 3 * n}年 {firm.name} 入社" for n, firm in enumerate(firms)]
        lines = ["職務経歴書", f"氏名 {name}", f"{who.surname}@gmail.com", *jobs]
        return Mail(b.boxes[:1], *letter(b), f"職務経歴書_{name}.txt", lines)
    jobs = [f"20{10 + 3 * n}: {firm.name}" for n, firm in enumerate(firms)]
    lines = ["Curriculum vitae", name, f"{who.surname}@gmail.com", *jobs]
    return Mail(b.boxes[:1], *letter(b), f"CV {name}.txt", lines)


def forwarded(world: World, a: Firm, b: Firm) -> Mail:
    """A file of A, for B, below the mail that it came with."""
    subject, text = letter(b)
    sender = f"{a.boxes[0].name} <{a.boxes[0].address.text}>"
    text += f"\n---------- Forwarded message ---------\nFrom: {sender}\nTo: yamada@ours.example\n\n"
    name = f"{a.bare}_資料.xlsx" if b.japanese else f"{a.bare} data.xlsx"
    lines = [a.name, a.boxes[0].address.text, *neutral(world, japanese=b.japanese)]
    return Mail(b.boxes[:1], f"Fwd: {subject}", text, name, lines, author=a.name)


def references(world: World, a: Firm, b: Firm) -> Mail:
    firms = [a, *world.others(b, 8)]
    lines = [f"{firm.name}\tinfo@{firm.domain}" for firm in firms]
    return Mail(
        b.boxes[:1], *letter(b), "導入実績.xlsx" if b.japanese else "References.xlsx", lines
    )


def contract(world: World, a: Firm, b: Firm) -> Mail:
    """A contract of B, A and us, or of B and us."""
    third = f"{a.name}(丙)" if b.japanese else f"{a.name} (agent)"
    third = third if world.rng.random() < 0.3 else ""
    if b.japanese:
        lines = ["業務委託契約書", f"{b.name}(甲)と例示株式会社(乙){third}は次のとおり契約する。"]
        return Mail(b.boxes[:1], *letter(b), "契約書案.txt", lines)
    lines = ["Service agreement", f"between {b.name}, Ours Ltd {third}"]
    return Mail(b.boxes[:1], *letter(b), "Agreement draft.txt", lines)


def case_study(world: World, a: Firm, b: Firm) -> Mail:
    """What we did for A, to win B: called after A."""
    about = ""
    if world.rng.random() < 0.6:
        about = f"{a.bare}様の事例です。" if b.japanese else f"what we did for {a.bare}."
    name = f"導入事例_{a.bare}様.txt" if b.japanese else f"Case study {a.bare}.txt"
    lines = [f"{a.bare}様 導入事例" if b.japanese else f"How {a.bare} saves time"]
    lines += neutral(world, japanese=b.japanese)
    return Mail(b.boxes[:1], *letter(b, about=about), name, lines)


def other_domain(world: World, a: Firm, b: Firm) -> Mail:
    """A quote for B, to somebody of B at a domain that nobody knows; half of them are alike."""
    home = world.rng.choice((b.domain.replace(".", "-group."), "holdings.test"))
    box = Mailbox(address=Address.parse(f"new@{home}"), name="")
    return Mail((box,), *letter(b), "quote.xlsx", paper(world, b))


def free_mail(world: World, a: Firm, b: Firm) -> Mail:
    """A quote for B, to the private box of one of its people."""
    box = Mailbox(address=Address.parse("someone.new@gmail.com"), name=b.boxes[0].name)
    return Mail((box,), *letter(b), "quote.xlsx", paper(world, b))


def by_dealer(world: World, a: Firm, b: Firm) -> Mail:
    """A quote for A by way of its dealer B; mostly the mail says so."""
    about = ""
    if world.rng.random() < 0.8:
        about = f"{a.bare}様向けの見積です。" if b.japanese else f"the quote for {a.bare}."
    name = "御見積書.xlsx" if b.japanese else "Quotation.xlsx"
    return Mail(b.boxes[:1], *letter(b, about=about), name, paper(world, a))


def dealers_copy(world: World, a: Firm, b: Firm) -> Mail:
    """A quote for A, to A and to the dealer B."""
    return Mail((a.boxes[0], b.boxes[0]), *letter(a), "quote.xlsx", paper(world, a))


def second_customer(world: World, a: Firm, b: Firm) -> Mail:
    """A document of ours that one or two others got before."""
    got = tuple(world.others(b, world.rng.choice((1, 1, 2))))
    name = "製品仕様_X200.txt" if b.japanese else "X200 specification.txt"
    return Mail(b.boxes[:1], *letter(b), name, neutral(world, japanese=b.japanese) * 4, before=got)


def plain_file(world: World, a: Firm, b: Firm) -> Mail:
    name = world.rng.choice(("IMG_2041.txt", "data.xlsx", "価格表2026.xlsx", "図面_A-100.txt"))
    return Mail(b.boxes[:1], *letter(b), name, neutral(world, japanese=b.japanese))


def monthly(world: World, a: Firm, b: Firm) -> Mail:
    """A report that A gets each month, and B now too."""
    name = "倉庫温度_2026年11月.xlsx" if b.japanese else "Turbine status 2026-11.xlsx"
    lines = neutral(world, japanese=b.japanese)
    return Mail(b.boxes[:1], *letter(b), name, lines, usual=a)


Kind = Callable[[World, Firm, Firm], Mail]

INNOCENT: tuple[tuple[Kind, float], ...] = (
    (own_quote, 0.16),
    (own_invoice, 0.12),
    (suppliers_quote, 0.02),
    (brochure, 0.06),
    (suppliers_brochure, 0.02),
    (minutes, 0.06),
    (minutes_elsewhere, 0.005),
    (resume, 0.02),
    (forwarded, 0.05),
    (references, 0.01),
    (contract, 0.06),
    (case_study, 0.005),
    (other_domain, 0.005),
    (free_mail, 0.01),
    (by_dealer, 0.01),
    (dealers_copy, 0.01),
    (second_customer, 0.04),
    (plain_file, 0.32),
    (monthly, 0.015),
)


# Written once the detector was done: what it was not made for. `manual` and `label` then changed
# it; the others show it as it is.


def manual(world: World, a: Firm, b: Firm) -> Mail:
    """What A makes, and we sell: called after A."""
    name = f"{a.bare} 取扱説明書 CX-20.txt" if b.japanese else f"{a.bare} CX-20 user manual.txt"
    lines = [f"{a.name}", *neutral(world, japanese=b.japanese)]
    return Mail(b.boxes[:1], *letter(b), name, lines, author=a.name)


def seating(world: World, a: Firm, b: Firm) -> Mail:
    """Who sits where at an event, for the hotel."""
    firms = [a, *world.others(b, world.rng.randrange(0, 4))]
    honour = "様" if b.japanese else ""
    lines = [f"{n}\t{f.bare}\t{f.boxes[0].name} {honour}" for n, f in enumerate(firms, 1)]
    return Mail(b.boxes[:1], *letter(b), "席次.xlsx" if b.japanese else "Seats.xlsx", lines)


def label(world: World, a: Firm, b: Firm) -> Mail:
    """Where a parcel goes to, for the carrier."""
    if b.japanese:
        lines = ["送り状", "お届け先", a.name, f"{a.boxes[0].name} 様", "ご依頼主 例示株式会社"]
        return Mail(b.boxes[:1], *letter(b), "集荷依頼.txt", lines)
    lines = ["Pickup", "Consignee:", a.name, a.boxes[0].name, "Shipper: Ours Ltd"]
    return Mail(b.boxes[:1], *letter(b), "Pickup.txt", lines)


def copy_for_accountant(world: World, a: Firm, b: Firm) -> Mail:
    """Invoices to a customer, for whoever keeps the books."""
    name = f"{a.bare} Invoice 1107.xlsx" if not b.japanese else f"請求書_{a.bare}様_202611.xlsx"
    about = "11月分の売上の控えです。" if b.japanese else "last month's invoices for the books."
    return Mail(b.boxes[:1], *letter(b, about=about), name, paper(world, a, invoice=True))


def subcontractor(world: World, a: Firm, b: Firm) -> Mail:
    """The state of the work for A, for B who does a part of it."""
    name = f"{a.bare}様_工事進捗.xlsx" if b.japanese else f"{a.bare} site progress report.xlsx"
    lines = [f"{a.bare}様 工事進捗" if b.japanese else f"Site progress, {a.bare}"]
    return Mail(b.boxes[:1], *letter(b), name, lines + neutral(world, japanese=b.japanese))


def trip(world: World, a: Firm, b: Firm) -> Mail:
    """When we come to B, and whom we see before."""
    if b.japanese:
        lines = [
            "訪問予定",
            f"10:00 {a.bare} {a.boxes[0].name} 様",
            f"14:00 {b.bare}",
            "18:00 ホテル",
        ]
        return Mail(b.boxes[:1], *letter(b), "日程.txt", lines)
    lines = ["Itinerary", f"10:00 {a.boxes[0].name}, {a.bare}", f"14:00 {b.bare}", "18:00 hotel"]
    return Mail(b.boxes[:1], *letter(b), "Itinerary.txt", lines)


HELD_OUT: tuple[Kind, ...] = (manual, seating, label, copy_for_accountant, subcontractor, trip)


# Slips: the file is A's, the mail is for B.


def slip_quote(world: World, a: Firm, b: Firm) -> Mail:
    name = "御見積書.xlsx" if b.japanese else "Quotation.xlsx"
    return Mail(b.boxes[:1], *letter(b), name, paper(world, a))


def slip_invoice_named(world: World, a: Firm, b: Firm) -> Mail:
    name = f"請求書_{a.bare}様_202611.xlsx" if b.japanese else f"{a.bare} Invoice 1107.xlsx"
    return Mail(b.boxes[:1], *letter(b), name, paper(world, a, invoice=True))


def slip_named_only(world: World, a: Firm, b: Firm) -> Mail:
    name = f"{a.bare}_納期.xlsx" if b.japanese else f"{a.bare} delivery.xlsx"
    return Mail(b.boxes[:1], *letter(b), name, neutral(world, japanese=b.japanese))


def slip_addresses_only(world: World, a: Firm, b: Firm) -> Mail:
    people = [f"{box.name}\t{box.address.text}" for box in a.boxes]
    return Mail(b.boxes[:1], *letter(b), "data.xlsx", people, title=a.bare)


def slip_whole_mail(world: World, a: Firm, b: Firm) -> Mail:
    """Everything is for A, only the address is B's."""
    return Mail(b.boxes[:1], *letter(a), "quote.xlsx", paper(world, a))


def slip_sent_before(world: World, a: Firm, b: Firm) -> Mail:
    """A drawing that A has already; it names nobody."""
    lines = neutral(world, japanese=b.japanese) * 4
    return Mail(b.boxes[:1], *letter(b), "A-100.txt", lines, before=(a,))


def slip_usual_name(world: World, a: Firm, b: Firm) -> Mail:
    return monthly(world, a, b)


def slip_silent(world: World, a: Firm, b: Firm) -> Mail:
    """A's file, and nothing says so: cannot be found."""
    return plain_file(world, a, b)


SLIPS: tuple[Kind, ...] = (
    slip_quote,
    slip_invoice_named,
    slip_named_only,
    slip_addresses_only,
    slip_whole_mail,
    slip_sent_before,
    slip_usual_name,
    slip_silent,
)


def octets_of(mail: Mail) -> bytes:
    """Give the mail as it is sent."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{ME.address.text}"
    message["To"] = ", ".join(box.address.text for box in mail.to)
    message["Subject"] = mail.subject
    message.set_content(mail.text)
    if mail.name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        book.properties.title, book.properties.creator = mail.title or None, mail.author or "yamada"
        for line in mail.lines:
            book.active.append(line.split("\t"))
        file = io.BytesIO()
        book.save(file)
        octets, kind = file.getvalue(), "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        octets, kind = "\n".join(mail.lines).encode(), "octet-stream"
    message.add_attachment(octets, maintype="application", subtype=kind, filename=mail.name)
    return message.as_bytes()


class _Known:
    """`ports.Contacts` over the world's history."""

    def __init__(self, history: History) -> None:
        self.history = history

    async def acquaintance(self, exchange: Exchange) -> object:
        return self.history.acquaintance(exchange)


async def judge(world: World, mail: Mail) -> list[WrongFile]:
    """Say what is found of one mail; what its file did before is known for as long."""
    octets = octets_of(mail)
    files = carried(parse(octets))
    world.history.travels = type(world.history.travels)()
    for firm in mail.before:
        world.history.travels.learn(
            Exchange(sender=ME, recipients=firm.boxes[:1], at=NOW - timedelta(days=9), files=files)
        )
    for day in range(3) if mail.usual else ():
        like = tuple(type(file)(name=file.name, digest=b"", stem=file.stem) for file in files)
        at = NOW - timedelta(days=30 * day + 3)
        world.history.travels.learn(
            Exchange(sender=ME, recipients=mail.usual.boxes[:1], at=at, files=like)
        )
    nobody: object = None
    examined = await examine(
        Envelope(
            sender=ME.address, recipients=tuple(Recipient(address=box.address) for box in mail.to)
        ),
        octets,
        policy=POLICY,
        knowledge=Knowledge(
            readers=InProcessReaders(), contacts=_Known(world.history), lists=nobody
        ),
        now=NOW,
    )
    return [one for one in examined.findings if isinstance(one, WrongFile)]


async def measure(mails: int, seed: int, show: str, only: Sequence[str]) -> None:
    """Judge so many mails of each kind and language, and print what was found."""
    world = World(Random(seed))
    weighed = Counter[str]()
    print("| mail | share | likely | possible |\n| --- | --- | --- | --- |")
    rows = [*INNOCENT, *((kind, 0.0) for kind in (*HELD_OUT, *SLIPS))]
    for kind, share in rows:
        if only and kind.__name__ not in only:
            continue
        likely, possible = Counter[bool](), Counter[bool]()
        for number in range(mails * 2):
            japanese = number % 2 == 0
            mail = kind(world, *world.two(japanese=japanese))
            found = await judge(world, mail)
            likely[japanese] += any(one.score >= LIKELY for one in found)
            possible[japanese] += bool(found)
            if show == kind.__name__:
                print(found, mail)
        both = [
            f"{100 * count[True] / mails:.1f} / {100 * count[False] / mails:.1f}"
            for count in (likely, possible)
        ]
        print(f"| {kind.__name__} | {100 * share:g} | {both[0]} | {both[1]} |", flush=True)
        for name, count in (("likely", likely), ("possible", possible)):
            weighed[name] += share * count.total() / (2 * mails)
    total = sum(share for _, share in INNOCENT)
    said = (f"{name} {100 * found / total:.2f} %" for name, found in weighed.items())
    print(f"\nInnocent mails, weighed: {', '.join(said)}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wrong_files", description=__doc__)
    parser.add_argument("--mails", type=int, default=200, help="of each kind and language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="this kind; again for more")
    parser.add_argument("--show", default="", help="print the mails of this kind")
    given = parser.parse_args()
    asyncio.run(measure(given.mails, given.seed, given.show, given.only))


if __name__ == "__main__":
    main()
