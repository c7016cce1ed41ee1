"""
Labelled pairs of names, and how well ``alike`` tells them apart.

    python -m tests.bench.name_pairs [--half fit|report] [--worst KIND] [--write PAIRS KEY]
                                     [--without-dictionary]

People are drawn from the dictionary of names, the common ones more often, and written as mail has
them. Each name belongs to one half by a hash: constants are fitted on one half, and the table that
is reported is of the other. Nobody in here is anybody, and the shares of the kinds are guesses.
"""
# ruff: noqa: S311, T201 -- nothing here is secret, and a table is printed

import argparse
import json
import sys
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from math import exp
from pathlib import Path
from random import Random

import jaconv

from guard.names.compare import alike
from guard.names.dictionary import dictionary
from guard.names.kanji import GLYPHS
from guard.names.nicknames import NICKNAMES
from guard.names.readings import GIVEN, SURNAMES
from guard.names.spelling import KANJI
from tests.bench.people import GIVEN_LATIN, SURNAMES_LATIN

TITLES_AFTER = ("様", "さん", " 様", "部長", "課長", "先生", "殿")
BEFORE = ("営業部 ", "株式会社北商事 ", "(株)南工業 総務部 ", "開発課 ", "北商事 営業部長 ")
AFTER = ("/北商事", " (営業)", "（東京支店）", " [EXT]")
COMPANIES = ("kita.co.jp", "minami.example", "higashi-shoji.co.jp", "nishi.com", "aoba.or.jp")

Entry = tuple[str, str, int]
"""As it is written, its reading in katakana, its cost."""


class Names:
    """One half of the names of the dictionary."""

    def __init__(self, half: str) -> None:
        self.surnames = self._of(half, surname=True)
        self.given = self._of(half, surname=False)
        self.by_sound = self._grouped(self.surnames), self._grouped(self.given)

    def _of(self, half: str, *, surname: bool) -> tuple[list[Entry], list[float]]:
        known = dictionary()
        if known is None:
            sys.exit("needs the dictionary: install the package ipadic")
        found: dict[str, Entry] = {}
        for name in known.every_name():
            if (
                name.surname == surname
                and KANJI.fullmatch(name.written[0])
                and all(KANJI.match(char) or "ぁ" <= char <= "ん" for char in name.written)
                and 1 <= len(name.written) <= 4
                and (zlib.crc32(name.written.encode()) & 1 == 0) == (half == "fit")
                and name.cost < found.get(name.written, ("", "", 99_999))[2]
            ):
                found[name.written] = (name.written, name.kana, name.cost)
        rows = list(found.values())
        ours = SURNAMES if surname else GIVEN
        weights = [exp(-row[2] / 1_500) * (3 if row[0] in ours else 1) for row in rows]
        return rows, list(accumulate(weights))

    @staticmethod
    def _grouped(table: tuple[list[Entry], list[float]]) -> dict[str, list[Entry]]:
        groups: dict[str, list[Entry]] = {}
        for row in table[0]:
            groups.setdefault(row[1], []).append(row)
        return groups


def pick(table: tuple[list[Entry], list[float]], rng: Random) -> Entry:
    """Draw a name, the common ones more often."""
    rows, sums = table
    return rows[min(bisect_right(sums, rng.random() * sums[-1]), len(rows) - 1)]


_SYSTEMS = (
    {},
    {"shi": "si", "tsu": "tu", "chi": "ti", "ji": "zi", "fu": "hu", "sho": "syo", "cha": "tya"},
)


def latin(kana: str, rng: Random | None, *, long: int | None = None) -> str:
    """Write a reading in Latin letters, in one of the ways that people do."""
    text = jaconv.kana2alphabet(jaconv.kata2hira(kana)).replace("ー", "")
    text = text.replace("jya", "ja").replace("jyu", "ju").replace("jyo", "jo")
    way = (rng.choice((0, 0, 0, 1, 2)) if rng else 0) if long is None else long
    if way == 0:
        text = text.replace("ou", "o").replace("oo", "o").replace("uu", "u")
    elif way == 1:
        text = text.replace("ou", "oh").replace("oo", "oh").replace("uu", "u")
    if rng and rng.random() < 0.2:
        for one, two in _SYSTEMS[1].items():
            text = text.replace(one, two)
    if rng and rng.random() < 0.3:
        for letter in "bmp":
            text = text.replace(f"n{letter}", f"m{letter}")
    return text


