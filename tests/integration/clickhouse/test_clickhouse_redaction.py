"""Tombstones in ClickHouse: texts, links, authors and quotes go from every table, counts and all else stays."""

import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from msgspec.structs import replace

from agents.redacting import AT_ONCE, redact
from agents.store import Store
from agents.sweeping import Sweep
from pipeline.page_text import page
from pipeline.rows import rows
from schemas import topics
from schemas.alert import Alert, Page
from schemas.brand_log import Evidence
from schemas.cascade import Cascade
from schemas.codec import encode
from schemas.endorsement import InfluenceScore, Reason
from schemas.finding import Finding
from schemas.identity import Identity
from schemas.interaction import Tombstone
from schemas.signal import Signal
from schemas.tables import TABLES
from schemas.vocabulary import TombstoneOp
from tests.builders import SIGNAL

pytestmark = pytest.mark.embedded
NOW = int(time.time()) * 1000 // 60_000 * 60_000
DAY_S = 86_400
NASTY = 'it\'s "acme\\" 坏\n{}'


def signal(uid: str, author: str, text: str, repost_of: str = "") -> Signal:
    return replace(
        SIGNAL,
        post_uid=uid,
        author_key=author,
        text=text,
        url=f"https://e.invalid/{uid}",
        event_time=NOW,
        repost_of=repost_of,
    )


def evidence(one: Signal) -> Evidence:
    return Evidence(
        post_uid=one.post_uid, partition=0, offset=1, at=NOW, platform="x", author_key=one.author_key, lang="en",
        text=one.text, url=one.url, polarity=-0.5, severity=1, reach=3, why="first", repost_of=one.repost_of,
    )  # fmt: skip


CANARY = signal("x:1", "ann", f"canary {NASTY}")
SECOND = signal('x:"2"', "ann", "canary the second")
REPOST = signal("x:3", "fan", "canary, passed on", repost_of="x:1")
OTHER = signal("x:11", "bob", 'says "post_uid":"x:1" and "author_key":"ann"')
ALL = (CANARY, SECOND, REPOST, OTHER)

ALERT = Alert(
    alert_id="a-1", incident_id="i-1", event="opened", reason="first", brand="acme", at=NOW, started=NOW, since=NOW,
    severity="critical", detectors=("complaint_volume",), observed=9.0, expected=1.5, unit="complaints per minute",
    strength=4.2, counted_from=NOW, posts=9, negatives=9, complaints=9, critical=1, authors=7, suspected_flood=False,
    paged=True, evidence=tuple(map(evidence, ALL)), rules="r1",
)  # fmt: skip
FINDING = Finding(
    finding_id="f-1", detector="critical_post", brand="acme", at=NOW, score=1.0, threshold=1.0, observed=1.0,
    expected=0.0, unit="critical complaint", since=NOW, rules="r1", evidence=(evidence(CANARY),),
)  # fmt: skip
QUOTED = (FINDING, ALERT, ALERT, page(ALERT, 1))
TOPICS = (topics.FINDINGS, topics.ALERTS, topics.SHADOW_ALERTS, topics.PAGES)


class World:
    """ClickHouse and what is stored in it."""

    def __init__(self, client: Client, store: Store) -> None:
        self.client, self._store, self._inserts = client, store, 0

    async def put(self, topic: topics.Topic, *values: bytes) -> None:
        """Store records of a topic."""
        for value in values:
            for table, lines in rows(topic.name, value).lines.items():
                self._inserts += 1
                await self._store.insert(table, lines, f"{NOW}:{self._inserts}")

    async def all(self) -> None:
        """Posts of three people, and everything that quotes or knows them."""
        await self.put(topics.SIGNALS, *map(encode, ALL))
        for topic, one in zip(TOPICS, QUOTED, strict=True):
            await self.put(topic, encode(one))
        for key in ("ann", "bob"):
            identity = Identity(author_key=key, platform="x", native_id=f"{key}-native", seen_at=NOW)
            score = InfluenceScore(
                author_key=key, brand="", at=NOW, lasting=1.0, spreading=1.0, h=1, every=(1.0, 1.0, 1.0),
                trusted=(1.0, 1.0, 1.0), reasons=(), partition=0, offset=1,
            )  # fmt: skip
            await self.put(topics.IDENTITIES, encode(identity))
            await self.put(topics.INFLUENCE, encode(score))

    async def bury(self, subject: str, op: TombstoneOp = "delete_post", at: int = NOW) -> None:
        """Store a tombstone."""
        await self.put(topics.TOMBSTONES, encode(Tombstone(subject=subject, op=op, effective_at=at, reason="gdpr")))

    def sweep(self) -> dict[str, int]:
        """Redact; rows changed by table."""
        changed: dict[str, int] = {}
        for step in redact(self.client, DAY_S):
            changed[step.table] = changed.get(step.table, 0) + step.rows
        return {table: count for table, count in changed.items() if count}

    def ask(self, sql: str) -> Sequence[Sequence[Any]]:
        """An answer."""
        return self.client.query(sql).result_rows

    def grep(self, needle: str, but: Iterable[str] = ("tombstones",)) -> list[str]:
        """Tables in which it is written anywhere, in any physical row."""
        written = json.dumps(needle, ensure_ascii=False)[1:-1]
        found = []
        for table in (one.name for one in TABLES if one.name not in but):
            told = self.client.raw_query(f"SELECT * FROM {table}", fmt="JSONEachRow").decode()
            found += [table] if needle in told or written in told.replace("\\\\", "\\") or written in told else []
        return found


