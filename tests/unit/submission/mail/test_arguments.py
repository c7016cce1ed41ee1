"""The arguments of MAIL, RCPT and BDAT, judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.submission.answers import SYNTAX, TOO_BIG, UNKNOWN_PARAM, RefusedError
from guard.submission.mail.arguments import POSTMASTER, chunk_size, forward_path, reverse_path

EXTENSIONS = {"DSN": "", "SMTPUTF8": "", "REQUIRETLS": ""}


@pytest.mark.parametrize(
    ("param", "tls", "extensions", "refusal"),
    [
        pytest.param("REQUIRETLS", True, EXTENSIONS, None, id="announced"),
        pytest.param("requiretls", True, EXTENSIONS, None, id="in any case"),
        pytest.param("REQUIRETLS", False, EXTENSIONS, UNKNOWN_PARAM, id="client in clear"),
        pytest.param("REQUIRETLS", True, {}, UNKNOWN_PARAM, id="upstream cannot"),
        pytest.param("REQUIRETLS=yes", True, EXTENSIONS, SYNTAX, id="with a value"),
        pytest.param("RET=HDRS", True, EXTENSIONS, None, id="DSN"),
        pytest.param("RET", True, EXTENSIONS, SYNTAX, id="DSN without a value"),
        pytest.param("RET=HDRS", True, {}, UNKNOWN_PARAM, id="DSN not announced"),
        pytest.param("BODY=BINARYMIME", True, EXTENSIONS, SYNTAX, id="never announced"),
        pytest.param("SIZE=1001", True, {}, TOO_BIG, id="too big"),
        pytest.param("HOLDFOR=1", True, EXTENSIONS, UNKNOWN_PARAM, id="unknown"),
    ],
)
def test_params_of_mail(param: str, tls: bool, extensions: dict[str, str], refusal: object) -> None:
    """RFC 8689 §2 and others: only what was announced, and as it stood, case kept."""
    argument = f"FROM:<ann@example.com> {param}"
    if refusal is None:
        assert reverse_path(argument, extensions, 1000, tls=tls)[1] == (param,)
    else:
        with pytest.raises(RefusedError) as refused:
            reverse_path(argument, extensions, 1000, tls=tls)
        assert refused.value.reply == refusal


@pytest.mark.parametrize("path", ["<postmaster>", "<PostMaster>", " <postmaster> NOTIFY=NEVER"])
def test_postmaster_without_domain(path: str) -> None:
    """RFC 6409 §4.2: a submission server hands on full addresses only."""
    with pytest.raises(RefusedError) as refused:
        forward_path(f"TO:{path}", EXTENSIONS, ())
    assert refused.value.reply == POSTMASTER


@given(st.integers(0, 10**18 - 1), st.sampled_from(["", " LAST", " last", "  Last"]))
def test_size_of_a_chunk(size: int, last: str) -> None:
    """RFC 3030 §2: a number, and whether it is the last."""
    assert chunk_size(f"{size}{last}") == (size, bool(last))


@given(st.text(st.sampled_from("0189 \tLASTlast-+_.x٣"), max_size=24))
def test_any_argument_of_bdat(argument: str) -> None:
    """R-B8: whatever stands there is refused, or gives a size that cannot be mistaken."""
    try:
        size, last = chunk_size(argument)
    except RefusedError:
        return
    number, *more = argument.split(" ")
    assert number.isascii()
    assert str(size) == (number.lstrip("0") or "0")
    assert [word.upper() for word in more if word] == ["LAST"] * last
