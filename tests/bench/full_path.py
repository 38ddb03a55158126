"""The full path: listen, endorse, influence, watch and store with the real text model, over a real Kafka."""

import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import orjson
from rich.console import Console

from agents import topic_admin
from agents.worker import read_watchlist
from deploy.kafka.broker import KafkaBroker
from pipeline.feed import key_of, partition_of
from pipeline.text.training.examples import corpus
from schemas.author import Author
from schemas.codec import encode
from schemas.interaction import Interaction
from schemas.post import SocialPost
from schemas.topics import INTERACTIONS, POSTS
from tests.bench.report import Measure
from tests.bench.sizes import FULL, Sizes
from tests.bench.spine import cpu
from tests.bench.workload.brokers import load
from tests.bench.workload.data import Record
from tests.bench.workload.worker_process import WorkerProcess

PARTITIONS, BRAND_PARTITIONS, AUTHORS = 4, 3, 10_000
TRUSTED = 100  # authors of whom one is a verified medium, so that endorsements are worth something
SPAN_MS = 600_000
STAGES = "listen,endorse,influence,watch"
SLOWEST_S = 180.0

_console = Console(stderr=True)


class Work(NamedTuple):
    """What is fed."""

    posts: list[Record]
    interactions: list[Record]


class Spent(NamedTuple):
    """One run: wall and CPU seconds, those of the engine, wall seconds by stage, bytes on disk of a stored post."""

    seconds: float
    cpu_s: float
    engine_s: float
    stages: dict[str, float]
    disk: float


def watchlist() -> Path:
    """The demo's brands."""
    return Path(str(resources.files("agents.demo") / "watchlist.yaml"))


def work(posts: int, now_ms: int) -> Work:
    """Texts of the corpus in all three scripts, each about a brand; as many interactions. The last ten minutes."""
    rng, aliases = Random(1), [alias for brand in read_watchlist(watchlist()).brands for alias in brand.aliases]
    texts = [one.text for one in corpus()]
    rng.shuffle(texts)
    made = [
        post(
            number,
            f"{rng.choice(aliases)} {text}",
            rng.randrange(AUTHORS),
            now_ms - SPAN_MS + number * SPAN_MS // posts,
        )
        for number, text in enumerate(islice(cycle(texts), posts))
    ]
    return Work([_record(key_of(one), encode(one), one.event_time) for one in made], list(_interactions(rng, made)))


def account(number: int) -> str:
    """An author key, of which the first half tells accounts apart already."""
    return f"{number:016x}" * 2


def post(number: int, text: str, author: int, at: int) -> SocialPost:
    """One post."""
    return SocialPost(
        post_uid=f"weibo:{number:09}", url=f"https://example.invalid/p/{number:09}", platform="weibo",
        channel="microblog", text=text, event_time=at, author=Author(author_key=account(author), followers=author),
    )  # fmt: skip


def _interactions(rng: Random, posts: list[SocialPost]) -> Iterator[Record]:
    for number, one in enumerate(posts):
        who = rng.randrange(AUTHORS)
        media = {"verified": True, "verified_kind": "media"} if who % TRUSTED == 0 else {}
        actor = account(who)
        liked = Interaction(
            interaction_uid=f"weibo:{number:09}", type="repost", actor=Author(author_key=actor, **media),
            target_uid=one.post_uid,
            target_author_key=one.author.author_key if one.author else None, platform="weibo", channel="microblog",
            event_time=one.event_time,
        )  # fmt: skip
        yield _record(actor.encode(), encode(liked), one.event_time)


def _record(key: bytes, value: bytes, at: int) -> Record:
    return partition_of(key, PARTITIONS), key, value, at


def measures(sizes: Sizes = FULL) -> list[Measure]:
    """With the store and without, by turns; each time on a broker of its own."""
    given = work(sizes.posts, int(time.time() * 1000))
    values = [record[2] for record in given.posts]
    stored, plain, loads = list[Spent](), list[Spent](), list[float]()
    for turn in range(sizes.rounds):
        loads.append(cpu(lambda: [orjson.loads(value) for value in values]))
        for stages, found in ((f"{STAGES},store", stored), (STAGES, plain)):
            spent = one_run(given, stages)
            found.append(spent)
            _console.print(
                f"full path {turn}, {stages}: {len(values) / spent.seconds:,.0f} posts/s, "
                f"{spent.cpu_s / len(values) * 1e6:.1f} us of CPU a post"
            )
    return figures(len(values), stored, plain, loads)


def one_run(given: Work, stages: str) -> Spent:
    """A worker that owns its partitions is given everything at once."""
    with KafkaBroker() as broker, tempfile.TemporaryDirectory() as folder:
        bootstrap = broker.start()
        topic_admin.create([bootstrap], topic_admin.Counts(PARTITIONS, BRAND_PARTITIONS, 1))
        with WorkerProcess(bootstrap, Path(folder), {
            "STAGES": stages, "WATCHLIST": str(watchlist()), "POSTS_PARTITIONS": str(PARTITIONS),
            "BRAND_PARTITIONS": str(BRAND_PARTITIONS),
        }) as worker:  # fmt: skip
            before, busy, began = worker.cpu(), worker.stage_seconds(), time.monotonic()
            load(bootstrap, INTERACTIONS.name, given.interactions)
            load(bootstrap, POSTS.name, given.posts)
            worker.wait_read({"listen": len(given.posts), "endorse": len(given.interactions)}, SLOWEST_S)
            seconds, after = time.monotonic() - began, worker.cpu()
            stage_seconds = {name: spent - busy.get(name, 0) for name, spent in worker.stage_seconds().items()}
            disk = worker.bytes_of_a_row("signals") if "store" in stages else 0.0
    total, engine = (after[place] - before[place] for place in (0, 1))
    return Spent(seconds, total, engine, stage_seconds, disk)


def figures(posts: int, stored: list[Spent], plain: list[Spent], loads: list[float]) -> list[Measure]:
    """Runs as what they mean; by post everything that a post sets in motion, its interaction included."""

    def by_post(seconds: list[float]) -> list[float]:
        return [one / posts * 1e6 for one in seconds]

    found = [
        Measure("full_path_posts_per_second_one_core", "posts/s", [posts / one.cpu_s for one in stored]),
        Measure("full_path_posts_per_second_one_core_without_store", "posts/s", [posts / one.cpu_s for one in plain]),
        Measure("full_path_posts_per_second_wall", "posts/s", [posts / one.seconds for one in stored]),
        Measure("full_path_cpu_against_orjson_loads", "x", [
            one.cpu_s / base for one, base in zip(stored, loads, strict=True)
        ]),
        Measure("store_on_extra_cpu", "share", [
            one.cpu_s / other.cpu_s - 1 for one, other in zip(stored, plain, strict=True)
        ]),
        Measure("store_engine_us_per_post", "us", by_post([one.engine_s for one in stored])),
        Measure("bytes_on_disk_per_post", "B", [one.disk for one in stored]),
    ]  # fmt: skip
    names = STAGES.split(",")
    found += [
        Measure(f"full_path_{name}_us_per_post", "us", by_post([one.stages.get(name, 0.0) for one in plain]))
        for name in names
    ]
    rest = [one.cpu_s - sum(one.stages.get(name, 0.0) for name in names) for one in plain]
    found.append(Measure("full_path_transport_us_per_post", "us", by_post(rest)))
    more = [one.cpu_s - other.cpu_s for one, other in zip(stored, plain, strict=True)]
    found.append(Measure("full_path_store_us_per_post", "us", by_post(more)))
    return found
