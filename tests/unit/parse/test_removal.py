"""Leaving parts out of a message: what goes, and that nothing else changes by a byte."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse import parse
from guard.parse.removal import removable, without_parts
from guard.parse.structure import walk

HEAD = b"From: a@example.com\r\nMIME-Version: 1.0\r\n"


def part(kind: str, body: bytes = b"x", more: str = "") -> bytes:
    return f"Content-Type: {kind}\r\n{more}\r\n".encode() + body


def multipart(boundary: str, *parts: bytes, kind: str = "mixed", more: str = "") -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\r\n\r\n'.encode()
    lines = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), each) for each in parts)
    return head + lines + b"--%s--\r\n" % boundary.encode()


TEXT = part("text/plain", b"hello")
PDF = part("application/pdf; name=a.pdf", b"PDF one")
XLSX = part("application/octet-stream; name=b.xlsx", b"rows\r\nof people")
ALTERNATIVE = multipart("in", TEXT, part("text/html", b"<p>hello"), kind="alternative")
MIXED = HEAD + multipart("out", TEXT, PDF, XLSX)


def test_one_part() -> None:
    """From its delimiter line to the next one, and no octet else."""
    assert without_parts(MIXED, ["2"]) == HEAD + multipart("out", TEXT, XLSX)
    assert without_parts(MIXED, ["3"]) == HEAD + multipart("out", TEXT, PDF)
    assert without_parts(MIXED, ["3", "2"]) == HEAD + multipart("out", TEXT)
    assert without_parts(MIXED, []) is MIXED


def test_the_last_part_leaves_an_empty_text() -> None:
    """RFC 2046 §5.1.1 wants one part at least; it says nothing."""
    alone = without_parts(HEAD + multipart("out", PDF, XLSX), ["1", "2"])
    message = parse(alone)

    assert alone == HEAD + multipart("out", part("text/plain; charset=us-ascii", b""))
    assert [body.text for body in message.bodies] == [""]
    assert (message.attachments, message.defects) == ((), ())


def test_nested() -> None:
    """A part of an inner multipart leaves the outer one alone, also where it was the only one."""
    inner = multipart("in", TEXT, PDF)
    octets = HEAD + multipart("out", inner, XLSX)
    assert without_parts(octets, ["1.2"]) == HEAD + multipart("out", multipart("in", TEXT), XLSX)

    octets = HEAD + multipart("out", TEXT, multipart("in", PDF))
    empty = multipart("in", part("text/plain; charset=us-ascii", b""))
    assert without_parts(octets, ["2.1"]) == HEAD + multipart("out", TEXT, empty)


@pytest.mark.parametrize(
    ("octets", "parts"),
    [
        pytest.param(MIXED, {"1", "2", "3"}, id="mixed"),
        pytest.param(HEAD + multipart("out", ALTERNATIVE, PDF), {"1.1", "1.2", "2"}, id="nested"),
        pytest.param(HEAD + PDF, set(), id="no multipart"),
        pytest.param(MIXED[: -len("--out--\r\n")], set(), id="not closed"),
        pytest.param(HEAD + b"Content-Type: text/plain\r\n" + MIXED, set(), id="two types"),
        pytest.param(
            HEAD + multipart("other", TEXT, part("message/rfc822", MIXED)),
            {"1"},
            id="parts of a message within",
        ),
        pytest.param(
            HEAD
            + multipart(
                "out",
                TEXT,
                part("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----"),
                kind="signed",
                more="; protocol=application/pgp-signature",
            ),
            set(),
            id="PGP/MIME",
        ),
        pytest.param(
            HEAD + multipart("out", multipart("in", TEXT, PDF, kind="signed"), XLSX),
            set(),
            id="signed within",
        ),
        pytest.param(
            HEAD + multipart("out", TEXT, part("application/pkcs7-mime; name=smime.p7m"), PDF),
            set(),
            id="S/MIME",
        ),
        pytest.param(
            HEAD
            + multipart(
                "out", part("text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\r\nhello"), PDF
            ),
            set(),
            id="signed text",
        ),
        pytest.param(b"DKIM-Signature: v=1\r\n" + MIXED, {"1", "2", "3"}, id="DKIM"),
    ],
)
def test_what_can_be_left_out(octets: bytes, parts: set[str]) -> None:
    """Nothing where programs would not agree on what is left, or would call it forged."""
    assert removable(walk(octets)) == parts
    for number in {"1", "2", "3", "1.1", "2.1", "9"} - parts:
        with pytest.raises(ValueError, match="cannot be sent without"):
            without_parts(octets, [number])


def test_the_view_says_which() -> None:
    """Files that stand in a text (uuencode) are no parts."""
    text = part("text/plain", b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend")
    message = parse(HEAD + multipart("out", text, PDF))

    assert [(each.part, each.removable) for each in message.attachments] == [
        ("1", False),
        ("2", True),
    ]


@dataclass(frozen=True)
class Node:
    """A part that is generated: a leaf with its words, or a multipart."""

    words: bytes = b""
    parts: tuple["Node", ...] = ()


WORDS = st.binary(max_size=30).map(lambda octets: octets.hex().encode())
TREES = st.recursive(
    st.builds(Node, words=WORDS),
    lambda inner: st.builds(Node, parts=st.lists(inner, min_size=1, max_size=4).map(tuple)),
    max_leaves=9,
)


def written(node: Node, number: str = "b") -> bytes:
    """Write a tree; no two boundaries begin alike."""
    if not node.parts:
        return part(f'application/x-test; name="{number}"', node.words)
    inside = [written(each, f"{number}.{at}") for at, each in enumerate(node.parts, 1)]
    return multipart(f"={number}=", *inside)


def leaves(octets: bytes) -> list[tuple[str, bytes]]:
    """Names and content of all parts, less the empty text that stands for none."""
    return [
        (leaf.head.get("content-type"), leaf.octets)
        for leaf in walk(octets).leaves
        if not leaf.head.get("content-type").startswith("text/plain")
    ]


@given(st.lists(TREES, min_size=1, max_size=4), st.data())
def test_any_parts_of_any_tree(nodes: list[Node], data: st.DataObject) -> None:
    """The others are found again, whole, and every octet that is left stood there before."""
    octets = HEAD + written(Node(parts=tuple(nodes)))
    tree = walk(octets)
    assert removable(tree) == {leaf.number for leaf in tree.leaves}
    out = data.draw(st.sets(st.sampled_from([leaf.number for leaf in tree.leaves])))

    left = without_parts(octets, out)

    expected = [
        (leaf.head.get("content-type"), leaf.octets)
        for leaf in tree.leaves
        if leaf.number not in out
    ]
    assert leaves(left) == expected
    assert walk(left).defects == {}
    empty = re.compile(rb"Content-Type: text/plain; charset=us-ascii\r\n\r\n\r\n")
    rest = iter(octets)
    assert all(octet in rest for octet in empty.sub(b"", left))
