"""One page to every notifier at once, each with its own patience; what became of it is the result."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from agents import notifiers as targets
from agents.notifiers._base import Delivered, Notifier, NotifierFactory, Outcome, Refused, Retry
from pipeline.discover import plugins
from schemas.alert import Delivery, Page
from schemas.vocabulary import DeliveryStatus

DETAIL_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one notifier is tried. Seconds, all greater than 0.

    Wait number n is ``first_wait_s * 2**n``, at most ``longest_wait_s``, of which a random half is taken off, and at
    least what the target asked for. No attempt starts later than ``limit_s`` after the first.
    """

    attempt_s: float = 15.0
    limit_s: float = 600.0
    attempts: int = 20
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0

    def wait_s(self, failures: int, after_s: float | None, jitter: float) -> float:
        """Seconds until the next attempt after ``failures`` (>= 1) of them; ``jitter`` in [0, 1)."""
        backoff = min(self.first_wait_s * 2.0 ** min(failures - 1, 30), self.longest_wait_s)
        return max(backoff * (1 - jitter / 2), after_s or 0.0)


def factories() -> Mapping[str, NotifierFactory]:
    """Every kind of notifier by module name."""
    return plugins(targets, "NOTIFIER")


def configured(options: Mapping[str, str], now_ms: Callable[[], int]) -> list[Notifier]:
    """The notifiers for which ``options`` hold settings; ``now_ms`` is the clock, ms since 1970.

    Raises:
        ValueError: A setting is wrong. The text says what to write instead and never repeats a secret.
    """
    built = (factory.from_settings(options, now_ms) for factory in factories().values())
    return [notifier for notifier in built if notifier is not None]


class Pager:
    """Delivers pages. The clock (ms since 1970), sleep and randomness ([0, 1)) are the caller's.

    Pages of one dedup key must be delivered one after another, or a resolve may overtake its trigger.
    """

    def __init__(
        self,
        notifiers: Sequence[Notifier],
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        policy: RetryPolicy,
    ) -> None:
        self._notifiers = tuple(notifiers)
        self._now_ms, self._sleep, self._jitter, self._policy = now_ms, sleep, jitter, policy

    @property
    def notifiers(self) -> tuple[Notifier, ...]:
        """The targets."""
        return self._notifiers

    async def deliver(self, page: Page) -> list[Delivery]:
        """What became of ``page`` at each notifier, in their order. Only cancellation raises."""
        return list(await asyncio.gather(*(self.deliver_to(notifier, page) for notifier in self._notifiers)))

    async def deliver_to(self, notifier: Notifier, page: Page) -> Delivery:
        """What became of ``page`` at one notifier. Only cancellation raises."""
        requested_at = self._now_ms()
        attempts, waited_s = 1, 0.0
        outcome = await self._attempt(notifier, page)
        while isinstance(outcome, Retry) and attempts < self._policy.attempts:
            wait_s = self._policy.wait_s(attempts, outcome.after_s, self._jitter())
            spent_s = max((self._now_ms() - requested_at) / 1000, waited_s)  # a clock set back buys no time
            if spent_s + wait_s > self._policy.limit_s:
                break
            await self._sleep(wait_s)
            waited_s += wait_s
            attempts += 1
            outcome = await self._attempt(notifier, page)
        return Delivery(
            page_id=page.page_id,
            dedup_key=page.dedup_key,
            brand=page.brand,
            target=notifier.name,
            status=_status(outcome),
            attempts=attempts,
            requested_at=requested_at,
            finished_at=self._now_ms(),
            detail=outcome.detail[:DETAIL_LENGTH],
        )

    async def _attempt(self, notifier: Notifier, page: Page) -> Outcome:
        try:
            async with asyncio.timeout(self._policy.attempt_s):
                return await notifier.send(page)
        except TimeoutError:
            return Retry(None, f"no outcome within {self._policy.attempt_s:g} s")
        except Exception as error:  # noqa: BLE001  # a broken notifier must not keep a page from the others
            return Retry(None, type(error).__name__)  # the text of an error may hold a URL with its credentials


def _status(outcome: Outcome) -> DeliveryStatus:
    match outcome:
        case Delivered():
            return "delivered"
        case Refused():
            return "refused"
        case Retry():
            return "gave_up"