@pytest.fixture
async def world(client: Client, store: Store) -> World:
    """Everything stored."""
    one = World(client, store)
    await one.all()
    return one


async def test_a_row_that_goes_after_it_was_found_is_passed_over(world: World):
    await world.put(topics.ALERTS, encode(replace(ALERT, alert_id="a-2")))
    await world.bury("post:x:1")
    steps = redact(world.client, DAY_S)
    first = next(step for step in steps if step.table == "alerts")
    world.client.command("ALTER TABLE alerts DELETE WHERE 1", settings={"mutations_sync": 1})
    left = [step.rows for step in steps if step.table == "alerts"]

    assert (first.rows, left) == (1, [0])
    assert world.grep(CANARY.text) == []


async def test_a_post_goes_from_every_table_with_what_passes_it_on_and_what_was_counted_stays(world: World):
    assert world.grep("canary") == ["signals", "findings", "alerts", "shadow_alerts", "pages"]
    await world.bury("post:x:1")
    world.sweep()
    left = world.ask("SELECT post_uid, text = '', url = '', author_key FROM signals FINAL ORDER BY post_uid")

    assert world.grep("canary acme") == world.grep("passed on") == world.grep("it's") == []
    assert left == [
        ('x:"2"', 0, 0, "ann"), ("x:1", 1, 1, ""), ("x:11", 0, 0, "bob"), ("x:3", 1, 1, "fan"),
    ]  # fmt: skip
    assert world.ask("SELECT sentiment, severity, brands FROM signals WHERE post_uid = 'x:1'") == [
        (CANARY.sentiment, CANARY.severity, list(CANARY.brands))
    ]
    assert world.ask("SELECT posts, complaints, quoted, withdrawn FROM alerts") == [(9, 9, 4, 2)]


async def test_documents_and_pages_are_told_again_as_records_of_the_same_kind(world: World):
    await world.bury("post:x:1")
    world.sweep()
    ((document, shown, alert),) = world.ask("SELECT document, body, alert FROM pages")
    told = msgspec.json.decode(document, type=Page)

    assert [post.post_uid for post in told.alert.evidence] == ['x:"2"', "x:11"]
    assert "2 of 4 posts withdrawn" in shown["en"]
    assert shown == told.body
    assert msgspec.json.decode(alert, type=Alert) == told.alert
    assert told.page_id == page(ALERT, 1).page_id


@pytest.mark.parametrize("op", ["delete_author", "suspend"])
async def test_an_author_goes_with_all_posts_and_who_they_are_only_if_they_are_deleted(world: World, op: TombstoneOp):
    await world.bury("author:ann", op)
    changed = world.sweep().keys()

    assert world.grep("canary") == []
    assert world.ask("SELECT text FROM signals WHERE post_uid = 'x:11'") == [(OTHER.text,)]
    assert world.grep("ann-native") == ([] if op == "delete_author" else ["identities"])
    assert world.ask("SELECT count() FROM influence") == [(1 if op == "delete_author" else 2,)]
    assert world.ask("SELECT count() FROM signals WHERE post_uid IN ('x:1', 'x:\"2\"')") == [
        (0 if op == "delete_author" else 2,)
    ]
    assert world.ask("SELECT withdrawn FROM alerts") == [(3,)]
    assert changed >= {"signals", "findings", "alerts", "shadow_alerts", "pages"}
    assert world.sweep() == {}  # a second look finds nothing to do


@pytest.mark.parametrize("op", ["delete_author", "suspend"])
async def test_whoever_is_cut_off_at_any_step_is_finished_by_the_next_look(world: World, op: TombstoneOp):
    for cut in range(20):
        own = signal(f"cut:{cut}", f"cut-{cut}", f"linnet {cut}")
        copy = signal(f"cut:copy-{cut}", "fan", f"linnet {cut}, passed on", repost_of=own.post_uid)
        await world.put(topics.SIGNALS, encode(own), encode(copy))
        await world.put(topics.ALERTS, encode(replace(ALERT, alert_id=f"cut-{cut}", evidence=(evidence(copy),))))
        await world.bury(f"author:cut-{cut}", op)
        steps = redact(world.client, DAY_S)
        if len(list(islice(steps, cut))) < cut:
            break
        steps.close()
        world.sweep()

        assert world.grep("linnet") == [], f"cut off after {cut} steps"

    assert 1 < cut < 19  # there is more than one step, and none is left


