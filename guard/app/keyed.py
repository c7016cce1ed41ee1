"""What is made of the key ring, anew at each reload; a bad ring never replaces a good one."""

from typing import Final, Literal

import structlog
from prometheus_client import Gauge

from guard.model.errors import KeyFileError, StoreError
from guard.policy.past.features import Recorder
from guard.policy.past.pseudonyms import Pseudonyms as NamesOfPast
from guard.release import Links
from guard.store.opening import Ground
from guard.telemetry import Pseudonyms

KEYS_CURRENT: Final = Gauge(
    "guard_keys_last_reload_successful",
    "1, or 0 while a bad key file is passed over for the last good one; of all workers, the least.",
    multiprocess_mode="livemin",
)

log = structlog.get_logger()


class Keyed:
    """Links, marks and pseudonyms of the ring in force. What is sealed asks the ring itself."""

    def __init__(self, ground: Ground, *, addresses: Literal["full", "domain", "hash"]) -> None:
        """Take the ring of *ground* as it was opened; *addresses* as `Pseudonyms` has it."""
        self._ground: Final = ground
        self._addresses: Final = addresses
        self._make()
        KEYS_CURRENT.set(1)

    async def reload(self) -> bool:
        """Read the ring again, and say whether it is in force now; why not stands in the log."""
        try:
            await self._ground.reload_keys()
        except (KeyFileError, StoreError) as error:
            KEYS_CURRENT.set(0)
            log.error("keys.refused", problem=str(error))  # noqa: TRY400
            return False
        self._make()
        KEYS_CURRENT.set(1)
        log.info("keys.loaded", keys=repr(self._ground.keys))
        return True

    def _make(self) -> None:
        keys = self._ground.keys
        self.links = Links(keys.current("links"), lambda key_id: keys.get("links", key_id))
        self.address_for_log = Pseudonyms(keys.current("logs")[1], self._addresses)
        key_id, key = keys.current("logs")
        self.recorder = Recorder(NamesOfPast(key, key_id))
        self.mark_key = keys.first("links")
        """
        By it we know our own mail again; each use of the key says what it is for.

        Of the oldest subkey: a rotation must not make strangers of mails that are under way, nor
        of those of a node that has not reloaded yet.
        """
