"""The records of workload W, and what every implementation must make of them."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import NamedTuple

import orjson

from pipeline.feed import partition_of
from tests.bench.peers.fold import NEGATIVE, POSITIVE, WINDOW_MS, Scores, score

BRANDS, AUTHORS = 1_000, 100_000
START_MS = 1_700_000_000_000 // WINDOW_MS * WINDOW_MS
SPAN_MS = 10 * WINDOW_MS
END_MS = START_MS + 2 * SPAN_MS  # one post a brand then: it closes the last window of every implementation
POST_BYTES, INTERACTION_BYTES = 404, 127
_HAN = (
    "昨天在门店排了半个小时才轮到，柜员说系统还没更新，让我们改天再来，结果今天早上又接到电话说预约已经取消，"
    "家里老人一直在等这个东西用，来回跑了三趟也没有结果，希望负责的同事能看到这条消息并且早点给个说法，谢谢大家转发"
)
_LATIN = (
    "we drove across town twice this week because the parts had not arrived and the desk kept telling us to try again "
    "tomorrow so now the kitchen is still half finished and the children eat on the stairs which they find rather fun"
)
_HAN_CHARACTERS, _LATIN_WORDS = 26, 14  # of a text, about 80 bytes

Record = tuple[int, bytes, bytes, int]  # partition, key, value, event time in ms


class Workload(NamedTuple):
    """Records of both topics, and what must come of them: windows, authors, and all scores as of ``END_MS``."""

    posts: list[Record]
    interactions: list[Record]
    windows: dict[tuple[str, int], tuple[int, float, int]]  # brand, minute -> posts, score, negatives
    authors: int
    total: float


def workload(events: int, partitions: int, *, brands: int = BRANDS, authors: int = AUTHORS) -> Workload:
    """Half posts, half interactions, over ``SPAN_MS``; the same arguments give the same bytes."""
    told, windows, scores = list(posts(events // 2, brands, authors)), dict[tuple[str, int], list[float]](), Scores()
    for post in told:
        worth, at = score(post["text"]), post["ts"]
        window = windows.setdefault((post["brand"], at // WINDOW_MS), [0, 0.0, 0])
        for place, more in enumerate((1, worth, worth < 0)):
            window[place] += more
    given = list(interactions(events // 2, authors))
    for one in given:
        scores.add(one)
    due = {key: (int(n), total, int(negative)) for key, (n, total, negative) in windows.items()}
    return Workload(
        [_record(post["brand"], post, POST_BYTES, partitions) for post in told],
        [_record(one["author"], one, INTERACTION_BYTES, partitions) for one in given],
        {key: window for key, window in due.items() if key[1] * WINDOW_MS < END_MS},
        len(scores.held), scores.sum(END_MS),
    )  # fmt: skip


def posts(count: int, brands: int, authors: int) -> Iterator[dict]:
    """Posts about brands that are as uneven as brands are, and one of each brand at the end."""
    rng = Random(1)
    weights = list(accumulate(1 / (number + 1) ** 0.9 for number in range(brands)))
    about = rng.choices(range(brands), cum_weights=weights, k=count)
    for number, brand in enumerate(about):
        yield _post(rng, number, brand, authors, START_MS + number * SPAN_MS // count)
    for brand in range(brands):
        yield _post(rng, count + brand, brand, authors, END_MS)


def _post(rng: Random, number: int, brand: int, authors: int, at: int) -> dict:
    return {
        "id": f"p{number:012}", "author": f"u{rng.randrange(authors):07}", "brand": f"brand_{brand:05}",
        "text": _text(rng), "ts": at, "followers": rng.randrange(100_000), "lang": "zh", "channel": "weibo",
        "url": f"https://example.invalid/p/{number}",
    }  # fmt: skip


def _text(rng: Random) -> str:
    if rng.random() < 0.6:
        start = rng.randrange(len(_HAN) - _HAN_CHARACTERS)
        words, glue = [_HAN[start : start + 12], _HAN[start + 12 : start + _HAN_CHARACTERS]], ""
    else:
        latin = _LATIN.split()
        start = rng.randrange(len(latin) - _LATIN_WORDS)
        words, glue = latin[start : start + _LATIN_WORDS], " "
    if rng.random() < 0.5:
        words.insert(1, f" {rng.choice(NEGATIVE + POSITIVE)} ")
    return glue.join(words)


def interactions(count: int, authors: int) -> Iterator[dict]:
    """Reposts among authors some of whom are reposted far more than others."""
    rng = Random(2)
    for number in range(count):
        yield {
            "id": f"i{number:010}", "post": f"p{rng.randrange(10**9):010}", "actor": f"u{rng.randrange(authors):07}",
            "author": f"u{int(authors * rng.random() ** 2):07}", "w": 1.5, "ts": START_MS + number * SPAN_MS // count,
        }  # fmt: skip


def _record(key: str, value: dict, size: int, partitions: int) -> Record:
    """Padded to so many bytes."""
    missing = size - len(orjson.dumps(value)) - len(',"pad":""')
    padded = orjson.dumps(value | {"pad": "x" * missing} if missing >= 0 else value)
    return partition_of(key.encode(), partitions), key.encode(), padded, value["ts"]
