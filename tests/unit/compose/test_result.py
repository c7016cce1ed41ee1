"""The mails that tell how it ended."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from factories import HELD_AT, hold
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.letterhead import Letterhead
from guard.compose.result import failed, returned, told
from guard.model.hold import Hold, HoldState

LETTERHEAD = Letterhead(
    from_="Mail check <guard@example.co.jp>",
    public_url="https://guard.example.co.jp",
    time_zone="Asia/Tokyo",
)


def parsed(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@given(st.binary(max_size=3000))
def test_the_original_comes_back_as_it_was(octets: bytes) -> None:
    """Under ``X-Unsent`` stand the very octets, whatever they are; on the wire all is ASCII."""
    mail = returned(hold(), octets, expired=False, letterhead=LETTERHEAD, now=HELD_AT)

    (enclosed,) = parsed(mail).iter_attachments()
    assert enclosed.get_content_type() == "application/octet-stream"
    assert enclosed["Content-Transfer-Encoding"] == "base64"
    assert enclosed.get_content() == b"X-Unsent: 1\r\n" + octets
    assert mail.isascii()


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        pytest.param("11月分お見積り", "11月分お見積り.eml", id="Japanese"),
        pytest.param("", "H-7K3Q-M2.eml", id="none"),
        pytest.param("../../etc/passwd", "etc_passwd.eml", id="a path"),
        pytest.param(
            'a"; filename="evil.exe\r\nX: y', "a_; filename=_evil.exe X_ y.eml", id="trick"
        ),
        pytest.param("\u202egpj", "U+202E_gpj.eml", id="right to left"),
        pytest.param("x" * 500, "x" * 79 + "….eml", id="long"),
    ],
)
def test_file_name(subject: str, name: str) -> None:
    """The file is named after the subject, and no file system stumbles over it."""
    mail = returned(
        hold(subject=subject), b"a\r\n", expired=False, letterhead=LETTERHEAD, now=HELD_AT
    )

    (enclosed,) = parsed(mail).iter_attachments()
    assert enclosed.get_filename() == name


@pytest.mark.parametrize(
    ("language", "expired", "subject", "words"),
    [
        ("ja", False, "[送信を取りやめました] 11月分お見積り", "ご指示のとおり"),
        ("ja", True, "[送信を取りやめました] 11月分お見積り", "11月24日(火) 15:04 までに"),
        ("en", False, "[Not sent] 11月分お見積り", "As you chose"),
        ("en", True, "[Not sent] 11月分お見積り", "no answer until Tue 24 Nov, 15:04 JST"),
    ],
)
def test_returned_says_why(language: str, expired: bool, subject: str, words: str) -> None:
    """Whether the sender chose so or nobody answered."""
    held = hold(language=language)
    message = parsed(returned(held, b"x\r\n", expired=expired, letterhead=LETTERHEAD, now=HELD_AT))

    assert message["Subject"] == subject
    assert words in " ".join(text_of(message).split())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] == held.message_id


@pytest.mark.parametrize(
    ("held", "subject", "words"),
    [
        pytest.param(
            hold(language="en", state=HoldState.FAILED, reply="550 5.1.1 No such\tuser"),
            "[Could not be delivered] 11月分お見積り",
            "550 5.1.1 No such user",
            id="refused",
        ),
        pytest.param(
            hold(
                language="en",
                state=HoldState.DELIVERED,
                reply="250 2.0.0 Ok\nb@c.example: 550 5.1.1 No such user",
            ),
            "[Not delivered to everybody] 11月分お見積り",
            "250 2.0.0 Ok b@c.example: 550 5.1.1 No such user",
            id="refused in part",
        ),
        pytest.param(
            hold(state=HoldState.FAILED),
            "[送信できませんでした] 11月分お見積り",
            "返事がありませんでした",
            id="no reply at all",
        ),
        pytest.param(
            hold(language="en", state=HoldState.UNKNOWN),
            "[Perhaps not delivered] 11月分お見積り",
            "Please ask the recipient whether it arrived",
            id="nobody knows",
        ),
    ],
)
def test_failed_tells_the_upstream_s_own_words(held: Hold, subject: str, words: str) -> None:
    """What the mail server said, on one line, and what happens next."""
    message = parsed(failed(held, letterhead=LETTERHEAD, now=HELD_AT))

    assert message["Subject"] == subject
    assert words in " ".join(text_of(message).split())


def test_results_are_mails_of_their_own() -> None:
    """Notice, return and failure differ in Message-ID: no client takes one for a copy."""
    ids = {
        parsed(returned(hold(), b"", expired=True, letterhead=LETTERHEAD, now=HELD_AT))[
            "Message-ID"
        ],
        parsed(failed(hold(), letterhead=LETTERHEAD, now=HELD_AT))["Message-ID"],
    }

    assert len(ids) == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_told_says_what_was_noticed(language: str) -> None:
    """``then: tell``: the mail is gone, and its sender hears why somebody should look again."""
    sent = hold(language=language)
    message = parsed(told(sent, letterhead=LETTERHEAD, now=HELD_AT))

    assert dict(sent.verdict.matches[0].sentences)[language][0].split("@")[0] in text_of(message)
    assert {"ja": "送信済み", "en": "Sent"}[language] in message["Subject"]
    assert "http" not in text_of(message)
