"""What the outbox needs of the world around it: a producer, a clock, chance, and a way to end the process."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, NoReturn

from agents.crash_points import Fault
from pipeline.stage import Output


class World(NamedTuple):
    """What is neither decided nor kept here. The clock is ms since 1970, ``jitter`` in [0, 1)."""

    send: Callable[[Output], Awaitable[None]]  # returns when Kafka has acknowledged
    now_ms: Callable[[], int]
    jitter: Callable[[], float]
    give_up: Callable[[str], NoReturn]
    fault: Fault
