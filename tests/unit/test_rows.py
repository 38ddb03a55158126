"""Each record becomes the lines of its tables, and what is no record of ours is named instead."""

import json
from types import MappingProxyType

import msgspec
import pytest
from msgspec import structs

from pipeline.rows import Rows, rows
from schemas import dead_letter, topics
from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle, Counts, Evidence, Partial, Progress
from schemas.cascade import Cascade
from schemas.codec import encode
from schemas.command import Command
from schemas.decision import Decision
from schemas.endorsement import InfluenceScore, Reason
from schemas.finding import Finding
from schemas.identity import Identity
from schemas.interaction import Tombstone
from schemas.minute import Minute
from schemas.rejected import Rejected
from schemas.rules_change import RulesChange
from schemas.signal import Signal
from schemas.tables import TABLES, Table
from schemas.withdrawal import Withdrawal

AT = 1_790_000_000_000
EVIDENCE = Evidence(
    post_uid="weibo:1", partition=3, offset=17, at=AT, platform="weibo", author_key="a1", lang="zh-Hans",
    text='漏水 "again"', polarity=-0.9, severity=3, reach=12, why="first",
)  # fmt: skip
ALERT = Alert(
    alert_id="a-1", incident_id="i-1", event="opened", reason="complaint_volume", brand="acme", at=AT, started=AT,
    since=AT - 60_000, severity="critical", detectors=("complaints",), observed=9.0, expected=1.5, unit="complaints",
    strength=4.2, counted_from=AT - 60_000, posts=9, negatives=9, complaints=9, critical=1, authors=7,
    suspected_flood=False,
    missing=(2,), paged=True, evidence=(EVIDENCE,), drivers={"channel:microblog": 0.5}, rules="r1",
)  # fmt: skip
PAGE = Page(
    page_id="p-1", dedup_key="i-1", action="trigger", brand="acme", at=AT, severity="critical",
    title={"en": "Acme", "zh": "艾克"}, body={"en": "many", "zh": "很多"}, alert=ALERT,
)  # fmt: skip
DELIVERY = Delivery(
    page_id="p-1", dedup_key="i-1", brand="acme", target="webhook", status="delivered", attempts=1,
    requested_at=AT, finished_at=AT + 5,
)  # fmt: skip
RULES = RulesChange(
    change_id="c-1", scope="pages", digest="r1", watchlist={"brands": []}, at=AT, by="somebody", reason="quieter nights"
)
FINDING = Finding(
    finding_id="f-1", detector="complaints", brand="acme", at=AT, score=2.0, threshold=1.0, observed=9.0, expected=1.5,
    unit="complaints", since=AT, rules="r1",
)  # fmt: skip
DECISION = Decision(
    decision_id="d-1", brand="acme", at=AT, outcome="ignored", reason="no_open_incident", command="ack",
    command_id="c-1", by="Mei", text='"again"', offset=4, rules="r1",
)  # fmt: skip
COMMAND = Command(command_id="c-1", kind="ack", brand="acme", by="Mei")
SIGNAL = Signal(
    post_uid="weibo:1", revision=1, event_time=AT, platform="weibo", channel="microblog", kind="post", author_key="a1",
    brands=("acme",), products=(), regions=(), campaigns=(), lang="zh-Hans", sentiment="neg", polarity=-0.9,
    complaint_p=0.9, category="safety", severity=3, intent="none", reach=12, text="漏水", url="", source_partition=3,
    source_offset=17,
)  # fmt: skip
TOMBSTONE = Tombstone(subject="post:weibo:1", op="delete_post", effective_at=AT, reason="platform")
IDENTITY = Identity(author_key="a1", platform="weibo", native_id="7", seen_at=AT)
PARTIAL = Partial(
    brand="acme", minute=AT, counts=Counts(posts=3, complaints=2), late=4, facets={"channel:forum": Counts(posts=1)}
)
BUNDLE = Bundle(
    bucket_ms=60_000,
    previous=-1,
    progress=Progress(source=5, sources=8, offset=99, watermark=AT, read=100),
    partials=(PARTIAL,),
)
SCORE = InfluenceScore(
    author_key="a1", brand="acme", at=AT, lasting=12.5, spreading=3.0, h=2, every=(9.0, 5.0, 1.0),
    trusted=(4.0, 2.0, 0.0), reasons=(Reason(actor="0123456789abcdef", at=AT, added=0.5),), partition=1, offset=7,
)  # fmt: skip
CASCADE = Cascade(
    root="weibo:1", author_key="a1", brand="acme", began=AT, age_s=3_600, settled=False, size=40, speed_per_h=12.5,
    doubling_s=11_520, growing=False, expected=20, low=8, high=90, by_ratio=27, partition=1, offset=7,
)  # fmt: skip
LETTER = dead_letter.headers("social.posts.v1", 3, 17, "invalid_json", "unexpected end", b"{")

RECORDS = MappingProxyType({  # by table: topic, value, headers
    "signals": (topics.SIGNALS.name, encode(SIGNAL), ()),
    "minute_partials": (topics.BRAND_LOG.name, encode(BUNDLE), ()),
    "source_progress": (topics.BRAND_LOG.name, encode(BUNDLE), ()),
    "deliveries": (topics.BRAND_LOG.name, encode(DELIVERY), ()),
    "minutes": (topics.MINUTES.name, encode(Minute(brand="acme", minute=AT, bucket_ms=60_000)), ()),
    "findings": (topics.FINDINGS.name, encode(FINDING), ()),
    "alerts": (topics.ALERTS.name, encode(ALERT), ()),
    "shadow_alerts": (topics.SHADOW_ALERTS.name, encode(ALERT), ()),
    "rules": (topics.BRAND_LOG.name, encode(RULES), ()),
    "pages": (topics.PAGES.name, encode(PAGE), ()),
    "decisions": (topics.DECISIONS.name, encode(DECISION), ()),
    "tombstones": (topics.TOMBSTONES.name, encode(TOMBSTONE), ()),
    "identities": (topics.IDENTITIES.name, encode(IDENTITY), ()),
    "influence": (topics.INFLUENCE.name, encode(SCORE), ()),
    "cascades": (topics.CASCADES.name, encode(CASCADE), ()),
    "rejected": (topics.POSTS_DLQ.name, b"{", LETTER),
})  # fmt: skip