class Human:
    """One invented person."""

    def __init__(self, surname: Entry, given: Entry) -> None:
        self.surname, self.given = surname, given

    def kanji(self, rng: Random) -> str:
        """As in the directory."""
        return rng.choice(("", " ", "　")).join((self.surname[0], self.given[0]))

    def dressed(self, rng: Random) -> str:
        """With what mail programs and habits put around it."""
        name = self.kanji(rng)
        if rng.random() < 0.5:
            name = rng.choice(BEFORE) + name
        name += rng.choice(TITLES_AFTER) if rng.random() < 0.6 else rng.choice(AFTER)
        return name

    def kana(self, rng: Random) -> str:
        """In kana of any width."""
        text = rng.choice((" ", "　", "", " ")).join((self.surname[1], self.given[1]))
        way = rng.randrange(3)
        return (text, jaconv.kata2hira(text), jaconv.z2h(text))[way]

    def romaji(self, rng: Random) -> str:
        """In Latin letters, in any order."""
        last, first = latin(self.surname[1], rng), latin(self.given[1], rng)
        return rng.choice(
            (
                f"{first.title()} {last.title()}",
                f"{last.title()} {first.title()}",
                f"{last.upper()} {first.title()}",
                f"{first.title()} {last.upper()}",
                f"{last.title()}, {first.title()}",
                f"{first} {last}",
            )
        )

    def local(self, rng: Random) -> str:
        """As a local part with both names whole."""
        last, first = latin(self.surname[1], rng), latin(self.given[1], rng)
        forms = (f"{first}.{last}", f"{last}.{first}", f"{first}_{last}", f"{last}-{first}")
        return rng.choice((*forms, f"{last}{first}", f"{first}{last}"))

    def short(self, rng: Random) -> str:
        """As a local part with an initial."""
        last, first = latin(self.surname[1], rng), latin(self.given[1], rng)
        forms = (
            f"{first[0]}.{last}",
            f"{last}.{first[0]}",
            f"{first[0]}{last}",
            f"{last}{first[0]}",
        )
        return rng.choice((*forms, f"{last}_{first[0]}", f"{first[0]}-{last}"))

    def any(self, rng: Random) -> str:
        """In any way."""
        ways = (self.kanji, self.kanji, self.dressed, self.kana, self.romaji, self.romaji)
        return rng.choice((*ways, self.local, self.short))(rng)


Maker = Callable[[Names, Random], "tuple[str, str] | None"]


def human(names: Names, rng: Random) -> Human:
    return Human(pick(names.surnames, rng), pick(names.given, rng))


def same(way_a: str, way_b: str) -> Maker:
    """One person, written in two ways."""

    def make(names: Names, rng: Random) -> tuple[str, str] | None:
        who = human(names, rng)
        a, b = getattr(who, way_a)(rng), getattr(who, way_b)(rng)
        return None if a == b else (a, b)

    return make


def same_variant(names: Names, rng: Random) -> tuple[str, str] | None:
    """One person, once with the rarer glyph."""
    who = human(names, rng)
    back = {common: chr(rare) for rare, common in GLYPHS.items()}
    name = who.kanji(rng)
    other = "".join(back.get(char, char) for char in who.kanji(rng))
    return None if other.replace(" ", "") == name.replace(" ", "") else (name, other)


def other_given(way: str) -> Maker:
    """Two of one surname."""

    def make(names: Names, rng: Random) -> tuple[str, str] | None:
        one, given = human(names, rng), pick(names.given, rng)
        if given[1] == one.given[1] or given[0] == one.given[0]:
            return None
        return getattr(one, way)(rng), getattr(Human(one.surname, given), way)(rng)

    return make


def same_initial_local(names: Names, rng: Random) -> tuple[str, str] | None:
    """Two of one surname whose given names begin alike, in local parts."""
    one = human(names, rng)
    for _ in range(60):
        given = pick(names.given, rng)
        if given[1] != one.given[1] and given[1][0] == one.given[1][0]:
            return one.local(rng), Human(one.surname, given).local(rng)
    return None


def other_kanji(way: str) -> Maker:
    """Two whose names sound the same: 裕子 and 祐子, 斎藤 and 西東."""

    def make(names: Names, rng: Random) -> tuple[str, str] | None:
        one = human(names, rng)
        place = rng.randrange(2)
        group = names.by_sound[place][(one.surname, one.given)[place][1]]
        other = rng.choice(group)
        two = Human(other, one.given) if place == 0 else Human(one.surname, other)
        a, b = getattr(one, way)(rng), getattr(two, way)(rng)
        return None if other[0] == (one.surname, one.given)[place][0] else (a, b)

    return make


