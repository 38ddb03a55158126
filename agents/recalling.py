"""Telling the outbox what was withdrawn: each worker follows all tombstones, as any may concern what waits there."""

import asyncio
from collections.abc import Callable

import structlog
from aiokafka.errors import KafkaError

from agents.log_following import Begin, follow
from pipeline.forget import withdrawal
from pipeline.withdrawn import HOUR_MS, KEPT_HOURS
from schemas.codec import Decoder, Malformed
from schemas.interaction import Tombstone
from schemas.topics import TOMBSTONES
from schemas.withdrawal import Withdrawal

AGAIN_S = 5.0

_TOMBSTONES: Decoder[Tombstone] = Decoder(Tombstone)
_log = structlog.get_logger(__name__)


class Recalling:
    """Follows the tombstones of the last day and those that come. What came before is not quoted in what waits now.

    ``indexed`` says whether the broker finds records by their time, ``now_ms`` is the clock.
    """

    def __init__(
        self, bootstrap: str, withdraw: Callable[[Withdrawal, int], None], now_ms: Callable[[], int], *, indexed: bool
    ) -> None:
        self._bootstrap, self._withdraw, self._indexed = bootstrap, withdraw, indexed
        self._since = now_ms() - KEPT_HOURS * HOUR_MS

    async def run(self) -> None:
        """Follow for ever; a broker that is away is asked again."""
        while True:
            try:
                await self._follow()
            except (KafkaError, LookupError, OSError) as error:
                _log.warning("tombstones_asked_again", error=str(error)[:500])
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        begin = Begin(self._since, (), indexed=self._indexed)
        async for _, record in follow(self._bootstrap, [TOMBSTONES.name], begin, live=True):
            self._since = max(self._since, record.timestamp)
            said = _TOMBSTONES.decode(record.value) if record.value else None
            if said is None or isinstance(said, Malformed):  # taken away; a dead letter of the forget stage
                continue
            if passed_on := withdrawal(said):
                self._withdraw(passed_on, record.timestamp)
