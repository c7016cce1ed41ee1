"""The policy in force, and what mails take from it; a bad one never replaces a good one."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Final

import structlog
from prometheus_client import Gauge

from guard.app.policy_files import PolicyFiles
from guard.compose.letterhead import Letterhead
from guard.config import Settings
from guard.model.errors import SettingsError
from guard.policy import Policy, load
from guard.policy.granted import Granted, granting
from guard.problems import Problem, did_you_mean
from guard.store.clock import machine_time

POLICY_CURRENT: Final = Gauge(
    "guard_policy_last_reload_successful",
    "1, or 0 while a bad policy is passed over for the last good one; of all workers, the least.",
    multiprocess_mode="livemin",
)

BUDGET: Final = Gauge(
    "guard_lookalike_hold_budget",
    "Share of mail that the policy in force lets be held for look-alikes.",
    multiprocess_mode="livemax",
)

log = structlog.get_logger()


class InForce:
    """The last good policy, held against the settings, with the exceptions of the database."""

    def __init__(self, settings: Settings) -> None:
        """
        Load it.

        Raises:
            SettingsError: It is wrong, or it can hold mail that could then not be released.
        """
        self._settings: Final = settings
        self.files: Final = PolicyFiles(settings.policies)
        self._written = usable_policy(settings)
        self._granted: Sequence[Granted] = ()
        # A reload lays in a thread what exceptions change meanwhile: neither may undo the other.
        self._laying: Final = Lock()
        self.policy: Policy = self._written
        self.loaded_at: datetime = machine_time()
        self.problems: tuple[str, ...] = ()
        """What is wrong with what the folder has by now, which is therefore not in force."""

        self.refused = ""
        """A hash of that; empty where nothing is wrong."""

        self._tell()

    def reload(self, *, whole: bool = False) -> bool:
        """
        Read it again, and say whether that replaced it; why not stands in the log.

        *whole*: only if no file changed meanwhile; else it is as if nothing had been read, and
        `files` goes on to tell of the change.
        """
        self.files.take()
        try:
            written = usable_policy(self._settings)
        except SettingsError as error:
            if whole and self.files.moved():
                return False
            POLICY_CURRENT.set(0)
            self.problems = tuple(map(str, error.problems))
            self.refused = _version(error)
            # The words of a problem may repeat an address; the place is enough to find it.
            places = [f"{one.file}:{one.line}:{one.column}" for one in error.problems]
            log.error("policy.refused", at=places, see="guard policy check")  # noqa: TRY400
            return False
        if whole and self.files.moved():
            return False
        with self._laying:
            self._written, self.problems, self.refused = written, (), ""
            self.loaded_at = machine_time()
            self.policy = granting(self._written, self._granted)
        self._tell()
        log.info("policy.loaded", policy=self.policy.hash, mode=self.policy.mode)
        return True

    def grant(self, exceptions: Sequence[Granted]) -> None:
        """Have these exceptions of the database in force, and no others."""
        before = self.policy.hash
        with self._laying:
            self._granted = exceptions
            self.policy = granting(self._written, self._granted)
        if self.policy.hash != before:
            log.info("policy.exceptions", policy=self.policy.hash, exceptions=len(exceptions))

    def _tell(self) -> None:
        POLICY_CURRENT.set(1)
        BUDGET.set(self.policy.holding.hold_budget)

    @property
    def letterhead(self) -> Letterhead:
        """What mails and pages say of us by this policy."""
        return Letterhead(
            from_=self._settings.notices.from_ or "",
            public_url=self._settings.web.public_url or "",
            language=self.policy.us.language,
            time_zone=self.policy.us.time_zone,
            our_domains=frozenset(self.policy.us.domains),
        )


def _version(error: SettingsError) -> str:
    """Tell one bad policy from another: by what stands in its files, the same on every node."""
    told = [*error.sources.values()] or [str(problem) for problem in error.problems]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def usable_policy(settings: Settings) -> Policy:
    """
    Load the policy and hold it against the settings.

    Raises:
        SettingsError: It is wrong, it can hold mail that could then not be released, or it names a
            source that there is not.
    """
    policy = load(settings.policies)
    if policy.can_hold:
        missing = [
            name
            for name, value in (
                ("[upstream] address", "address" in settings.upstream.model_fields_set),
                ("[web] public_url", settings.web.public_url),
                ("[notices] from", settings.notices.from_),
            )
            if not value
        ]
        if missing:
            message = "this policy can hold mail that could then not be asked about or released"
            hint = f"set {' and '.join(missing)} in guard.toml, or write mode: watch"
            raise SettingsError(
                [Problem(file=str(settings.policies), line=0, message=message, hint=hint)], {}
            )
    for asked, table, known in (
        (
            [("contacts: sources", name) for name in policy.contacts.sources],
            "[[source]]",
            [source.name for source in settings.source],
        ),
        (
            [(f"lists: {n}: source", its.source) for n, its in policy.lists.items() if its.source],
            "[[list_source]]",
            [source.name for source in settings.list_source],
        ),
    ):
        for where, name in asked:
            if name not in known:
                message = f"{where}: guard.toml has no {table} called “{name}”"
                hint = did_you_mean(name, known)
                raise SettingsError(
                    [Problem(file=str(settings.policies), line=0, message=message, hint=hint)], {}
                )
    return policy
