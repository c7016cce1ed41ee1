"""The policy in force, and what mails take from it; a bad one never replaces a good one."""

from typing import Final

import structlog
from prometheus_client import Gauge

from guard.compose.letterhead import Letterhead
from guard.config import Settings
from guard.model.errors import SettingsError
from guard.policy import Policy, load
from guard.problems import Problem, did_you_mean

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
    """The last good policy, held against the settings."""

    def __init__(self, settings: Settings) -> None:
        """
        Load it.

        Raises:
            SettingsError: It is wrong, or it can hold mail that could then not be released.
        """
        self._settings: Final = settings
        self.policy: Policy = usable_policy(settings)
        self._tell()

    def reload(self) -> bool:
        """Read it again, and say whether that replaced it; why not stands in the log."""
        try:
            self.policy = usable_policy(self._settings)
        except SettingsError as error:
            POLICY_CURRENT.set(0)
            log.error("policy.refused", problems=[str(problem) for problem in error.problems])  # noqa: TRY400
            return False
        self._tell()
        log.info("policy.loaded", policy=self.policy.hash, mode=self.policy.mode)
        return True

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
