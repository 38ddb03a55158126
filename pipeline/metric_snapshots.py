"""The newest counts that platforms showed beside posts, so that those which grow become interactions."""

from collections.abc import Mapping
from functools import partial

import msgspec
from msgspec.structs import asdict, replace

from pipeline.metric_deltas import snapshot_deltas
from pipeline.recent import post_hash
from pipeline.stage import Blocks
from schemas.interaction import Interaction
from schemas.post import SocialPost
from schemas.post_parts import Metrics

BLOCKS = 32
MOST = 1_600  # posts of a block that are remembered: those counted last, 50,000 in all
PREFIX = "metrics-"


class MetricSnapshots:
    """The newest counts of the posts of one partition, in blocks of which each forgets what it has not seen longest.

    Posts are known by hashes: a uid may name its author, and checkpoints stay.
    """

    __slots__ = ("_blocks", "_dirty")

    def __init__(self) -> None:
        self._blocks: list[dict[int, Metrics]] = [{} for _ in range(BLOCKS)]
        self._dirty = set[int]()

    def differences(self, post: SocialPost, received_at: int) -> list[Interaction]:
        """What happened since the snapshot before; nothing at the first, nor at one that is no newer (times in ms).

        A count that is missing is as it was.
        """
        if post.metrics is None:
            return []
        mark = post_hash(post.post_uid)
        before = self._blocks[mark % BLOCKS].get(mark)
        now = replace(post.metrics, as_of=post.metrics.as_of or received_at)
        if before is not None:
            if (now.as_of or 0) <= (before.as_of or 0):
                return []
            now = Metrics(**(asdict(before) | {name: told for name, told in asdict(now).items() if told is not None}))
        self._keep(mark, now)
        return snapshot_deltas(before, replace(post, metrics=now)) if before is not None else []

    def _keep(self, mark: int, counts: Metrics) -> None:
        block = self._blocks[mark % BLOCKS]
        block.pop(mark, None)  # the newest are last
        block[mark] = counts
        if len(block) > MOST:
            del block[next(iter(block))]
        self._dirty.add(mark % BLOCKS)

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._dirty = {number for number, block in enumerate(self._blocks) if block}

    def snapshot(self) -> Blocks:
        """The blocks that changed."""
        dirty, self._dirty = sorted(self._dirty), set()
        return Blocks({f"{PREFIX}{number}": partial(msgspec.msgpack.encode, self._blocks[number]) for number in dirty})

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        for name, block in blocks.items():
            self._blocks[int(name.removeprefix(PREFIX))] = msgspec.msgpack.decode(block, type=dict[int, Metrics])
