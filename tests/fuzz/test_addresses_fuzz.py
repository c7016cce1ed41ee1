"""R-B8, R-D1: any octets in MAIL or RCPT are refused, or go upstream as they were judged."""

import re
import unicodedata

from budget import examples
from hypothesis import example, given
from hypothesis import strategies as st
from mutation import mutated

from guard.model.address import Address
from guard.submission.answers import RefusedError
from guard.submission.mail.arguments import forward_path, reverse_path
from guard.upstream.commands import command_line

EXTENSIONS = dict.fromkeys(("SMTPUTF8", "DSN", "8BITMIME", "SIZE"), "")

PATHS = st.sampled_from(
    [
        "a@b.test",
        "First.Last+tag@Example.COM",
        '"a b"@example.com',
        r'"a\"> b"@example.com',
        '"a@evil.test"@example.com',
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "a@xn--r8jz45g.test",
        "花子@例え.test",
        "=?utf-8?q?evil=40evil.test?=@clean.test",
        "@evil.test,@b.test:a@clean.test",
        "a(b@evil.test)@clean.test",
        "a@clean.test> <b@evil.test",
        "user%other.test@example.com",
        "!#$%&'*+/=?^_`{|}~-@example.com",
        "x" * 64 + "@" + ".".join(["b" * 63] * 3) + ".test",
        "",
    ]
).map(str.encode)
PARAMS = st.sampled_from(
    [b"", b" NOTIFY=NEVER", b" ORCPT=rfc822;a+40b.test", b" X=1", b" NOTIFY", b" NOTIFY=a=b"]
)

# RFC 5321 §4.1.2 and RFC 6531 §3.3, written down a second time: bare, without what we forbid.
ATEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010ffff]"
LABEL = (
    r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9_\-\u0080-\U0010ffff]*[A-Za-z0-9\u0080-\U0010ffff])?"
)
MAILBOX = re.compile(
    rf"""(?P<local>{ATEXT}+(?:\.{ATEXT}+)*|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*")
    @(?P<domain>{LABEL}(?:\.{LABEL})*|\[[0-9A-Fa-fIPv.:]+\])""",
    re.VERBOSE,
)


def as_said(octets: bytes) -> str | None:
    """The line as a session gives it to its parser; `None`: it is refused before."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return None if re.search(r"[\x00-\x1f\x7f]", text) else text


@examples(1000)
@given(path=mutated(PATHS, most=3) | st.binary(max_size=40), params=PARAMS)
@example(path="a@b.test\u3002evil.test".encode(), params=b"")
@example(path=b'"\\\\"@b.test', params=b"")
def test_any_path(path: bytes, params: bytes) -> None:
    """R-D1: one address, to the letter, which a second reader reads alike; or a refusal."""
    said = as_said(b"TO:<" + path + b">" + params)
    if said is None:
        return
    try:
        address, kept = forward_path(said, EXTENSIONS, ("SMTPUTF8",))
    except RefusedError as refused:
        code = refused.reply.code
    else:
        code = 250
    assert code in {250, 501, 550, 553, 555}
    if code != 250:
        return
    goes_out = command_line("RCPT TO", address, kept, EXTENSIONS).decode()
    head, sep, tail = goes_out.partition(f"<{address.text}>")
    assert (head, sep) == ("RCPT TO:", f"<{address.text}>")
    assert tail.split(" ")[1:] == list(kept)
    assert tail.isascii()
    assert said.startswith(f"TO:<{address.text}>")

    read_again = MAILBOX.fullmatch(address.text)
    assert read_again is not None
    assert Address.parse(address.text) == address
    assert address.domain.casefold() == address.domain
    domain = unicodedata.normalize("NFKC", read_again["domain"])
    assert not set(domain) & set('@<>()[],;:\\" ') or address.domain.startswith("[")
    assert "@" not in address.domain
    assert "=?" not in address.text or "?=" not in address.text.partition("=?")[2]


@examples(500)
@given(
    path=PATHS | mutated(PATHS, most=1),
    params=mutated(
        st.sampled_from(
            [
                b" SMTPUTF8 SIZE=100 BODY=8BITMIME RET=HDRS ENVID=a+20b AUTH=<>",
                *(b" ENVID=x", b" ENVID=", b" ENVID=a=b", " ENVID=花".encode(), b""),
            ]
        ),
        most=2,
    ),
)
def test_any_argument_of_mail(path: bytes, params: bytes) -> None:
    """R-D1, R-D2: the null sender, an address to the letter, or a refusal; parameters as given."""
    said = as_said(b"FROM:<" + path + b">" + params)
    if said is None:
        return
    try:
        sender, kept = reverse_path(said, EXTENSIONS, 10_000)
    except RefusedError as refused:
        code = refused.reply.code
    else:
        code = 250
    assert code in {250, 501, 552, 553, 555}
    if code != 250:
        return
    assert (sender is None) == said.startswith("FROM:<>")
    assert said.startswith(f"FROM:<{sender or ''}>")
    words = said[len(f"FROM:<{sender or ''}>") :].split(" ")
    assert [word for word in words if word and not word.upper().startswith("AUTH=")] == list(kept)
    assert all(re.fullmatch(r"[A-Z0-9]+(?:=[!-<>-~]+)?", word, re.IGNORECASE) for word in kept)
    goes_out = command_line("MAIL FROM", sender, kept, EXTENSIONS)
    assert goes_out == " ".join((f"MAIL FROM:<{sender or ''}>", *kept)).encode()


@examples(400)
@given(one=mutated(PATHS, most=1), other=mutated(PATHS, most=1))
def test_equal_means_equal(one: bytes, other: bytes) -> None:
    """R-D4: addresses are equal exactly where their keys are, and then their hashes are."""
    found = []
    for path in (one, other):
        try:
            found.append(Address.parse(path.decode()))
        except ValueError:
            return
    first, second = found
    assert (first == second) == (first.key == second.key)
    assert first != second or hash(first) == hash(second)