def near_romaji(names: Names, rng: Random) -> tuple[str, str] | None:
    """One letter off in Latin letters."""
    who = human(names, rng)
    last, first = latin(who.surname[1], None), latin(who.given[1], None)
    which = rng.randrange(2)
    word = (last, first)[which]
    at = rng.randrange(1, len(word))
    letter = rng.choice("aiueokstnhmr")
    new = rng.choice(
        (
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
        )
    )
    if new == word:
        return None
    last2, first2 = (new, first) if which == 0 else (last, new)
    form = rng.choice(("{1} {0}", "{0} {1}", "{1}.{0}"))
    a, b = form.format(last, first), form.format(last2, first2)
    return (a, b) if "." in form else (a.title(), b.title())


def similar_surname(names: Names, rng: Random) -> tuple[str, str] | None:
    """One given name, and surnames that look or sound alike: 山田 and 山口, Sato and Saito."""
    one = human(names, rng)
    for _ in range(300):
        other = pick(names.surnames, rng)
        if other[0] == one.surname[0]:
            continue
        looks = len(other[0]) == len(one.surname[0]) == 2 and (
            other[0][0] == one.surname[0][0] or other[0][1] == one.surname[0][1]
        )
        if looks:
            way = rng.choice(("kanji", "kanji", "dressed"))
            return getattr(one, way)(rng), getattr(Human(other, one.given), way)(rng)
    return None


def other_company(names: Names, rng: Random) -> tuple[str, str] | None:
    """One local part at two companies."""
    local = human(names, rng).local(rng)
    a, b = rng.sample(COMPANIES, 2)
    return f"{local}@{a}", f"{local}@{b}"


def unrelated(way: str) -> Maker:
    """Two strangers."""

    def make(names: Names, rng: Random) -> tuple[str, str] | None:
        one, two = human(names, rng), human(names, rng)
        if one.surname[0] == two.surname[0] or one.surname[1] == two.surname[1]:
            return None
        return getattr(one, way)(rng), getattr(two, way)(rng)

    return make


def shared_given(way: str) -> Maker:
    """Two strangers of one given name."""

    def make(names: Names, rng: Random) -> tuple[str, str] | None:
        one, surname = human(names, rng), pick(names.surnames, rng)
        if surname[1] == one.surname[1] or set(surname[0]) & set(one.surname[0]):
            return None
        if surname[1][0] == one.surname[1][0]:
            return None
        return getattr(one, way)(rng), getattr(Human(surname, one.given), way)(rng)

    return make


def english(kind: str) -> Maker:
    """Western people: one, two of one surname, or strangers."""

    def make(_: Names, rng: Random) -> tuple[str, str] | None:
        first, last = rng.choice(GIVEN_LATIN), rng.choice(SURNAMES_LATIN)
        first2, last2 = rng.choice(GIVEN_LATIN), rng.choice(SURNAMES_LATIN)

        def written(one: str, two: str) -> str:
            forms = ("{0} {1}", "{0} {1}", "{1}, {0}", "{0}.{1}", "{0} {1} (Sales)", "Dr. {0} {1}")
            form = rng.choice(forms)
            return (
                form.format(one, two)
                if form == "{0}.{1}"
                else form.format(one.title(), two.title())
            )

        if kind == "same":
            if rng.random() < 0.3 and first in NICKNAMES:
                family = [name for name in NICKNAMES if NICKNAMES[name] & NICKNAMES[first]]
                return written(first, last), written(rng.choice(family), last)
            if rng.random() < 0.3:
                return written(first, last), rng.choice((f"{first[0]}{last}", f"{last}{first[0]}"))
            return written(first, last), written(first, last)
        if kind == "surname":
            return None if first == first2 else (written(first, last), written(first2, last))
        if kind == "given":
            return None if last == last2 else (written(first, last), written(first, last2))
        return None if last == last2 else (written(first, last), written(first2, last2))

    return make


KINDS: dict[str, tuple[str, Maker, int]] = {
    "same: kanji, dressed": ("same", same("kanji", "dressed"), 300),
    "same: kanji, kana": ("same", same("kanji", "kana"), 300),
    "same: kanji, romaji": ("same", same("kanji", "romaji"), 300),
    "same: dressed, local": ("same", same("dressed", "local"), 300),
    "same: romaji, romaji": ("same", same("romaji", "romaji"), 300),
    "same: romaji, kana": ("same", same("romaji", "kana"), 200),
    "same: kanji, initial": ("same", same("kanji", "short"), 300),
    "same: romaji, initial": ("same", same("romaji", "short"), 300),
    "same: glyphs": ("same", same_variant, 200),
    "same: English": ("same", english("same"), 300),
    "near: other given, kanji": ("confusable", other_given("kanji"), 300),
    "near: other given, dressed": ("confusable", other_given("dressed"), 200),
    "near: other given, romaji": ("confusable", other_given("romaji"), 300),
    "near: other given, local": ("confusable", other_given("local"), 300),
    "near: other given, short": ("confusable", other_given("short"), 200),
    "near: same initial, local": ("confusable", same_initial_local, 300),
    "near: other kanji": ("confusable", other_kanji("kanji"), 300),
    "near: one letter": ("confusable", near_romaji, 300),
    "near: similar surname": ("confusable", similar_surname, 300),
    "near: other company": ("confusable", other_company, 200),
    "near: English surname": ("confusable", english("surname"), 300),
    "far: kanji": ("unrelated", unrelated("kanji"), 900),
    "far: romaji": ("unrelated", unrelated("romaji"), 900),
    "far: local": ("unrelated", unrelated("local"), 600),
    "far: short": ("unrelated", unrelated("short"), 400),
    "far: any": ("unrelated", unrelated("any"), 600),
    "far: shared given, kanji": ("unrelated", shared_given("kanji"), 200),
    "far: shared given, romaji": ("unrelated", shared_given("romaji"), 200),
    "far: shared given, local": ("unrelated", shared_given("local"), 200),
    "far: English": ("unrelated", english("far"), 600),
    "far: English, shared given": ("unrelated", english("given"), 100),
}


