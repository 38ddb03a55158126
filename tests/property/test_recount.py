"""What the stages count equals a recount of the posts, written down a second time without looking."""

import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.replay import LogRecord
from schemas.minute import Minute
from tests.noise import SOURCES, brand_log, cut, kept, listening, posts_log, watching, whole

BUCKET, LATENESS, HORIZON = 300_000, 60_000, 1_800_000
few = settings(max_examples=6, deadline=None)
seeds = st.integers(0, 2**32)


class Recount:
    """The rules of counting once more: one partition, from its bytes."""

    def __init__(self, log: Sequence[LogRecord]) -> None:
        self.kinds: Counter[str] = Counter()
        self.minutes: Counter[tuple[str, int, str]] = Counter()  # brand, minute, what
        self._high, self._seen, self._gone = 0, set[tuple[int, str]](), set[str]()
        for one in log:
            self._read(one.value, one.timestamp)

    def _read(self, value: bytes | None, arrived: int) -> None:
        try:
            said = json.loads(value or b"")
            if said.get("type") == "voice":
                return
            at = said["at"] if said.get("type") == "tick" else said["event_time"]
        except (ValueError, AttributeError):
            self.kinds["rejected"] += 1
            return
        if "post_uid" in said and at > arrived + 300_000:
            self.kinds["rejected"] += 1
            return
        self.kinds[self._kind(said)] += 1
        self._high = max(self._high, min(at, arrived))

    def _kind(self, said: dict[str, Any]) -> str:
        brands = [brand for brand in ("acme", "bolt") if brand in said.get("text", "")]
        op = said.get("op", "create")
        if "post_uid" not in said:
            return "ticks"
        if not brands or self._withdrawn(said["post_uid"], op):
            return "withdrawn" if brands else "unmatched"
        if op != "create":
            return "updates"
        minute, mark = said["event_time"] // BUCKET, self._high - LATENESS
        if minute < mark // BUCKET - HORIZON // BUCKET:
            return "expired"
        late = minute < mark // BUCKET
        if not late and (minute, said["post_uid"]) in self._seen:
            return "duplicates"
        self._seen.add((minute, said["post_uid"]))
        for brand in brands:
            self._count(brand, minute * BUCKET, said["text"], late)
        return "late" if late else "on time"

    def _withdrawn(self, uid: str, op: str) -> bool:
        if op == "undelete":
            self._gone.discard(uid)
        if op == "delete":
            self._gone.add(uid)
        return uid in self._gone

    def _count(self, brand: str, minute: int, text: str, late: bool) -> None:
        if late:
            self.minutes[brand, minute, "late"] += 1
            return
        self.minutes[brand, minute, "posts"] += 1
        self.minutes[brand, minute, "negatives"] += any(word in text for word in ("bad", "burns", "meh"))
        self.minutes[brand, minute, "complaints"] += any(word in text for word in ("bad", "burns"))
        self.minutes[brand, minute, "critical"] += "burns" in text


@given(seeds)
@few
def test_every_record_is_counted_as_one_kind_and_the_kinds_sum_up_to_those_read(seed):
    log = posts_log(Random(seed), 0)
    stage = listening(0)
    cut(Random(seed), stage, log)
    progress, kinds = stage.progress(), Recount(log).kinds
    apart = ("ticks", "rejected", "unmatched", "duplicates", "expired", "withdrawn")

    assert {name: getattr(progress, name) for name in apart} == {name: kinds[name] for name in apart}
    assert progress.read == kinds.total() == sum(b'"voice"' not in (one.value or b"") for one in log)


@given(seeds)
@few
def test_closed_totals_equal_a_recount_of_the_posts(seed):
    posts = [posts_log(Random(seed + source), source) for source in range(SOURCES.posts)]
    outputs = [output for source, log in enumerate(posts) for output in cut(Random(seed), listening(source), log)]
    closed: Counter[tuple[str, int, str]] = Counter()
    for target in range(SOURCES.brand):
        for output in whole(watching(target), brand_log(outputs, target)):
            if output.topic == "social.minutes.v1":
                minute = msgspec.json.decode(output.value or b"", type=Minute)
                for what in ("posts", "negatives", "complaints", "critical"):
                    closed[minute.brand, minute.minute, what] += getattr(minute, what)
    counted = sum((Recount(log).minutes for log in posts), Counter())
    told = Counter({key: number for key, number in counted.items() if key[2] != "late"})

    assert +closed == +told


@given(seeds)
@few
def test_partials_equal_a_recount_of_the_posts_late_ones_apart(seed):
    log = posts_log(Random(seed), 0)
    told: Counter[tuple[str, int, str]] = Counter()
    for partial in kept(cut(Random(seed), listening(0), log))["partials"].values():
        told[partial.brand, partial.minute, "late"] = partial.late
        for what in ("posts", "negatives", "complaints", "critical"):
            told[partial.brand, partial.minute, what] = getattr(partial.counts, what)

    assert +told == +Recount(log).minutes
