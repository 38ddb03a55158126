"""Long blocks of a checkpoint: no record of the topic is longer than the broker takes, and nothing is lost."""

import pytest

from agents.checkpoints import choose
from agents.faust_app import MAX_REQUEST_BYTES
from agents.pieces import LONGEST, cut, joined
from schemas.topics import WATCH_KEPT, state_topic
from tests.fakes.faust_world import STATE
from tests.unit.test_saving import World


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 20, 105])
def test_pieces_are_no_longer_than_they_may_be_and_make_the_block_again(length):
    blocks = {"open": bytes(range(length)), "series-1": b"short"}
    pieces = cut(blocks, (), longest=10)

    assert max(map(len, pieces.values())) <= 10
    assert len(pieces) == max(-(-length // 10), 1) + 1
    assert joined(dict(reversed(pieces.items()))) == blocks


def test_a_block_that_has_become_shorter_keeps_nothing_of_what_it_was():
    long = cut({"open": b"x" * 25}, (), longest=10)
    short = long | cut({"open": b"y"}, long, longest=10)

    assert sorted(short) == ["open", "open+1", "open+2"]
    assert joined(short) == {"open": b"y"}
    assert joined(short | cut({"open": b"z" * 15}, short, longest=10)) == {"open": b"z" * 15}


def test_topics_and_producers_take_a_piece_with_room_to_spare():
    limits = [
        MAX_REQUEST_BYTES,
        *(int(topic.config["max.message.bytes"]) for topic in (state_topic("x", "posts"), WATCH_KEPT)),
    ]

    assert min(limits) >= 2 * LONGEST


async def test_a_block_that_no_record_could_hold_is_saved_and_restored(monkeypatch):
    world, value = World(), bytes(5) + b"12" * (LONGEST + 3)
    monkeypatch.setattr(world.part.state, "_encoded", lambda _block: value)
    await world.save(0)
    manifest, latest = choose(world.app.producer.latest(0)), world.app.producer.latest(0)
    assert manifest
    restored = joined({piece: latest[version] for piece, version in manifest.blocks.items()})

    assert max(len(row.value or b"") for row in world.app.producer.sent if row.topic == STATE) <= LONGEST
    assert restored == {"even": value}
