"""What a fetcher of aiokafka holds, so arranged that its records stay as the parser made them.

aiokafka makes a ``ConsumerRecord`` of each, with eleven fields of which a stage reads five, of the same names in what
was parsed. Written against aiokafka 0.14, on whose ``Fetcher._records``, ``FetchResult._partition_records`` and
``PartitionRecords._consumer_record`` it relies: tests/contract/test_lane.py guards them.
"""

from collections import OrderedDict
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import FetchResult


class Fetched(OrderedDict[Any, Any]):
    """Fetches by partition; each is told, before its records are made, to leave them as they are."""

    def __setitem__(self, tp: Any, fetched: Any) -> None:  # noqa: ANN401  # aiokafka's classes are untyped
        if isinstance(fetched, FetchResult):
            fetched._partition_records._consumer_record = _as_parsed  # noqa: SLF001  # no public setting does it
        super().__setitem__(tp, fetched)


def _as_parsed(_tp: Any, record: Any) -> Any:  # noqa: ANN401  # same
    return record


def keep_as_parsed(consumer: AIOKafkaConsumer) -> None:
    """Let a consumer that was started return records as its parser makes them: without topic and partition."""
    fetcher = consumer._fetcher  # noqa: SLF001  # no public setting reaches it
    fetcher._records = Fetched(fetcher._records)  # noqa: SLF001  # same
