"""
Errors that Guard raises on purpose.

    GuardError                451 4.3.0  base; never raised itself
    ├── UpstreamError         451 4.4.1  the real mail server is away, slow or speaks nonsense
    ├── StoreError            451 4.3.0  the database is away or locked
    │   ├── StoreFullError    452 4.3.1  the disk is full
    │   ├── SchemaError       —          the database was made by another version (exit 78)
    │   ├── StaleHoldError    —          a hold is no longer in the state that was expected
    │   ├── NoSuchHoldError   —          no hold has this id or token
    │   └── DamagedError      —          what was kept is not what stands there now
    ├── LoginRefusedError     535 5.7.8  a login is wrong; the one permanent reply, RFC 4954 §6
    ├── KeyFileError          —          the key file is missing, wrong or readable by others
    ├── SourceError           —          a contact or list file cannot be used
    │   └── SourceAwayError   —          what contacts come from does not answer now
    ├── SearchLimitError      —          one mail takes too long to search for rows of lists
    ├── ListenError           —          an address cannot be had (exit 69); in `guard.host`
    └── SettingsError         —          guard.toml or a policy is wrong: refuse to start (exit 78)

Every reply to a client is temporary, but that to a wrong login: a fault of ours is never a reason
for a bounce.
Clients are told general words; the details go to the log.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from guard.model.reply import Reply
from guard.problems import Problem


class GuardError(Exception):
    """Base of all errors that Guard raises on purpose; never raised itself."""

    reply: ClassVar[Reply] = Reply(451, "4.3.0", "Temporary failure, try again later")


class UpstreamError(GuardError):
    """The upstream cannot be reached, did not answer in time or did not speak SMTP."""

    reply: ClassVar[Reply] = Reply(
        451, "4.4.1", "The mail server behind this one does not answer, try again later"
    )


class LoginRefusedError(GuardError):
    """A login is wrong; `answer` is what the client is told: the upstream's own words, or ours."""

    reply: ClassVar[Reply] = Reply(535, "5.7.8", "Authentication credentials invalid")

    def __init__(self, answer: Reply | None = None) -> None:
        super().__init__("login refused")
        self.answer = answer or self.reply


class StoreError(GuardError):
    """The database could not do what was asked; nothing was changed."""


class StoreFullError(StoreError):
    """There is no room for another held message."""

    reply: ClassVar[Reply] = Reply(452, "4.3.1", "Insufficient system storage, try again later")


class SchemaError(StoreError):
    """The tables are of another version of Guard: waiting is no use, the message says what is."""


class StaleHoldError(StoreError):
    """A hold is no longer in the state that the change was meant for; nothing was changed."""


class NoSuchHoldError(StoreError):
    """No hold has this id or token."""


class DamagedError(StoreError):
    """What was kept is not what stands on disk now: waiting or trying again does not mend it."""


class KeyFileError(GuardError):
    """The key file is missing, damaged or open to others; the message says how to mend it."""


class SourceError(GuardError):
    """A file of contacts or customers cannot be used; the message names line and remedy."""


class SourceAwayError(SourceError):
    """A source of contacts does not answer now; trying again later may go better."""


class SearchLimitError(GuardError):
    """The search of one mail for rows of lists was given up; trying again would not help."""


class SettingsError(GuardError):
    """
    Settings or policy are wrong.

    `problems` holds every one, in file order; `sources` the text of each file that they stand in.
    """

    def __init__(self, problems: Sequence[Problem], sources: Mapping[str, str]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.sources = dict(sources)
