"""The exceptions of the database, for commands that judge as a running guard would."""

from guard.config import Settings
from guard.policy import Policy
from guard.policy.granted import granting
from guard.store.exceptions import Exceptions
from guard.store.opening import opened, sqlite_file


async def with_exceptions(settings: Settings, policy: Policy) -> Policy:
    """
    Give *policy* with the exceptions that the store of *settings* has.

    Where there is no SQLite file yet, none is made: there are no exceptions.

    Raises:
        GuardError: The store cannot be used.
    """
    path = sqlite_file(settings.store.url)
    if path is not None and not path.exists():
        return policy
    async with opened(settings.store.url, settings.store.key_file) as ground:
        return granting(policy, await Exceptions(ground.database).in_force())