def objects(found: Rows, table: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in found.lines[table]]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_line_has_exactly_the_columns_of_its_table(table: Table) -> None:
    topic, value, headers = RECORDS[table.name]
    found = rows(topic, value, headers, AT)

    assert found.unusable == []
    assert {*objects(found, table.name)[0]} == {*table.columns} - {"ingested_at"}


def test_a_block_of_signals_passes_through_as_it_is() -> None:
    lines = [encode(SIGNAL), encode(structs.replace(SIGNAL, source_offset=18))]
    found = rows(topics.SIGNALS.name, b"\n".join(lines) + b"\n")

    assert found.lines == {"signals": lines}


def test_a_bad_line_of_a_block_is_named_and_the_others_stay() -> None:
    bad = encode(SIGNAL).replace(b'"severity":3', b'"severity":4')
    found = rows(topics.SIGNALS.name, b"\n".join([bad, encode(SIGNAL)]))

    assert found.lines == {"signals": [encode(SIGNAL)]}
    assert [(item.payload, item.reason) for item in found.unusable] == [(bad, "out_of_range")]


@pytest.mark.parametrize("said", [COMMAND, Withdrawal(subject="post:weibo:1")], ids=["command", "withdrawal"])
def test_what_only_decides_is_no_row(said: msgspec.Struct) -> None:
    assert rows(topics.BRAND_LOG.name, encode(said)) == Rows({}, [])


def test_a_key_that_was_removed_from_a_compacted_topic_is_no_row_and_no_dead_letter() -> None:
    assert rows(topics.INFLUENCE.name, None) == Rows({}, [])
    assert rows(topics.ALERTS.name, None).unusable != []


def test_a_bundle_gives_a_total_row_with_the_late_posts_and_a_row_per_facet() -> None:
    found = rows(topics.BRAND_LOG.name, encode(BUNDLE))
    seen = [
        (row["facet"], row["source"], row["offset"], row["posts"], row["complaints"], row["late"])
        for row in objects(found, "minute_partials")
    ]

    assert seen == [("", 5, 99, 3, 2, 4), ("channel:forum", 5, 99, 1, 0, 0)]


def test_progress_keeps_its_zeroes() -> None:
    found = rows(topics.BRAND_LOG.name, encode(BUNDLE))

    assert objects(found, "source_progress")[0]["expired"] == 0


def test_nested_records_are_json_text_and_the_document_is_the_wire() -> None:
    found = rows(topics.ALERTS.name, encode(ALERT))
    row = objects(found, "alerts")[0]

    assert json.loads(str(row["evidence"]))[0]["text"] == '漏水 "again"'
    assert row["document"] == encode(ALERT).decode()


def test_an_integer_beyond_64_bits_is_refused_because_the_store_would_wrap_it() -> None:
    minute = Minute(brand="acme", minute=AT, bucket_ms=60_000, posts=2**64 + 7)
    found = rows(topics.MINUTES.name, encode(minute))

    assert found.lines == {}
    assert [item.reason for item in found.unusable] == ["out_of_range"]


def test_an_integer_beyond_64_bits_inside_a_list_is_refused_too() -> None:
    minute = Minute(brand="acme", minute=AT, bucket_ms=60_000, missing=(1, 2**63))
    found = rows(topics.MINUTES.name, encode(minute))

    assert [item.detail for item in found.unusable] == ["missing does not fit 64 bits"]


def test_a_dead_letter_becomes_a_row_with_the_time_of_the_broker() -> None:
    row = objects(rows(topics.POSTS_DLQ.name, b"{", LETTER, AT), "rejected")[0]

    assert (row["topic"], row["partition"], row["offset"], row["at"]) == ("social.posts.v1", 3, 17, AT)
    assert (row["reason"], row["payload"]) == ("invalid_json", "{")


def test_the_mark_of_a_replay_is_neither_a_row_nor_unusable() -> None:
    assert rows(topics.POSTS_DLQ.name, b"", dead_letter.replayed(17), AT) == Rows({}, [])


@pytest.mark.parametrize("topic", sorted({topic for topic, _, _ in RECORDS.values()} - {topics.SIGNALS.name}))
def test_bytes_that_are_no_record_are_named_with_their_reason(topic: str) -> None:
    found = rows(topic, b"\xff not json")

    assert found.lines == {}
    assert [item.payload for item in found.unusable] == [b"\xff not json"]


@pytest.mark.parametrize("topic", [topic.name for topic in topics.TOPICS if Rejected in topic.records])
def test_the_dead_letters_of_every_topic_are_kept(topic: str) -> None:
    assert len(rows(topic, b"{", LETTER, AT).lines["rejected"]) == 1


def test_an_empty_value_has_no_rows() -> None:
    assert rows(topics.SIGNALS.name, None) == Rows({}, [])
    assert [item.reason for item in rows(topics.PAGES.name, None).unusable] == ["empty"]


def test_a_topic_without_tables_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        rows(topics.POSTS.name, b"{}")
