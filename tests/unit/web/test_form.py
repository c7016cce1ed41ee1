"""What browsers, and others, post."""

import asyncio
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from guard.web import form
from guard.web.form import NoForm, Said, parse, read

FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)


@given(st.binary(max_size=300))
def test_any_body_is_a_form_or_none(body: bytes) -> None:
    """Whatever comes is read, or refused with our own exception."""
    try:
        said = parse(FORM, body)
    except NoForm:
        return
    assert isinstance(said, Said)


@given(TEXT, st.lists(TEXT, max_size=5), TEXT)
def test_a_form_says_what_was_said(action: str, ticked: list[str], reason: str) -> None:
    """Fields come out as they were put in; blanks around words do not count."""
    fields = {"action": action, "confirm": ticked, "reason": reason, "other": "x"}

    said = parse(FORM, urlencode(fields, doseq=True).encode())

    assert said == Said(action=action, ticked=frozenset(ticked), reason=reason.strip())


async def test_a_browser_that_stalls_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a request open by sending nothing."""
    monkeypatch.setattr(form, "FORM_S", 0.0)

    async def receive() -> Message:
        return await asyncio.get_running_loop().create_future()

    async def more() -> int:
        raise AssertionError("nothing came")

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(ClientDisconnect):
        await read(request, more)


@pytest.mark.parametrize(
    ("body", "wished"), [(b"action=send&never_again=1", True), (b"action=send", False)]
)
def test_never_again(body: bytes, wished: bool) -> None:
    """The wish is a box of its own: left alone, nothing comes of it."""
    assert parse("application/x-www-form-urlencoded", body).never_again is wished
