"""What of a message itself is searched for customers."""

from guard.examine import own_text
from guard.parse import parse


def test_words_wherever_they_stand() -> None:
    """Every subject, every field with words and every file name; but nobody's address."""
    message = parse(
        b"From: from@example.com\r\nTo: to@example.com\r\nReply-To: reply@example.com\r\n"
        b"Received: by trace.example.com\r\nDKIM-Signature: signed\r\n"
        b"Subject: one\r\nSubject: two\r\nX-Note: three\r\nComments: four\r\n"
        b"Content-Type: text/plain; name=five.txt\r\n\r\nsix\r\n"
    )
    assert [(passage.place, passage.text) for passage in own_text(message)] == [
        ("", "one"),
        ("header", "Subject: one\nSubject: two\nX-Note: three\nComments: four"),
        ("file names", "five.txt"),
    ]
