"""The mails that are sent."""

import email.policy
import secrets
from email.message import EmailMessage
from typing import Final

from guarded import KNOWN, SENDER
from sending import Letter

BIG: Final = 10 * 1024 * 1024
POLICY: Final = email.policy.SMTP


def letter(
    recipient: str = KNOWN,
    *,
    sender: str = SENDER,
    subject: str = "Estimate for November",
    text: str = "Hello.\n.a line that begins with a dot\n..\n",
) -> tuple[Letter, str]:
    """Write an ordinary mail; give it with its Message-ID, which no other has."""
    message, message_id = _begun(recipient, sender, subject, text)
    return _sealed(message, sender, recipient), message_id


def international(recipient: str, *, sender: str = SENDER) -> tuple[Letter, str]:
    """Write a mail whose header fields are UTF-8, as RFC 6532 has them."""
    policy = POLICY.clone(utf8=True, cte_type="8bit")
    message, message_id = _begun(
        recipient, sender, "お見積り", "お世話になっております。\n", policy
    )
    return _sealed(message, sender, recipient), message_id


def big() -> tuple[Letter, str]:
    """Write a mail with a photograph of ten megabytes."""
    message, message_id = _begun(KNOWN, SENDER, "Photograph", "Here it is.\n")
    photograph = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + secrets.token_bytes(BIG) + b"\xff\xd9"
    message.add_attachment(photograph, maintype="image", subtype="jpeg", filename="photo.jpeg")
    return _sealed(message, SENDER, KNOWN), message_id


def _begun(
    recipient: str, sender: str, subject: str, text: str, policy: email.policy.Policy = POLICY
) -> tuple[EmailMessage, str]:
    message_id = f"{secrets.token_hex(8)}@example.co.jp"
    message = EmailMessage(policy=policy)
    message["From"] = f"山田 太郎 <{sender}>"
    message["To"] = recipient
    message["Subject"] = f"{subject} {message_id[:8]}"
    message["Date"] = "Thu, 26 Nov 2026 10:00:00 +0900"
    message["Message-ID"] = f"<{message_id}>"
    message.set_content(text)
    return message, message_id


def _sealed(message: EmailMessage, sender: str, recipient: str) -> Letter:
    return Letter(sender=sender, recipient=recipient, octets=message.as_bytes())
