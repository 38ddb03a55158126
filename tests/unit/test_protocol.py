"""The order in which a checkpoint is written, attacked by crashes, late writers and compaction."""

import pytest

from tests.unit.protocol_model import AppliedOffsets, Checkpoints, Manifests, is_exact

SCHEDULES = 200


def wrong(protocol: Checkpoints, *, zombies: bool) -> int:
    """Schedules that end wrong."""
    return sum(not is_exact(protocol, seed, zombies=zombies) for seed in range(SCHEDULES))


@pytest.mark.parametrize("zombies", [False, True])
def test_outputs_then_block_versions_then_manifest_is_always_exact(zombies):
    assert wrong(Manifests(), zombies=zombies) == 0


@pytest.mark.parametrize("zombies", [False, True])
@pytest.mark.parametrize(
    "order",
    [("blocks", "manifest", "outputs"), ("manifest", "outputs", "blocks"), ("outputs", "manifest", "blocks")],
    ids="-".join,
)
def test_any_other_order_is_found_wrong(order, zombies):
    assert wrong(Manifests(order), zombies=zombies) > 0


def test_blocks_written_in_place_before_outputs_lose_outputs():
    assert wrong(AppliedOffsets(("blocks", "outputs")), zombies=False) > 0


def test_blocks_written_in_place_are_overwritten_by_a_late_writer_even_after_outputs():
    assert wrong(AppliedOffsets(("outputs", "blocks")), zombies=True) > 0
