"""The mail server behind the guard: it notes what came when, and keeps nothing of it."""

import asyncio
import email
import email.policy
import re
from typing import Final

from tests.smarthost import Smarthost
from tests.soak.account import MARK, Account

LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/m/[A-Za-z0-9_-]+")


class Ledger(Smarthost):
    """Enters every mail in the account; links of notices go to those who answer."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account
        self.links: asyncio.Queue[str] = asyncio.Queue()
        """Every link of a notice, each time that it comes."""

        self.others = 0
        """Mails that are neither the load's nor notices: results and the like."""

    async def _taken(self, session, octets: bytes, *, stuffed: bool = False) -> None:
        before = len(self.messages)
        try:
            await super()._taken(session, octets, stuffed=stuffed)
        finally:
            self._enter(before)

    def _enter(self, before: int) -> None:
        now = asyncio.get_running_loop().time()
        for mail in self.messages[before:]:
            if mail.mail_from:
                found = MARK.search(mail.octets[:4096].decode("ascii", "replace"))
                assert found is not None
                self._account.mails[int(found[1])].arrived.append(now)
            else:
                self._ours(mail.octets)
        del self.messages[before:]
        del self.commands[:]

    def _ours(self, octets: bytes) -> None:
        """Take a mail that the guard wrote itself."""
        message = email.message_from_bytes(octets, policy=email.policy.default)
        body = message.get_body(("plain",))
        links = LINK.findall(body.get_content()) if body is not None else []
        if not links:
            self.others += 1
        for link in dict.fromkeys(links):
            self.links.put_nowait(link)
