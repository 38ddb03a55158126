"""What must come out of a posts log: a plain recount of its bytes, and the decisions of a replay of it."""

import time
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import orjson
from kafka.consumer.fetcher import ConsumerRecord

from agents.worker import read_watchlist
from pipeline.brands import BrandMatcher
from pipeline.feed import Send
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.replay import Topology
from pipeline.text.model.reader import packaged
from tests.integration.stack import BRAND, POSTS

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
MINUTE_MS, LATENESS_MS, HORIZON_MS, FUTURE_MS = 60_000, 30_000, 1_800_000, 300_000


class Truth:
    """The rules of counting written down again, over the whole posts log in the order of each partition."""

    def __init__(self, log: Sequence[ConsumerRecord]) -> None:
        self.log = log
        self._latest: dict[str, tuple[int, bool]] = {}  # of each post: its highest revision, and whether that is shown
        self.rejected: set[tuple[int, int]] = set()
        self.on_time: Counter[tuple[str, int]] = Counter()
        self.late: Counter[tuple[str, int]] = Counter()
        self.repeated = self.expired = 0
        self._matcher = BrandMatcher(read_watchlist(WATCHLIST))
        self._high: Counter[int] = Counter()  # highest event time of each partition
        self._seen: set[tuple[int, int, str]] = set()
        self._gone: set[tuple[int, str | None]] = set()
        for record in log:
            self._read(record.partition, record.offset, record.value or b"", record.timestamp)

    @property
    def stored(self) -> dict[str, int]:
        """The posts that a reader of the store sees, each in its last revision."""
        return {uid: revision for uid, (revision, shown) in self._latest.items() if shown}

    def _read(self, partition: int, offset: int, value: bytes, arrived: int) -> None:
        try:
            said = orjson.loads(value)
        except orjson.JSONDecodeError:
            self.rejected.add((partition, offset))
            return
        if said.get("event_time", 0) > arrived + FUTURE_MS:
            self.rejected.add((partition, offset))
            return
        if said.get("type") != "tick":
            self._count(partition, said)
        self._high[partition] = max(self._high[partition], min(said.get("at", said.get("event_time")), arrived))

    def _count(self, partition: int, post: dict) -> None:
        words = [post.get("title", ""), post.get("text", ""), *post.get("hashtags", []), *post.get("brands", [])]
        brands, op = self._matcher.match_one("\n".join(words)).brands, post.get("op", "create")
        named = {post["post_uid"], post.get("repost_of_uid") if op != "delete" else None}
        if self._gone & {(partition, uid) for uid in named}:
            return  # withdrawn before it came, or its original was
        if brands or op == "delete":
            news = (post.get("revision", 0), op != "delete")
            self._latest[post["post_uid"]] = max(self._latest.get(post["post_uid"], news), news)
        if op == "delete":
            self._gone.add((partition, post["post_uid"]))
        if not brands or op != "create":
            return
        minute = post["event_time"] // MINUTE_MS * MINUTE_MS
        mark = max(self._high[partition] - LATENESS_MS, 0)
        if minute < mark // MINUTE_MS * MINUTE_MS - HORIZON_MS:
            self.expired += 1
        elif minute + MINUTE_MS <= mark:
            self.late.update((brand, minute) for brand in brands)
        elif (partition, minute, post["post_uid"]) in self._seen:
            self.repeated += 1
        else:
            self._seen.add((partition, minute, post["post_uid"]))
            self.on_time.update((brand, minute) for brand in brands)

    def decided(self, *topics: str) -> list[list[bytes]]:
        """The distinct values of some topics that a replay of the same log makes, sorted."""
        watchlist = read_watchlist(WATCHLIST)
        ear = Ear(watchlist, packaged("full"))
        topology = Topology(Partitions(POSTS, BRAND), watchlist, ear, int(time.time() * 1000))
        merged = sorted(self.log, key=lambda record: (record.offset, record.partition))
        sends = [Send(record.partition, b"", record.value or b"", 0) for record in merged]
        made: dict[str, set[bytes]] = {topic: set() for topic in topics}
        for output in topology.run(sends):
            if output.topic in made:
                made[output.topic].add(output.value or b"")
        return [sorted(made[topic]) for topic in topics]
