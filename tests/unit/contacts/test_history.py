"""What history counts, finds and forgets."""

import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from factories import box
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.book import Book
from guard.contacts.history import History
from guard.contacts.keys import LONGEST_LIST, KeyIndex
from guard.contacts.mentions import mentions
from guard.contacts.tally import HALF_LIFE_DAYS, Tally, worth
from guard.contacts.threads import KEEP_DAYS, Threads
from guard.model.address import Address
from guard.model.contact import Contact, Exchange
from guard.names.fold import NOBODY, person
from guard.parse.quoting import QUOTED

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def mail(sender: str, *to: str, days_ago: float = 0, **more: object) -> Exchange:
    """Make an exchange."""
    at = NOW - timedelta(days=days_ago)
    return Exchange(sender=box(sender), recipients=tuple(map(box, to)), at=at, **more)  # type: ignore[arg-type]


def test_tally_forgets() -> None:
    """After one half-life a mail counts half, however sums were ordered."""
    now = NOW.timestamp()
    then = now - HALF_LIFE_DAYS * 86400
    one, two = Tally(), Tally()
    one.add(then, worth(then))
    one.add(now, worth(now))
    two.add(now, worth(now))
    two.add(then, worth(then))

    assert one == two
    assert one.weight / worth(now) == pytest.approx(1.5)
    assert one.last_at == NOW


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_worth_of_any_clock(at: float) -> None:
    """No clock, however wrong, breaks a sum."""
    assert 0 < worth(at) < math.inf


def test_counts_by_recency() -> None:
    """Old mail is remembered as a count, and hardly weighs."""
    history = History()
    history.learn(mail("me@ours.example", "ann@north.example", days_ago=900))

    (ann,) = history.acquaintance(mail("me@ours.example", "ann@north.example")).recipients

    assert ann.relation.by_sender == 1
    assert ann.standing.own < 0.01


@pytest.mark.parametrize(
    ("days_ago", "events", "known"),
    [
        pytest.param([200], [], False, id="once, long ago"),
        pytest.param([20], [], True, id="once, lately"),
        pytest.param([400, 200], [], True, id="twice"),
        pytest.param([200], ["wrote back"], True, id="wrote back"),
        pytest.param([200], ["imported"], True, id="in the directory"),
    ],
)
def test_a_slip_of_long_ago_is_not_known(
    days_ago: list[int], events: list[str], known: bool
) -> None:
    """Whom one mail went to, and nothing after it, is neither known nor meant by another mail."""
    history = History()
    for days in days_ago:
        history.learn(mail("me@ours.example", "satou@kita.example", days_ago=days))
    if "wrote back" in events:
        history.learn(mail("satou@kita.example", "me@ours.example", days_ago=199))
    if "imported" in events:
        history.add_contact(Contact(address=Address.parse("satou@kita.example")))

    (itself,) = history.acquaintance(mail("me@ours.example", "satou@kita.example")).recipients
    (other,) = history.acquaintance(mail("me@ours.example", "sato@kita.example")).recipients

    assert itself.standing.known is known
    assert bool(other.candidates) is known


def test_latest_name_counts() -> None:
    """The latest display name is kept; none, or the address again, changes nothing."""
    history = History()
    for name in ("Anna Bell <", "Ann Bell <", "<", "ann@north.example <"):
        history.learn(mail("me@ours.example", f"{name}ann@north.example>"))

    (found,) = history.search("bell")
    assert found.name == "Ann Bell"


