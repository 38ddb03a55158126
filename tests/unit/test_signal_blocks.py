"""Signals travel in blocks that Kafka's default record size can hold."""

import msgspec
from msgspec.structs import replace

from pipeline.signal_blocks import BYTES, ROWS, SignalBlocks
from schemas.signal import Signal
from tests.builders import SIGNAL


def uids(block: bytes) -> list[str]:
    return [msgspec.json.decode(row, type=Signal).post_uid for row in block.split(b"\n")]


def filled(count: int, text: str = "") -> SignalBlocks:
    blocks = SignalBlocks(3)
    for number in range(count):
        blocks.add(replace(SIGNAL, post_uid=str(number), text=text))
    return blocks


def test_nothing_gathered_makes_no_block():
    assert SignalBlocks(0).rest() == []


def test_every_signal_leaves_once_and_in_order():
    blocks = filled(2 * ROWS + 1)
    left = [*blocks.full(), *blocks.rest()]

    assert [uid for output in left for uid in uids(output.value)] == [str(number) for number in range(2 * ROWS + 1)]
    assert blocks.rest() == []


def test_only_a_block_without_room_leaves_before_the_flush():
    assert filled(ROWS).full() == []
    assert [len(uids(output.value)) for output in filled(ROWS + 1).full()] == [ROWS]


def test_blocks_of_long_texts_stay_small():
    blocks = filled(40, "x" * 60_000)
    left = [*blocks.full(), *blocks.rest()]

    assert max(len(output.value) for output in left) <= BYTES + 40
    assert sum(len(uids(output.value)) for output in left) == 40


def test_what_stays_behind_when_full_blocks_leave_still_fills_its_own():
    blocks, left = SignalBlocks(0), []
    for number in range(40):
        blocks.add(replace(SIGNAL, post_uid=str(number), text="x" * 60_000))
        left += blocks.full()

    assert max(len(output.value) for output in [*left, *blocks.rest()]) <= BYTES + 40


def test_the_longest_text_there_is_fits_a_megabyte():
    blocks = filled(3, "\x01" * 65_536)

    assert max(len(output.value) for output in [*blocks.full(), *blocks.rest()]) < 1_000_000


def test_a_block_stands_on_the_partition_of_its_posts_without_a_key():
    output = filled(1).rest()[0]

    assert (output.topic, output.partition, output.key) == ("social.signals.v1", 3, None)