async def test_an_erased_author_is_nobodys_reason_and_has_no_cascade(world: World):
    ann, bob = "a" * 32, "b" * 32
    reasons = tuple(Reason(actor=key[:16], at=NOW, added=1.0) for key in (ann, bob))
    score = InfluenceScore(
        author_key="cid", brand="", at=NOW, lasting=1.0, spreading=1.0, h=1, every=(1.0, 1.0, 1.0),
        trusted=(1.0, 1.0, 1.0), reasons=reasons, partition=0, offset=1,
    )  # fmt: skip
    cascades = [
        Cascade(
            root=f"bsky:did:plc:{key[:3]}/1", author_key=key, brand="", began=NOW, age_s=1_800, settled=False, size=9,
            speed_per_h=1.0, doubling_s=None,
        )
        for key in (ann, bob)
    ]  # fmt: skip
    await world.put(topics.INFLUENCE, encode(score))
    await world.put(topics.CASCADES, *map(encode, cascades))
    await world.bury(f"author:{ann}", "delete_author")
    world.sweep()
    told = world.ask("SELECT reasons FROM influence WHERE author_key = 'cid'")

    assert world.grep(ann[:16]) == world.grep("did:plc:aaa") == []
    assert [msgspec.json.decode(one, type=list[Reason]) for (one,) in told] == [[reasons[1]]]
    assert world.ask("SELECT author_key FROM cascades") == [(bob,)]


async def test_rows_that_come_after_the_tombstone_are_found_by_the_next_look(world: World):
    await world.bury("post:x:1")
    world.sweep()
    await world.put(topics.SIGNALS, encode(replace(CANARY, revision=0)), encode(REPOST))
    await world.put(topics.ALERTS, encode(replace(ALERT, alert_id="a-2")))

    assert world.grep("canary acme") + world.grep("passed on") != []
    world.sweep()
    assert world.grep("passed on") == world.grep("it's") == []


async def test_a_flood_of_unknown_subjects_changes_nothing_and_hides_nobody(world: World):
    flood = [
        encode(Tombstone(subject=f"{kind}:unknown-{number}", op="delete_author", effective_at=NOW, reason="platform"))
        for kind in ("post", "author") for number in range(3 * AT_ONCE)
    ]  # fmt: skip
    await world.put(topics.TOMBSTONES, *flood[:20])
    await world.bury("post:x:1")
    before = world.ask("SELECT count() FROM signals FINAL")
    changed = world.sweep()

    assert changed["signals"] == 2
    assert world.ask("SELECT count() FROM signals FINAL") == before
    assert world.grep("says") != []


async def test_no_subject_reaches_further_than_its_name(world: World):
    await world.put(topics.SIGNALS, encode(signal("x:nobody", "", "nobody's words")))
    for subject in ("post:", "author:", "author", "post:x:1' OR 1 = 1 --", "author:%"):
        value = encode(Tombstone(subject=subject, op="delete_author", effective_at=NOW, reason="platform"))
        await world.put(topics.TOMBSTONES, value)

    assert world.ask("SELECT count() FROM tombstones") == [(2,)]
    assert world.sweep() == {}
    assert "signals" in world.grep("nobody's words")


async def test_what_was_undone_later_is_not_forgotten(world: World):
    await world.bury("post:x:1")
    await world.bury("post:x:1", "undo", NOW + 1)

    assert world.sweep() == {}


async def test_a_post_that_its_own_topic_deletes_is_no_more_than_hidden_text(world: World):
    await world.put(topics.SIGNALS, encode(replace(CANARY, revision=5, deleted=1, text="", url="")))
    world.sweep()

    assert world.grep("it's") == []
    await world.put(topics.SIGNALS, encode(replace(CANARY, revision=6, text="shown again")))
    assert world.sweep() == {}


async def test_a_document_that_cannot_be_read_is_emptied(world: World):
    await world.bury("post:x:1")
    world.client.command("ALTER TABLE alerts UPDATE document = '{' WHERE 1", settings={"mutations_sync": 1})
    world.sweep()

    assert world.ask("SELECT evidence, document FROM alerts") == [("[]", "")]
    assert world.sweep() == {}


async def test_a_worker_looks_far_back_first_and_then_at_what_is_new(world: World):
    await world.bury("post:x:1")
    world.client.command(
        "ALTER TABLE tombstones UPDATE ingested_at = now64(3) - 86400 WHERE 1", settings={"mutations_sync": 1}
    )
    with ThreadPoolExecutor(1) as executor:
        sweep = Sweep(lambda: world.client, executor, lambda: True)
        await sweep.once(0.0)
        assert world.grep("it's") == []
        await world.put(topics.SIGNALS, encode(CANARY))
        await sweep.once(20.0)
        assert world.grep("it's") == ["signals"]
        await sweep.once(3_700.0)
        assert world.grep("it's") == []
