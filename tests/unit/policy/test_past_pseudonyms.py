"""Names as keyed hashes: what a pattern says of a name, it says of what was rebuilt."""

from hypothesis import given
from hypothesis import strategies as st

from guard.model.address import Address
from guard.policy.globs import Glob
from guard.policy.past.pseudonyms import Dictionary, Pseudonyms, tagged

KEY = Pseudonyms(b"k" * 32)
WORDS = ("a", "ab", "b", "sales", "sub", "kita", "日本")
LABELS = st.sampled_from(WORDS)
DOMAINS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ADDRESSES = st.builds(lambda local, domain: Address.parse(f"{local}@{domain}"), LABELS, DOMAINS)


def rebuilt(address: Address, pattern: str) -> Address:
    """What is read of an address by somebody who names what stands in *pattern*."""
    local, _, domain = pattern.rpartition("@")
    named = Dictionary(KEY, locals_=[local], domains=[domain.removeprefix("*.")])
    return named.address(KEY.address(address))


@given(ADDRESSES, LABELS | st.just("*"), DOMAINS | st.just("*") | DOMAINS.map("*.{}".format))
def test_patterns_of_names_are_answered(address: Address, local: str, domain: str) -> None:
    """A name, a domain, all below a domain, a local part anywhere: yes and no as before."""
    glob = Glob(f"{local}@{domain}")
    again = rebuilt(address, glob.text)

    assert glob.matches(again.key, again.text) == glob.matches(address.key, address.text)


@given(ADDRESSES, ADDRESSES, DOMAINS)
def test_two_stay_two_and_one_stays_one(one: Address, other: Address, named: str) -> None:
    """Hashes are compared as addresses are: equal exactly where these are."""
    dictionary = Dictionary(KEY, domains=[named])
    first, second = (dictionary.address(KEY.address(each)) for each in (one, other))

    assert (first == second) == (one == other)
    assert (first.domain == second.domain) == (one.domain == other.domain)


@given(ADDRESSES, st.sampled_from(["*a*@*", "?@*", "*", "s*@kit?", "*b@*.a"]))
def test_what_was_asked_in_time_is_kept_as_a_tag(address: Address, pattern: str) -> None:
    """Any pattern can be answered that the policy had when the mail came."""
    glob = Glob(pattern)
    again = Dictionary(KEY).address(KEY.address(address, (glob,)))

    assert tagged(glob).matches(again.key, again.text) == glob.matches(address.key, address.text)
    assert not Glob("x@y.example").matches(again.key, again.text)


def test_another_key_is_another_name() -> None:
    """Without the key nobody can look whether somebody was written to."""
    address = Address.parse("ann@north.example")

    assert Pseudonyms(b"x" * 32).address(address) != KEY.address(address)


def test_files_keep_their_kind() -> None:
    """The extension is the kind of a file; what stands before it is its name."""
    dictionary = Dictionary(KEY, files=["list.csv"])

    assert dictionary.file(KEY.file("LIST.CSV")) == "list.csv"
    inner = dictionary.file(KEY.file("見積 2026.zip/北商事.xlsx"))
    outer, _, last = inner.partition("/")
    assert (outer[-4:], last[-5:]) == (".zip", ".xlsx")
    assert "見積" not in inner
    assert KEY.file("") == ""
    assert "." not in KEY.file("Wie gesagt. Dein Name")  # no extension, but words
