"""Random logs: a calm day that turns into a crisis, with all that a real one has in it, and how stages read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

import msgspec

from pipeline.adapt import Adapt, Pseudonyms
from pipeline.adapting import adapters
from pipeline.forget import Forget
from pipeline.listen import Listen, Partitions
from pipeline.replay import LogRecord
from pipeline.shadow import Shadowed
from pipeline.stage import Input, Output, Stage
from pipeline.verification import by_watch
from pipeline.watch import Watch
from schemas.brand_log import Bundle, Rehearsal
from schemas.codec import encode
from schemas.drill import DrillPost
from schemas.endorsement import Endorsements, Subjects, Voice
from schemas.finding import Finding
from schemas.interaction import Tombstone
from schemas.post import SocialPost, Tick
from schemas.rules_change import RulesChange
from schemas.topics import BRAND_LOG, ENDORSEMENTS, FINDINGS, SIGNALS
from schemas.withdrawal import KEY, Withdrawal
from tests.builders import LATER, MINUTE, START, ear, post, record, rules_change, watchlist

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
CRISIS, END = 7 * HOUR, 7 * HOUR + 30 * MINUTE
SOURCES = Partitions(posts=2, brand=2)
WATCHLIST = watchlist(bucket_s=300, lateness_s=60, quiet_s=900, idle_s=1_800, patience_s=300)

S = TypeVar("S", bound=Stage)
Checkpoint = tuple[dict[str, bytes], bytes]


def posts_log(rng: Random, source: int) -> list[LogRecord]:
    """One posts partition: seven hours of calm, half an hour of crisis, two hours of ticks."""
    records: list[LogRecord] = []
    now = 0
    while now < END:
        now += rng.randrange(10_000, 30_000) if now >= CRISIS else rng.randrange(60_000, 150_000)
        records.append(record(len(records), _something(rng, records, now, source), START + now))
        if not len(records) % 10:
            records.append(record(len(records), _voice(len(records), now, source), START + now))
    for at in range(END, END + 2 * HOUR, 5 * MINUTE):
        records.append(record(len(records), Tick(at=START + at), START + at + 1))
    return records


def _voice(number: int, now: int, source: int) -> Voice:
    sums = float(number), float(number) / 2, float(number % 7)
    brand = ["", "acme", "bolt"][number // 10 % 3]
    return Voice(author_key=f"{source}:{number % 90}", brand=brand, at=START + now, every=sums, trusted=sums)


def adapting() -> Adapt:
    """A stage that adapts Bluesky."""
    return Adapt("bluesky", adapters()["bluesky"], 2, Pseudonyms(b"secret", "k1"), 0)


def raw_log(rng: Random) -> list[LogRecord]:
    """One raw partition: posts whose counts grow and shrink as they come again, likes, deletes, and rubbish."""
    return [record(offset, _raw(rng), START + offset * MINUTE) for offset in range(200)]


def _raw(rng: Random) -> bytes:
    did, rkey = f"did:plc:{rng.randrange(9)}", str(rng.randrange(20))
    kind = rng.choice(["app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.actor.profile"])
    told = {"$type": "app.bsky.feed.post", "text": "acme broke", "createdAt": "2023-11-14T22:13:20Z"}
    view = {"uri": f"at://{did}/app.bsky.feed.post/{rkey}", "record": told, "likeCount": rng.randrange(9),
            "author": {"did": did, "handle": "a.example"}, "indexedAt": "2023-11-14T22:13:21Z"}  # fmt: skip
    event = {"did": did, "time_us": 1_700_000_000_000_000, "kind": "commit", "commit": {
        "operation": rng.choice(["create", "delete"]), "collection": kind, "rkey": rkey, "record": told}}  # fmt: skip
    return rng.choice([encode(view), encode(view), encode(event), b"{"])


def _something(rng: Random, records: Sequence[LogRecord], now: int, source: int) -> SocialPost | Tick | bytes | None:
    uid, author = f"{source}-{len(records)}", f"{source}:{rng.randrange(90)}"
    one = post(uid, now - rng.randrange(60_000), _text(rng, now), author, reach=rng.randrange(1_000))
    kinds: Sequence[Callable[[], SocialPost | Tick | bytes | None]] = (
        lambda: msgspec.structs.replace(one, event_time=one.event_time - rng.randrange(20 * MINUTE)),
        lambda: msgspec.structs.replace(one, event_time=one.event_time - rng.randrange(4 * HOUR)),
        lambda: msgspec.structs.replace(one, event_time=one.event_time + rng.randrange(5 * MINUTE)),
        lambda: msgspec.structs.replace(one, event_time=LATER + DAY),
        lambda: msgspec.structs.replace(one, op=rng.choice(["update", "delete", "undelete"]), post_uid=_near(rng, one)),
        lambda: msgspec.structs.replace(one, text="nobody we know"),
        lambda: Tick(at=START + now),
        lambda: rng.choice([b"{", b"", None, b"[]", encode(one)[:-1]]),
        lambda: rng.choice(records).value if records else None,
    )
    return rng.choice(kinds)() if rng.random() < 0.4 else one


def _near(rng: Random, one: SocialPost) -> str:
    """A post of a moment ago, itself, or one that is yet to come."""
    source, _, number = one.post_uid.partition("-")
    return f"{source}-{max(int(number) + rng.randrange(-8, 3), 0)}"


def _text(rng: Random, now: int) -> str:
    brand = rng.choice(["acme", "acme", "bolt", "acme bolt"])
    bad = rng.random() < (0.9 if now >= CRISIS and brand != "bolt" else 0.05)
    return f"{brand} {rng.choice(['bad', 'bad', 'burns', 'meh'])}" if bad else f"{brand} {rng.choice(['good', ''])}"


def listening(source: int) -> Listen:
    """A fresh listen stage for one of the partitions."""
    return Listen(source, SOURCES, WATCHLIST.rules, ear())


def forgetting() -> Forget:
    """A stage that passes tombstones on."""
    return Forget(0, SOURCES)


def tombstones_log(rng: Random) -> list[LogRecord]:
    """One partition of tombstones of every kind, keys that were removed, and rubbish."""
    ops = ("delete_post", "delete_author", "withhold", "protect", "suspend", "scrub_geo", "undo")
    said = [
        Tombstone(subject=f"post:{n}", op=rng.choice(ops), effective_at=START, reason="platform") for n in range(90)
    ]
    return [record(offset, rng.choice([one, one, one, None, b"{"])) for offset, one in enumerate(said)]


def with_withdrawals(rng: Random, log: Sequence[LogRecord], count: int = 150) -> list[LogRecord]:
    """The log with withdrawals of posts and authors, known, unknown, repeated and undone, at random places."""
    changed = list(log)
    for _ in range(count):
        at, source = rng.randrange(len(changed)), rng.randrange(2)
        subject = rng.choice([f"post:{source}-{rng.randrange(at + 50)}", f"author:{source}:{rng.randrange(90)}"])
        said = Withdrawal(subject=subject, back=rng.random() < 0.2)
        one = LogRecord(0, changed[at].timestamp, KEY, encode(said))
        changed[at:at] = [one] * rng.choice([1, 1, 2])
    return [one._replace(offset=offset) for offset, one in enumerate(changed)]


def with_drills(log: Sequence[LogRecord], source: int) -> list[LogRecord]:
    """The log with two drills of acme and one of a brand that nobody watches, the second in the midst of the crisis."""
    begun = {START + 6 * HOUR + 7 * MINUTE: ("acme", "d" * 12), START + 7 * HOUR + 17 * MINUTE: ("acme", "e" * 12),
             START + 6 * HOUR + 30 * MINUTE: ("nobody", "f" * 12)}  # fmt: skip
    said = [
        record(0, DrillPost(drill=drill, brand=brand, post=_drilled(f"{source}-{drill}-{number}", at)), at)
        for began, (brand, drill) in begun.items()
        for number, at in enumerate(range(began, began + 8 * MINUTE, 12_000))
    ]
    changed = sorted([*log, *said], key=lambda one: one.timestamp)
    return [one._replace(offset=offset) for offset, one in enumerate(changed)]


def _drilled(uid: str, at: int) -> SocialPost:
    return post(uid, at - START, "acme nobody burns", f"{uid}'s author", reach=900)


def shadowed() -> Shadowed:
    """A fresh watch stage that obeys changes of rules and may have a shadow."""
    return Shadowed(0, WATCHLIST)


def with_changes(rng: Random, log: Sequence[LogRecord], count: int = 12) -> list[LogRecord]:
    """The log with changes of rules at random places: good, repeated, bad ones, shadows that come and go."""
    changed = list(log)
    for _ in range(count):
        at = rng.randrange(len(changed))
        one = record(0, _change(rng), changed[at].timestamp)
        changed[at:at] = [one] * rng.choice([1, 1, 2])
    return [one._replace(offset=offset) for offset, one in enumerate(changed)]


def _change(rng: Random) -> RulesChange:
    thresholds = {
        "pages_per_week": rng.choice([0.1, 1.0, 500.0]), "min_authors": rng.choice([1, 8, 60]),
        "quiet_s": rng.choice([300, 900]), "patience_s": rng.choice([30, 300]),
    }  # fmt: skip
    rules = msgspec.structs.replace(WATCHLIST.rules, **thresholds)
    change = rules_change(msgspec.structs.replace(WATCHLIST, rules=rules), rng.choice(["pages", "shadow", "shadow"]))
    nonsense = {"brands": [{"id": "acme", "name": "", "aliases": [], "timezone": "Mars/Olympus"}]}
    kinds = (
        change, change, change, rules_change(None, "shadow"),
        msgspec.structs.replace(change, watchlist=nonsense),
        msgspec.structs.replace(change, watchlist={"rules": {"bucket_s": 7}, "brands": []}),
    )  # fmt: skip
    return rng.choice(kinds)


def watching(target: int = 0) -> Watch:
    """A fresh watch stage."""
    return Watch(target, WATCHLIST)


def whole(stage: Stage, records: Sequence[Input]) -> list[Output]:
    """Everything at once."""
    return [*stage.apply(records), *stage.flush()]


def cut(rng: Random, stage: Stage, records: Sequence[Input]) -> list[Output]:
    """In random batches, flushed at random."""
    outputs: list[Output] = []
    for batch in batches(rng, records):
        outputs += stage.apply(batch)
        if rng.random() < 0.3:
            outputs += stage.flush()
    return [*outputs, *stage.flush()]


def batches(rng: Random, records: Sequence[Input]) -> Iterable[Sequence[Input]]:
    """Random consecutive pieces."""
    at = 0
    while at < len(records):
        size = rng.choice([1, 1, 3, 20, 100])
        yield records[at : at + size]
        at += size


def crashing(rng: Random, new: Callable[[], Stage], records: Sequence[Input]) -> list[Output]:
    """With checkpoints at random, and crashes after which a fresh stage goes on from the last one."""
    stage, outputs = new(), list[Output]()
    blocks, head = dict[str, bytes](), b""
    while stage.next < len(records):
        outputs += stage.apply(records[stage.next : stage.next + rng.randrange(1, 60)])
        if rng.random() < 0.3:
            outputs += stage.flush()
        if rng.random() < 0.2:
            head = checkpoint(stage, blocks, outputs)
        if rng.random() < 0.1:
            stage = new()
            if head:
                stage.restore(blocks, head)
    return [*outputs, *stage.flush()]


def checkpoint(stage: Stage, blocks: dict[str, bytes], outputs: list[Output]) -> bytes:
    """Flush and snapshot; the changed blocks go into ``blocks``, the head comes back."""
    outputs += stage.flush()
    changed, head = stage.snapshot()
    blocks |= changed
    return head


def kept(outputs: Iterable[Output]) -> Mapping[str, Any]:
    """What readers keep: of partials the one with the highest offset, of all else every record once, by topic."""
    partials: dict[Any, Any] = {}
    leaders: dict[Any, None] = {}
    withdrawals: dict[Any, None] = {}
    drills: dict[Any, Any] = {}
    seen: dict[str, dict[Any, None]] = {}
    for output in outputs:
        if output.topic == BRAND_LOG.name and output.key == KEY:
            withdrawals |= {output: None}
        elif output.topic == BRAND_LOG.name:
            told = msgspec.json.decode(output.value or b"", type=Bundle)
            leaders |= dict.fromkeys(told.leaders)
            for one in (*told.partials, *told.rehearsals):
                held, total = (drills, one.partial) if isinstance(one, Rehearsal) else (partials, one)
                drill = one.drill if isinstance(one, Rehearsal) else ""
                key = (output.partition, told.progress.source, total.minute, total.brand, drill)
                if key not in held or held[key][0] <= told.progress.offset:
                    held[key] = (told.progress.offset, one)
        elif output.topic == SIGNALS.name:
            seen.setdefault(f"{output.topic}/{output.partition}", {}).update(
                dict.fromkeys((output.value or b"").split(b"\n"))
            )
        elif output.topic == ENDORSEMENTS.name:
            kind = Subjects if output.key == b"subjects" else Endorsements
            block = msgspec.json.decode(output.value or b"", type=kind)
            rows = zip(*(getattr(block, name) for name in kind.__struct_fields__ if name != "source"), strict=True)
            seen.setdefault(f"{output.topic}/{output.partition}", {}).update(dict.fromkeys(rows))
        elif output.topic != FINDINGS.name or by_watch(output.value):
            seen.setdefault(f"{output.topic}/{output.partition}", {})[output] = None
        else:  # each source tells its own in order
            source = msgspec.json.decode(output.value or b"", type=Finding).evidence[0].partition
            seen.setdefault(f"{output.topic}/{output.partition} of {source}", {})[output] = None
    totals = {key: one for key, (_, one) in partials.items()}
    rehearsed = {key: one for key, (_, one) in drills.items()}
    return {
        "partials": totals,
        "drills": rehearsed,
        "leaders": sorted(leaders, key=repr),
        "withdrawals": sorted(withdrawals, key=repr),
        **{topic: list(values) for topic, values in seen.items()},
    }


def brand_log(outputs: Iterable[Output], target: int = 0, appended_at: int = LATER) -> list[LogRecord]:
    """The records of one partition of the brand log, all appended at one moment."""
    told = (output for output in outputs if (output.topic, output.partition) == (BRAND_LOG.name, target))
    return [LogRecord(offset, appended_at, output.key, output.value) for offset, output in enumerate(told)]
