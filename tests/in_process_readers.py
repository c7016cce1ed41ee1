"""
`ports.Readers` without child processes, for tests that open only their own files.

`tests/contract/test_readers_contract.py` holds it to the same promises as the sandbox.
"""

from collections.abc import Sequence

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract
from guard.model.message import Attachment


class InProcessReaders:
    """Reads in this process."""

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """As `ports.Readers.read`."""
        return tuple(
            read(
                file.name,
                file.octets,
                budget=Budget(),
                charset=file.charset,
                inline=file.inline,
                password=password,
            )
            for file in attachments
        )
