"""Where ``tocsin why`` reads: ClickHouse, the topics, or a file of posts that is read through the same stages."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiokafka import TopicPartition
from clickhouse_connect.driver.client import Client

from agents.clickhouse import connect_reader
from agents.log_reader import extents, log_reader, read
from agents.partition_counts import counted
from pipeline.feed import partition_of
from pipeline.stage import Output
from pipeline.why import PARTS_MS, Known, Question
from pipeline.why_gathering import Gathering, whole
from schemas.alert import Alert
from schemas.command import EVERY_BRAND, LONGEST_MS
from schemas.decision import Decision
from schemas.finding import Finding
from schemas.minute import Minute
from schemas.topics import ALERTS, BRAND_LOG, DECISIONS, FINDINGS, MINUTES

AFTER_MS = 86_400_000  # answers of the day after belong to the story
MOST = 5_000  # decisions, and alerts, that are looked at
TAIL = 2_000  # records of the brand log that say how far its sources are

OnRead = Callable[[int, int], None]  # records read so far, records to read

_MINUTES = """
SELECT brand, toUnixTimestamp64Milli(minute) AS minute, bucket_ms, revision, missing, posts, negatives, complaints,
    critical, severity, polarity_milli, reach, authors, scores, observed, expected
FROM minutes WHERE brand = {brand:String} AND toUnixTimestamp64Milli(minutes.minute) = {start:Int64}
"""
_ALERTS = """
SELECT document FROM alerts FINAL WHERE brand = {brand:String} AND toUnixTimestamp64Milli(at) <= {end:Int64}
ORDER BY at DESC LIMIT {most:UInt32}
"""
_DECISIONS = """
SELECT * EXCEPT (ingested_at, at, until), toUnixTimestamp64Milli(decisions.at) AS at,
    toUnixTimestamp64Milli(decisions.until) AS until
FROM decisions FINAL
WHERE brand IN ({brand:String}, {every:String})
    AND toUnixTimestamp64Milli(decisions.at) BETWEEN {since:Int64} AND {end:Int64}
ORDER BY decisions.at DESC LIMIT {most:UInt32}
"""
_FINDINGS = """
SELECT * EXCEPT (ingested_at, evidence, at, since), toUnixTimestamp64Milli(findings.at) AS at,
    toUnixTimestamp64Milli(findings.since) AS since
FROM findings FINAL
WHERE brand = {brand:String} AND facet != ''
    AND toUnixTimestamp64Milli(findings.at) BETWEEN {since:Int64} AND {end:Int64}
LIMIT {most:UInt32}
"""
_BOUNDS = """
SELECT (SELECT toUnixTimestamp64Milli(min(minute)) FROM minutes),
    (SELECT toUnixTimestamp64Milli(min(watermark)) FROM source_progress FINAL),
    (SELECT max(toUnixTimestamp64Milli(minute) + bucket_ms) FROM minutes WHERE brand = {brand:String})
"""


def from_clickhouse(url: str, asked: Question) -> Known:
    """What the tables hold.

    Raises:
        ValueError: the URL is none.
        clickhouse_connect.driver.exceptions.Error: nobody answers, or the tables are not there.
    """
    client = connect_reader(url)
    try:
        return _ask(client, asked)
    finally:
        client.close()


def _ask(client: Client, asked: Question) -> Known:
    known = {"brand": asked.brand, "every": EVERY_BRAND, "start": asked.start, "most": MOST}
    minutes = [msgspec.convert(row, Minute, strict=False) for row in _rows(client, _MINUTES, known)]
    minute = None
    for one in minutes:
        minute = one if minute is None else whole(minute, one)
    alerts = [msgspec.json.decode(row["document"], type=Alert)
              for row in _rows(client, _ALERTS, {**known, "end": asked.end})]  # fmt: skip
    window = {**known, "since": asked.end - LONGEST_MS - AFTER_MS, "end": asked.end + AFTER_MS}
    decisions = [msgspec.convert(row, Decision, strict=False) for row in _rows(client, _DECISIONS, window)]
    looks = {**known, "since": asked.end, "end": asked.end + PARTS_MS}
    findings = [msgspec.convert(row, Finding, strict=False) for row in _rows(client, _FINDINGS, looks)]
    ((first, through, last),) = client.query(_BOUNDS, parameters=known).result_rows
    closed = max(int(last or 0), int(through or 0) - int(through or 0) % asked.bucket)
    return Known(int(first or 0), closed, minute, decisions, alerts, findings)


def _rows(client: Client, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = client.query(sql, parameters=dict(parameters))
    return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]


def from_kafka(bootstrap: str, asked: Question, on_read: OnRead) -> Known:
    """What the topics still hold of the brand's partition.

    Raises:
        aiokafka.errors.KafkaError: the broker is not there.
        LookupError: a topic is not there.
    """
    return asyncio.run(_from_kafka(bootstrap, asked, on_read))


async def _from_kafka(bootstrap: str, asked: Question, on_read: OnRead) -> Known:
    wanted = (MINUTES.name, ALERTS.name, DECISIONS.name, FINDINGS.name, BRAND_LOG.name)
    there = await counted(bootstrap, wanted)
    if missing := sorted(set(wanted) - there.keys()):
        raise LookupError(f"missing: {', '.join(missing)}; run `tocsin topics create`")
    number, gathering, done = partition_of(asked.brand.encode(), there[BRAND_LOG.name]), Gathering(asked), 0
    async with log_reader(bootstrap) as consumer:
        ranges = await extents(consumer, [TopicPartition(topic, number) for topic in wanted])
        log = TopicPartition(BRAND_LOG.name, number)
        begin, end = ranges[log]
        ranges[log] = (max(begin, end - TAIL), end)
        total = sum(end - begin for begin, end in ranges.values())
        for tp, extent in ranges.items():
            async for _, records in read(consumer, {tp: extent}):
                for record in records:
                    gathering.take(Output(tp.topic, number, record.key, record.value))
                done += len(records)
                on_read(done, total)
    return gathering.known()


def from_outputs(outputs: Iterable[Output], asked: Question) -> Known:
    """What a replay has made."""
    gathering = Gathering(asked)
    for output in outputs:
        gathering.take(output)
    return gathering.known()
