"""Old words become new ones at their very places; everything else of a file stays."""

from guard.policy.renamed import RENAMED, Renamed, changed, changes

TABLE = (
    Renamed(since="0.2.0", where=("rules", "*", "when", "recipient", "new"), new="first_time"),
    Renamed(since="0.2.0", where=("rules", "*", "confirm"), value="tick", new="tick_each"),
    Renamed(since="0.3.0", where=("holding", "remind"), new="remind_after"),
)

OLD = """\
# 送信 / new: is a word here, too\r
guard: 1\r
holding: {remind: [15 minutes]}   # confirm: tick
rules:
  - id: new
    message: {ja: "new: 𠮷 を確認", en: 'tick'}
    when: {recipient: { "new" : true, outside: true}}   # new!
    then: hold
    confirm: tick     # 印
  - id: b
    confirm: 'tick'
    when: {recipient: {new: false}}
"""

NEW = """\
# 送信 / new: is a word here, too\r
guard: 1\r
holding: {remind_after: [15 minutes]}   # confirm: tick
rules:
  - id: new
    message: {ja: "new: 𠮷 を確認", en: 'tick'}
    when: {recipient: { "first_time" : true, outside: true}}   # new!
    then: hold
    confirm: tick_each     # 印
  - id: b
    confirm: 'tick_each'
    when: {recipient: {first_time: false}}
"""


def test_only_old_words_change() -> None:
    """Comments, quotes, line ends and the same words elsewhere stay as they are."""
    found = changes(OLD, "main.yaml", renamed=TABLE)

    assert changed(OLD, found) == NEW
    assert [(one.place.line, one.old, one.since) for one in found] == [
        (3, "remind", "0.3.0"),
        (7, "new", "0.2.0"),
        (9, "tick", "0.2.0"),
        (11, "tick", "0.2.0"),
        (12, "new", "0.2.0"),
    ]


def test_it_ends() -> None:
    """What was upgraded has nothing to upgrade."""
    assert changes(NEW, "main.yaml", renamed=TABLE) == ()


def test_never_makes_a_word_stand_twice() -> None:
    """Where both words are, a person has to say which counts; the check names the old one."""
    both = "guard: 1\nholding: {remind: 1 hour, remind_after: 2 hours}\n"

    assert changes(both, "main.yaml", renamed=TABLE) == ()


def test_no_new_word_is_an_old_one() -> None:
    """Or a file would change again and again."""
    for table in (RENAMED, TABLE):
        old = {(*one.where[:-1], one.value or one.where[-1]) for one in table}
        assert old.isdisjoint((*one.where[:-1], one.new) for one in table)
