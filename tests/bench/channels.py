"""What adapting a payload costs: payloads a second on one core, from bytes to records that readers accept."""

import json
from collections import deque
from functools import partial

from rich.console import Console
from rich.progress import track

from pipeline.adapting import adapt, adapters
from tests.bench.report import Measure
from tests.bench.spine import cpu
from tests.channel_examples import RECEIPT, examples

ROUNDS = 7
PAYLOADS = 2_000
SOURCES = ("bluesky", "x_v2")  # the busy ones


def measures() -> list[Measure]:
    """The examples of the busy channels, over and over."""
    return [
        Measure(f"adapt_{source}_payloads_per_second", "payloads/s", rates(source))
        for source in track(SOURCES, "channels", console=Console(stderr=True))
    ]


def rates(source: str) -> list[float]:
    """Payloads a second, by round."""
    adapter = adapters()[source]
    payloads = [json.dumps(one.payload).encode() for one in examples() if one.source == source]
    work = [payloads[number % len(payloads)] for number in range(PAYLOADS)]
    once = partial(deque, maxlen=0)  # keeps nothing, as a stage that sends does
    return [PAYLOADS / cpu(lambda: once(adapt(adapter, one, RECEIPT) for one in work)) for _ in range(ROUNDS)]