def pairs(half: str, seed: int = 5) -> list[tuple[str, str, str, str]]:
    """Give (kind, label, a, b), the same ones each time."""
    names = Names(half)
    found = []
    for kind, (label, make, count) in KINDS.items():
        rng = Random(f"{seed} {half} {kind}")
        made = 0
        while made < count:
            pair = make(names, rng)
            if pair is not None:
                found.append((kind, label, *pair))
                made += 1
    return found


def measures(good: list[float], bad: list[float], part: float = 0.01) -> tuple[float, float]:
    """Give the AUC, and the share of *good* above all but that part of *bad*."""
    ordered = sorted(bad)
    wins = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in good) / 2
    limit = ordered[min(int(len(ordered) * (1 - part)), len(ordered) - 1)]
    return wins / len(good) / len(bad), sum(one > limit for one in good) / len(good)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How well alike() tells pairs of names apart.")
    parser.add_argument("--half", choices=("fit", "report"), default="report")
    parser.add_argument("--worst", help="also print the worst pairs of the kinds that begin so")
    parser.add_argument("--write", nargs=2, type=Path, help="write pairs and answers, and stop")
    parser.add_argument(
        "--without-dictionary", action="store_true", help="judge by our tables only"
    )
    arguments = parser.parse_args()
    rows = pairs(arguments.half)
    if arguments.without_dictionary:
        dictionary.cache_clear()
        sys.modules["ipadic"] = None  # type: ignore[assignment] -- so that importing it fails
    if arguments.write:
        events, key = arguments.write
        with events.open("w") as out, key.open("w") as answers:
            for number, (kind, label, a, b) in enumerate(rows):
                print(json.dumps({"id": number, "a": a, "b": b}, ensure_ascii=False), file=out)
                print(json.dumps({"id": number, "kind": label, "how": kind}), file=answers)
        return
    found = [(kind, label, a, b, alike(a, b)) for kind, label, a, b in rows]
    bad = [one.score for _, label, _, _, one in found if label == "unrelated"]
    print(f"{'':30}{'n':>6}{'AUC':>8}{'at 1 %':>8}{'as labelled':>13}")
    for name, chosen in (
        ("same", ("same",)), ("confusable", ("confusable",)), ("both", ("same", "confusable"))
    ):  # fmt: skip
        good = [one.score for _, label, _, _, one in found if label in chosen]
        auc, recall = measures(good, bad)
        print(f"{name:30}{len(good):6}{auc:8.4f}{recall:8.3f}")
    for kind, (label, _, _) in KINDS.items():
        of_kind = [one for other, _, _, _, one in found if other == kind]
        right = sum(one.alike == label for one in of_kind) / len(of_kind)
        scores = [one.score for one in of_kind]
        if label == "unrelated":
            limit = sorted(bad)[int(len(bad) * 0.99)]
            above = sum(one > limit for one in scores) / len(scores)
            print(f"{kind:30}{len(of_kind):6}{'':8}{above:8.3f}{right:13.3f}")
        else:
            auc, recall = measures(scores, bad)
            print(f"{kind:30}{len(of_kind):6}{auc:8.4f}{recall:8.3f}{right:13.3f}")
    if arguments.worst:
        chosen_rows = [row for row in found if row[0].startswith(arguments.worst)]
        far = arguments.worst.startswith("far")
        chosen_rows.sort(key=lambda row: -row[4].score if far else row[4].score)
        for kind, _, a, b, one in chosen_rows[:25]:
            print(f"{one.score:.3f} {one.kind:14} {a} | {b}   ({kind})")


if __name__ == "__main__":
    main()
