"""What is inserted twice counts once, what is newer wins, what is bad is singled out."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from agents.store import Refused, Store
from schemas.codec import encode
from schemas.signal import Signal

pytestmark = pytest.mark.embedded
NOW = int(time.time()) * 1000 + 123  # recent: tables forget what is old
MONTH = 31 * 86_400_000


def signal(number: int, **changes: object) -> Signal:
    fields: dict[str, Any] = {
        "post_uid": f"x:{number}", "revision": 0, "event_time": NOW, "platform": "x", "channel": "microblog",
        "kind": "post", "author_key": "a", "brands": ("acme",), "products": (), "regions": ("CN",), "campaigns": (),
        "lang": "en", "sentiment": "neg", "polarity": -0.5, "complaint_p": 0.9, "category": "safety", "severity": 3,
        "intent": "none", "reach": 7, "text": 'it "broke"\n漏水', "url": "", "source_partition": 1,
        "source_offset": number,
    }  # fmt: skip
    return Signal(**(fields | changes))


def lines(*signals: Signal) -> list[bytes]:
    return [encode(one) for one in signals]


def ask(client: Client, sql: str) -> Sequence[Sequence[Any]]:
    return client.query(sql).result_rows


async def test_a_signal_comes_back_as_it_was(client: Client, store: Store) -> None:
    await store.insert("signals", lines(signal(1)), "t")
    fields = [name for name in Signal.__struct_fields__ if name != "event_time"]
    (row,) = ask(client, f"SELECT toUnixTimestamp64Milli(event_time), {', '.join(fields)} FROM signals FINAL")
    given = signal(1)

    assert row[0] == NOW
    assert list(row[1:]) == [list(v) if isinstance(v := getattr(given, f), tuple) else v for f in fields]


async def test_a_batch_repeated_under_its_token_counts_once(client: Client, store: Store) -> None:
    batch = lines(*(signal(n) for n in range(100)))
    for _ in range(3):
        await store.insert("signals", batch, "social.signals.v1:0:7")

    assert ask(client, "SELECT count() FROM signals") == [(100,)]


async def test_a_topic_made_anew_repeats_tokens_and_loses_nothing(client: Client, store: Store) -> None:
    await store.insert("signals", lines(signal(1)), "social.signals.v1:0:0")
    await store.insert("signals", lines(signal(2)), "social.signals.v1:0:0")

    assert ask(client, "SELECT count() FROM signals") == [(2,)]


async def test_equal_rows_under_different_tokens_are_both_taken_and_collapse_when_read(
    client: Client, store: Store
) -> None:
    everything = lines(*(signal(n) for n in range(100)))
    await store.insert("signals", everything[:70], "a")
    await store.insert("signals", everything[70:], "b")
    await store.insert("signals", everything[:30], "c")
    await store.insert("signals", everything[30:], "d")

    assert ask(client, "SELECT count() FROM signals FINAL") == [(100,)]


async def test_one_bad_row_in_ten_thousand_is_refused_and_the_others_are_stored(client: Client, store: Store) -> None:
    batch = lines(*(signal(n) for n in range(10_000)))
    batch[6_789] = batch[6_789].replace(b'"severity":3', b'"severity":"high"')
    refused = await store.insert("signals", batch, "t")

    assert [one.line for one in refused] == [batch[6_789]]
    assert "severity" in refused[0].detail
    assert ask(client, "SELECT count() FROM signals") == [(9_999,)]


async def test_a_batch_with_a_bad_row_repeated_after_a_crash_counts_once(client: Client, store: Store) -> None:
    batch = [*lines(*(signal(n) for n in range(20))), b"not json"]
    first = await store.insert("signals", batch, "t")
    second = await store.insert("signals", batch, "t")

    assert first == second
    assert ask(client, "SELECT count() FROM signals") == [(20,)]


async def test_null_in_a_text_column_is_refused_instead_of_becoming_empty(store: Store) -> None:
    bad = encode(signal(1)).replace(b'"author_key":"a"', b'"author_key":null')

    assert [type(one) for one in await store.insert("signals", [bad], "t")] == [Refused]


async def test_a_field_the_table_does_not_know_yet_is_skipped(client: Client, store: Store) -> None:
    await store.insert("signals", [encode(signal(1))[:-1] + b',"mood":"sour"}'], "t")

    assert ask(client, "SELECT count() FROM signals") == [(1,)]


async def test_an_older_revision_that_comes_later_does_not_win(client: Client, store: Store) -> None:
    await store.insert("signals", lines(signal(1, revision=5, text="edited")), "a")
    await store.insert("signals", lines(signal(1, revision=2, text="first")), "b")

    assert ask(client, "SELECT text FROM signals FINAL") == [("edited",)]


async def test_a_withdrawn_post_is_hidden_even_if_its_withdrawal_lies_in_another_month(
    client: Client, store: Store
) -> None:
    await store.insert("signals", lines(signal(1, event_time=NOW - MONTH), signal(2)), "a")
    await store.insert("signals", lines(signal(1, revision=1, deleted=1, text="", url="")), "b")

    assert ask(client, "SELECT post_uid FROM signals FINAL") == [("x:2",)]


async def test_a_backfill_over_many_months_is_one_insert(client: Client, store: Store) -> None:
    await store.insert("signals", lines(*(signal(n, event_time=NOW + n * MONTH) for n in range(150))), "t")

    assert ask(client, "SELECT count() FROM signals") == [(150,)]