def test_announcements_say_nothing() -> None:
    """Who gets one mail among very many has nothing to do with the others."""
    history = History()
    everybody = [f"p{n}@north.example" for n in range(40)]
    history.learn(mail("me@ours.example", *everybody))

    known = history.acquaintance(mail("me@ours.example", *everybody[:2]))

    assert [one.standing.together for one in known.recipients] == [0, 0]


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("yamda@minato.example", "yamada@minato.example"),
        ("yamadaa@minato.example", "yamada@minato.example"),
        ("aymada@minato.example", "yamada@minato.example"),
        ("yaamda@minato.example", "yamada@minato.example"),
        ("yamadq@minato.example", "yamada@minato.example"),
        ("yqmada@minato.example", "yamada@minato.example"),
        ("yamada@minto.example", "yamada@minato.example"),
        ("yamada@mail.minato.example", "yamada@minato.example"),
        ("yamada@minato.co.jp", "yamada@minato.com"),
        ("yarnada@minato.example", "yamada@minato.example"),
        ("syouji@minato.example", "shoji@minato.example"),
        ("佐藤 健 <ks@south.example>", "Ken Sato <sato@north.example>"),
        ("Taro Yamada <taro@south.example>", "tyamada@north.example"),
        ("hiro.mori@south.example", "hiro_mori@north.example"),
    ],
)
def test_near(typed: str, contact: str) -> None:
    """Among many contacts, a slip finds the one that it was made of, without knowing the sender."""
    history = History()
    for number in range(300):
        history.add_contact(Contact(address=Address.parse(f"other{number}@else{number}.example")))
    history.add_contact(Contact(address=box(contact).address, name=box(contact).name))

    found = history.near(box(typed).address, name=box(typed).name)

    assert [one.contact.address for one in found][:1] == [box(contact).address]


def test_near_is_ordered() -> None:
    """The closest comes first, of equally close ones the oftener written to; itself never."""
    history = History()
    for address in ("sato@kita.example", "sato@kita.test", "sato@kita.com"):
        history.add_contact(Contact(address=Address.parse(address)))
    history.learn(mail("me@ours.example", "sato@kita.test"))

    found = history.near(Address.parse("sato@kita.com"), sender=Address.parse("me@ours.example"))

    assert [one.contact.address.text for one in found] == ["sato@kita.test", "sato@kita.example"]
    assert found[0].relation.by_sender == 1


def test_keys_are_capped() -> None:
    """A key that thousands share costs no more than its longest list."""
    index = KeyIndex()
    for number in range(LONGEST_LIST * 2):
        index.add(number, "info", f"company{number}.example")

    assert len(index.namesakes("info", NOBODY)) <= LONGEST_LIST


def test_names_that_alternate_crowd_nobody_out() -> None:
    """Two who are called the same in turns are two under their key, however often."""
    index = KeyIndex()
    for number in (7, 8) * LONGEST_LIST:
        index.add_name(number, person("高橋 健一"))
    index.add_name(9, person("高橋 健一"))

    assert index.bearers(person("高橋 健一")) == {7, 8, 9}


def test_of_two_with_the_same_weight_the_first_is_first() -> None:
    """Whoever was written to first stands first, whether or not somebody asked in between."""
    asked, not_asked = Book(), Book()
    for number, weight in ((1, 1.0), (2, 2.0), (1, 2.0)):
        asked.weigh(number, weight)
        not_asked.weigh(number, weight)
        assert asked.most_written_to

    assert asked.most_written_to == not_asked.most_written_to == [1, 2]


def test_name_is_a_key() -> None:
    """A full name is found by its reading in any order."""
    index = KeyIndex()
    index.add(7, "x", "north.example")
    index.add_name(7, person("高橋 健一"))

    assert index.bearers(person("Kenichi Takahashi")) == {7}
    assert index.bearers(person("Kenji Takahashi")) == set()


