"""Interactions out of two snapshots of a post's counts."""

from msgspec.structs import replace

from pipeline.metric_deltas import snapshot_deltas
from schemas.codec import Decoder, encode
from schemas.interaction import Interaction
from schemas.post_parts import Metrics
from tests.builders import post

BEFORE = Metrics(likes=5, reposts=2, replies=None, views=100, as_of=1_718_006_400_000)
AFTER = replace(post("1", 0), metrics=Metrics(likes=9, reposts=1, replies=4, views=100, as_of=1_718_006_460_000))


def test_what_has_grown_is_told_once_and_what_is_unknown_or_fell_is_not():
    (delta,) = snapshot_deltas(BEFORE, AFTER)

    assert (delta.type, delta.count, delta.basis) == ("like", 4, "snapshot_delta")
    assert delta.target_uid == AFTER.post_uid
    assert delta.event_time == AFTER.metrics.as_of
    assert Decoder[Interaction](Interaction).decode(encode(delta)) == delta


def test_the_same_snapshots_give_the_same_uid():
    assert snapshot_deltas(BEFORE, AFTER) == snapshot_deltas(BEFORE, AFTER)


def test_an_older_snapshot_that_comes_late_tells_nothing():
    assert snapshot_deltas(AFTER.metrics, replace(AFTER, metrics=BEFORE)) == []
    assert snapshot_deltas(BEFORE, replace(AFTER, metrics=None)) == []
