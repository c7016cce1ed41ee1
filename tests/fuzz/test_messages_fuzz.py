"""R-B1 to R-B3: messages by DATA and BDAT in any pieces, judged as a slow reader judges them."""

import asyncio

from budget import examples
from false_ends import FALSE_ENDS
from hypothesis import given
from hypothesis import strategies as st
from line import LIMIT_BYTES, TAKEN, Yes, replies, talk
from mutation import SIZES, cut

from guard.memory import Memory
from guard.model.errors import StoreFullError
from guard.model.reply import Reply
from guard.submission.answers import STRAY, TOO_BIG
from guard.submission.mail.data import Pace, receive
from guard.submission.mail.intake import UNENDED, Intake, Terms

LIMIT = 60
MEMORY = 150
NO_HURRY = Pace(lambda: 0.0, grace_s=1, bytes_s=1)
BITS = st.sampled_from(
    [b"\r\n", b"\r\n.", b"\r\n.\r\n", b".", b"\r", b"\n", b"\0", b"..", b"a", b"xyz" * 9, b"\xff"]
)
LEGAL = st.lists(st.sampled_from([b".", b"..", b"a", b"\xff\xfe", b"xyz"]), max_size=3).map(
    b"".join
)
WIRES = st.one_of(
    st.lists(BITS | st.sampled_from(FALSE_ENDS) | st.binary(max_size=4), max_size=20).map(b"".join),
    st.lists(LEGAL, max_size=12).map(lambda lines: b"\r\n".join([*lines, b".", b"NOOP\r\n"])),
)


def lines_of(wire: bytes) -> tuple[list[bytes], bytes] | None:
    """Read a message line by line, octet by octet, up to the line of a dot; and the rest."""
    lines: list[bytes] = []
    line = b""
    for at in range(len(wire)):
        line += wire[at : at + 1]
        if not line.endswith(b"\r\n"):
            continue
        if line == b".\r\n":
            return lines, wire[at + 1 :]
        lines.append(line[1:] if line.startswith(b".") else line)
        line = b""
    return None


def judged(octets: bytes, *, normalize: bool, limit: int) -> bytes | Reply:
    """What is to become of a message, each octet looked at by itself."""
    if normalize:
        lines: list[bytes] = [b""]
        before = b""
        for octet in (octets[n : n + 1] for n in range(len(octets))):
            if octet == b"\r" or (octet == b"\n" and before != b"\r"):
                lines.append(b"")
            elif octet != b"\n":
                lines[-1] += octet
            before = octet
        octets = b"\r\n".join(lines)
    if len(octets) > limit:
        return TOO_BIG
    for at, octet in enumerate(octets):
        before, after = octets[at - 1 : at], octets[at + 1 : at + 2]
        if octet == 0 or (octet == 10 and before != b"\r") or (octet == 13 and after != b"\n"):
            return STRAY
    return octets if not octets or octets.endswith(b"\r\n") else UNENDED


async def received(
    pieces: list[bytes], *, normalize: bool, limit: int, memory: Memory, spool: int
) -> tuple[bytes | Reply, bytes] | None:
    """The same by Guard; `None`: it waits for more."""
    waiting = iter(pieces)
    terms = Terms(limit_bytes=limit, spool_bytes=spool, memory=memory, normalize=normalize)
    intake = Intake(terms)

    async def read() -> bytes:
        return next(waiting)

    try:
        octets, rest = await receive(read, intake, NO_HURRY, limit)
    except RuntimeError:  # of StopIteration in a coroutine: there was no end
        return None
    finally:
        intake.discard()
    assert rest is not None
    rest += b"".join(waiting)
    if isinstance(octets, Reply):
        return octets, rest
    try:
        return octets.whole(), rest
    finally:
        octets.close()


@examples(600)
@given(
    wire=WIRES,
    sizes=SIZES,
    normalize=st.booleans(),
    limit=st.sampled_from([LIMIT, 10_000]),
    spool=st.sampled_from([1, 16, 10_000]),
    short=st.booleans(),
)
def test_data(
    wire: bytes, sizes: list[int], normalize: bool, limit: int, spool: int, short: bool
) -> None:
    """R-B1, R-B2, R-B3: the same message or refusal, and the same rest; no memory is kept."""
    memory = Memory(MEMORY if short else 10**6)
    found = asyncio.run(
        received(cut(wire, sizes), normalize=normalize, limit=limit, memory=memory, spool=spool)
    )
    assert memory.used_bytes == 0
    read = lines_of(wire)
    if read is None:
        assert found is None
        return
    lines, rest = read
    expected = judged(b"".join(lines), normalize=normalize, limit=limit)
    assert found is not None
    # Where memory is short, a message may be put off, but no other reason is ever made up.
    assert found[0] == expected or (short and found[0] == StoreFullError.reply)
    assert found[1] == rest


CHUNKS = st.lists(
    st.tuples(
        st.lists(BITS | st.sampled_from(FALSE_ENDS), max_size=8).map(b"".join)
        | st.just(b"x" * 1000),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@examples(200)
@given(chunks=CHUNKS, sizes=SIZES, normalize=st.booleans())
def test_bdat(chunks: list[tuple[bytes, bool]], sizes: list[int], normalize: bool) -> None:
    """R-B2, R-B3, R-B9: one reply a chunk, and what was answered 250 is what was taken."""
    envelope = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"
    octets, expected, taken = b"EHLO c.test\r\n", ["220", "250"], []
    message, refused, begun = b"", False, False  # `refused`: up to the last chunk
    for chunk, last in chunks:
        if not begun:
            octets += envelope
            expected += ["250", "250"]
            begun = True
        octets += b"BDAT %d%s\r\n%s" % (len(chunk), b" LAST" * last, chunk)
        message += chunk
        so_far = judged(message, normalize=normalize, limit=LIMIT_BYTES)
        if refused:
            expected.append("552")
            message, begun, refused = (b"", False, False) if last else (message, True, True)
        elif last:
            expected.append("250" if isinstance(so_far, bytes) else str(so_far.code))
            taken += [so_far] if isinstance(so_far, bytes) else []
            message, begun = b"", False
        else:
            # A CR at the end may wait for its LF: it is not counted before that has come.
            sure = message[:-1] if normalize and message.endswith(b"\r") else message
            refused = judged(sure, normalize=normalize, limit=LIMIT_BYTES) == TOO_BIG
            expected.append("552" if refused else "250")
    upstream = Yes()
    mode = "normalize" if normalize else "reject"
    pieces = cut(octets + b"NOOP\r\n", sizes)
    said = asyncio.run(talk(pieces, patient=True, upstream=upstream, stray_line_ends=mode))
    assert [line[:3] for line in replies(said)] == [*expected, "250"]
    assert [octets for _, octets in upstream.taken] == taken
    assert said.count(TAKEN.lines()[0].encode()) == len(taken)