def test_threads() -> None:
    """Answers to one message form a thread, also where the message itself was never seen."""
    threads = Threads()
    threads.add(11, [10], sender=1, recipients=[2, 3], at=0)
    threads.add(12, [10], sender=4, recipients=[1], at=1)
    threads.add(13, [10, 12], sender=1, recipients=[5], at=2)

    assert threads.standing([13]) == {1: 3, 2: 1, 3: 1, 4: 1, 5: 2}
    assert threads.standing([12])[4] == 3
    assert threads.standing([10]) == {1: 2, 2: 2, 3: 2, 4: 2, 5: 1}
    assert threads.standing([99]) == {}
    threads.forget_before(KEEP_DAYS * 86400.0)
    assert threads.standing([13]) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("佐藤様\nお世話になっております。", [{"sato"}]),
        ("北商事株式会社\n営業部 佐藤 健 様\n", [{"sato", "ken"}]),
        ("Dear Ann,\n\nthank you", [{"an"}]),
        ("Hi Mr. Bell,\n", [{"bel"}]),
        ("Hello Ann and Bob,", [{"an", "bob"}]),
        ("Ann,\n\nplease", [{"an"}]),
        ("各位\n", []),
        ("関係者の皆様\n", []),
        ("Hi all,\n", []),
        ("Dear Team,", []),
        ("> Dear Ann,\n\nno greeting of ours", []),
        ("The board meets on Monday.", []),
        ("", []),
    ],
)
def test_greetings(text: str, words: list[set[str]]) -> None:
    """A greeting's name is read, in Japanese and English; greeting everybody names nobody."""
    found = mentions(text).greetings

    assert len(found) == len(words)
    for greeting, expected in zip(found, words, strict=True):
        assert expected <= greeting.words


def test_quoted_headers() -> None:
    """People in quoted headers and before "wrote:" are named."""
    found = mentions(
        "hello\n\nOn Mon, 2 Nov 2026 at 10:00, Ann Bell <ann@north.example> wrote:\n> x\n"
        "> From: 佐藤 健 <sato@kita.example>\n> Cc: Bob Hill; Eva Holt\n"
    )

    assert {"ann bell", "bob hill", "eva holt", "佐藤 健"} <= {
        " ".join(sorted(name.split())) for name in found.names
    } | {"佐藤 健"}
    assert found.addresses >= {"ann@north.example", "sato@kita.example"}


@given(st.text(max_size=300))
def test_mentions_of_any_text(text: str) -> None:
    """Any text can be read."""
    assert all(greeting.words for greeting in mentions(text).greetings)


SIGNS = (
    *("From: ", "To:", "Cc：", "差出人 : ", " wrote:", "writes", "WROTE", "ſchrieb", "a écrit"),
    *("Kita さんは書きました:", "Taro Yamada", "<a@b.example>", "[mailto:x]", "On Mon, 1 Jan,"),
    *("\n", "\n\n", "\n> ", "\n>> ", " ", "x", "@", "."),
)


@given(st.lists(st.sampled_from(SIGNS), max_size=14).map("".join))
def test_quoting_is_found_by_its_signs(text: str) -> None:
    """To read only where a sign of quoting stands leaves nobody out, and adds nobody."""
    everybody = set()
    if any(sign in text for sign in (":", "：", "wrote", "schrieb")):
        for match in QUOTED.finditer(text):
            people = match["writer"] or re.sub(r"<[^>]*>", "", match["people"])
            named = (person(name) for name in re.split(r"[;,]", people))
            everybody |= {who.folded for who in named if who.words}

    assert mentions(text).names == everybody


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("<Ann.Bell@North.example>", {"ann.bell@north.example"}),
        ("a@b.example@c.example", {"a@b.example"}),
        ("@b.example x@ y@z", set()),
        (f"{'a' * 70}@b.example", {f"{'a' * 64}@b.example"}),
        ("佐藤sato@kita.exampleまで", {"sato@kita.example"}),
        ("a@b.example,c@d.example.", {"a@b.example", "c@d.example"}),
    ],
)
def test_addresses_in_text(text: str, addresses: set[str]) -> None:
    """Every address in the text is found, as far to the left as a local part goes."""
    assert mentions(text).addresses == addresses


def test_mentions_take_no_time() -> None:
    """A text made to be slow is read within the limits, not matched for minutes."""
    assert mentions("On " + "a " * 50_000).greetings == ()
    assert mentions("　" * 50_000).greetings == ()
    assert mentions("Dear " + "x" * 50_000).greetings == ()
    assert mentions("wrote: " * 5_000).greetings == ()
    assert mentions("@" * 50_000).addresses == set()
