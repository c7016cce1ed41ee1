"""Which header fields carry words of whoever wrote the message."""

import re
from collections.abc import Iterable
from typing import Final

_NO_PROSE: Final = re.compile(
    # Who: everybody in these is the sender or gets the message.
    r"(?:resent-)?(?:from|to|cc|bcc|reply-to|sender)|apparently-to|errors-to|return-receipt-to"
    r"|disposition-notification-to|delivered-to|return-path|x-(?:original|envelope)-(?:to|from)"
    r"|x-(?:sender|receiver)|autocrypt"
    # When and along which way.
    r"|(?:resent-)?(?:date|message-id)|references|in-reply-to|(?:x-)?received(?:-spf)?"
    r"|thread-index|mime-version|user-agent|x-mailer"
    # What machines say to machines.
    r"|(?:x-)?(?:google-)?dkim-signature|domainkey-signature|arc-.*|authentication-results"
    r"|x-ms-exchange-.*|x-microsoft-antispam.*"
    # What gives a part its structure.
    r"|content-(?:type|transfer-encoding|disposition|id|md5|length|language)",
    re.IGNORECASE,
)


def prose(fields: Iterable[tuple[str, str]]) -> str:
    """
    Give the fields, name and decoded value, that a reader of the source would find words in.

    Left out are fields of addresses, of the way here, of signatures, and of MIME's structure.
    """
    return "\n".join(
        f"{name}: {value}" for name, value in fields if value and not _NO_PROSE.fullmatch(name)
    )
