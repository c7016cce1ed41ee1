"""The argument of MAIL and RCPT: path and parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.address import Address, AddressError
from guard.submission.mail.addresses import ParamError, keyword, parse_path, value


@pytest.mark.parametrize(
    ("argument", "mailbox", "params"),
    [
        pytest.param("<a@b.test>", "a@b.test", (), id="plain"),
        pytest.param(" <a@b.test> ", "a@b.test", (), id="spaces around"),
        pytest.param("<>", None, (), id="null path"),
        pytest.param("<> BODY=8BITMIME", None, ("BODY=8BITMIME",), id="null path with parameter"),
        pytest.param(
            "<Ann@B.Test> size=10  SMTPUTF8",
            "Ann@B.Test",
            ("size=10", "SMTPUTF8"),
            id="case is kept",
        ),
        pytest.param('<"a> b"@c.test> X=1', '"a> b"@c.test', ("X=1",), id="bracket in quotes"),
        pytest.param(r'<"a\"> b"@c.test>', r'"a\"> b"@c.test', (), id="quote in quotes"),
        pytest.param("<花子@例え.test>", "花子@例え.test", (), id="UTF-8"),
        pytest.param("<a@b.test> SIZE", "a@b.test", ("SIZE",), id="parameter without value"),
    ],
)
def test_paths(argument: str, mailbox: str | None, params: tuple[str, ...]) -> None:
    """Path and parameters are told apart, and kept to the letter."""
    address, found = parse_path(argument)
    assert (address.text if address else None, found) == (mailbox, params)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "a@b.test",
        "<a@b.test",
        "a@b.test>",
        "<<a@b.test>>",
        "<a@b.test>>",
        "<a@b.test>SIZE=1",
        "<a@b.test><c@d.test>",
        "< a@b.test>",
        "< >",
        "<@relay.test,@b.test:a@c.test>",
        "<a@b@c.test>",
        '<"a@b.test>',
        '<"a"@b.test" c>',
        "<=?utf-8?q?a=0d=0aRCPT_TO:<evil@x>?=@clean.test>",
        "Ann <a@b.test>",
        "<a@b.test> <c@d.test>",
        "<a@b.test>\tSIZE=1",
        "<a@b.test>\u00a0SIZE=1",
        "<a@b.test> ENVID=x=y",
        "<a@b.test> =1",
        "<a@b.test> SIZE=",
        "<a@b.test> SIZE=1 size=2",
        "<a@b.test> X=花",
        "<a@b.test> X=\u007f",
    ],
)
def test_refused(argument: str) -> None:
    """R-D1: no brackets, two paths, source routes, encoded words, odd parameters: all refused."""
    with pytest.raises((AddressError, ParamError)):
        parse_path(argument)


def test_keyword_and_value() -> None:
    """A parameter has a name without case, and perhaps a value."""
    assert (keyword("ret=Hdrs"), value("ret=Hdrs")) == ("RET", "Hdrs")
    assert (keyword("SmtpUtf8"), value("SmtpUtf8")) == ("SMTPUTF8", "")


@given(st.text(max_size=60) | st.from_regex(r"\A<[^>]{0,20}@[^>]{0,20}>.{0,20}\Z"))
def test_any_text(argument: str) -> None:
    """Any text is a path whose address stands in it to the letter, or one of the two errors."""
    try:
        address, params = parse_path(argument)
    except (AddressError, ParamError):
        return
    assert f"<{address.text if address else ''}>" in argument
    assert address is None or Address.parse(address.text) == address
    assert all(param in argument and param.isascii() for param in params)
