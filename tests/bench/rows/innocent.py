"""
Business mail about other people: what a search must not take for rows of the list.

Each has three names drawn as the list's are, a telephone number, a postal code that is in the list,
a whole address of the same towns, dates, amounts, and addresses of nobody.
"""
# ruff: noqa: E501, ISC004 -- mails, each best read on few lines

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from tests.bench.rows.people import BLOCK, Person, block_of, people
from tests.bench.rows.prose import MONTHS, sentences


def innocent(language: str, seed: int, count: int, listed: tuple[int, int]) -> Iterator[str]:
    """Give *count* mails beside the list of ``(seed, rows)``."""
    rng = Random(seed)  # noqa: S311 -- nothing here is secret
    others = people(language, seed, 3 * count)
    sentence = sentences(language, rng)
    blocks = [
        block_of(language, listed[0], rng.randrange(max(1, listed[1] // BLOCK))) for _ in range(4)
    ]
    write = _japanese if language == "ja" else _english
    for three in zip(others, others, others, strict=False):
        block = rng.choice(blocks)
        known = block[rng.randrange(min(listed[1], len(block)))]
        yield write(three, known, [next(sentence) for _ in range(rng.randrange(1, 4))], rng)


def _japanese(
    three: tuple[Person, Person, Person], known: Person, said: Sequence[str], rng: Random
) -> str:
    to, writer, other = three
    opening = rng.choice(
        (
            f"{to.last}様\n\nいつもお世話になっております。{writer.last}です。\n",
            f"営業部 {to.last}{to.first} 様\n\nお世話になっております。{writer.last}{writer.first}と申します。\n",
            f"{to.last} {to.first} 様（CC: {other.last}様）\n\nご連絡ありがとうございます。\n",
        )
    )
    news = rng.choice(
        (
            f"{_day(rng)}の打ち合わせに{other.last}{other.first}も参加します。",
            f"注文番号{rng.randrange(10**5, 10**8)}の件、{other.last}さんより{_day(rng)}にお送りします。",
            f"お見積りは{rng.randrange(1000, 10**7):,}円、期限は2026年{_day(rng)}です。担当は{other.name}です。",
            f"{other.name}（{_day(rng)}入社、{other.born.year}年卒）の席を用意してください。",
        )
    )
    closing = rng.choice(
        (
            f"--\n{writer.name}（{writer.kana}）\n〒{known.postcode} {other.address}\n"
            f"TEL {other.tel} / {_address(writer)}",
            f"送付先: {known.postcode} {to.address}\n電話: {to.tel}\n\n{writer.last}",
            f"請求先 〒{known.postcode}\n{other.region}{other.town}\n{'-'.join(map(str, other.block))}\n"
            f"{other.tel}\n{_address(other)}",
        )
    )
    return f"{opening}{news}{''.join(said)}\n\n{closing}\n"


def _english(
    three: tuple[Person, Person, Person], known: Person, said: Sequence[str], rng: Random
) -> str:
    to, writer, other = three
    date = (
        f"{rng.randrange(1, 29)} {rng.choice(MONTHS)} {rng.choice(('', '2026', '2025'))}".rstrip()
    )
    opening = rng.choice(
        (
            f"Dear {to.first},\n\n",
            f"Dear Mr {to.last},\n\n",
            f"Hi {to.first} and {other.first},\n\n",
        )
    )
    news = rng.choice(
        (
            f"{other.name} will join the call on {date}. ",
            f"Order {rng.randrange(10**5, 10**8)} of {date} was shipped by {other.name}. ",
            f"The invoice over {rng.randrange(100, 10**6):,}.00 is due on {date}; ask {other.name}. ",
            f"{other.name} (born {other.born:%d/%m/%Y}) starts on {date}. ",
        )
    )
    closing = rng.choice(
        (
            f"--\n{writer.name}\n{other.address}, {known.postcode}\n{other.tel} | {_address(writer)}",
            f"Ship to: {to.name}, {to.address} {known.postcode}\nPhone: {to.tel}\n\n{writer.first}",
            f"Regards,\n{writer.name}\n{other.block[0]} {other.street}\n{other.town} {known.postcode}\n"
            f"T {other.tel}\n{_address(other)}",
        )
    )
    return f"{opening}{news}{' '.join(said)}\n\n{closing}\n"


def _day(rng: Random) -> str:
    return f"{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"


OTHERWISE: Final = "@elsewhere-"
"""Makes an address that is in no list."""


def _address(person: Person) -> str:
    return person.email.replace("@", OTHERWISE)
