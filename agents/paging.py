"""The notifiers that are set up, one attempt to hand a page over, and how long to wait for the next."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents import notifiers as targets
from agents.notifiers._base import Notifier, NotifierFactory, Outcome, Retry
from pipeline.discover import plugins
from schemas.alert import Page


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one attempt may take, and how long to wait for the next. Seconds, all greater than 0.

    Wait number n is ``first_wait_s * 2**n``, at most ``longest_wait_s``, of which a random half is taken off, and at
    least what the target asked for.
    """

    attempt_s: float = 15.0
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


async def attempt(notifier: Notifier, page: Page, seconds: float) -> Outcome:
    """What became of one attempt to hand ``page`` over within so many seconds. Only cancellation raises."""
    try:
        async with asyncio.timeout(seconds):
            return await notifier.send(page)
    except TimeoutError:
        return Retry(None, f"no outcome within {seconds:g} s")
    except Exception as error:  # noqa: BLE001  # a broken notifier must not keep a page from the others
        return Retry(None, type(error).__name__)  # the text of an error may hold a URL with its credentials
