"""Which checkpoint is believed: the complete manifest with the highest offset, and no other."""

import msgspec
import pytest

from agents.checkpoints import MANIFEST, Manifest, StateLost, choose


def manifest(offset: int, **blocks: str) -> bytes:
    return msgspec.json.encode(Manifest(offset, blocks, b"head of %d" % offset))


def test_a_partition_without_state_begins_anew():
    assert choose({}) is None


def test_blocks_whose_checkpoint_was_never_finished_are_not_a_checkpoint():
    assert choose({"a/one.1": b"half written"}) is None


def test_the_complete_manifest_with_the_highest_offset_wins():
    latest = {
        "a/one.1": b"", "a/two.1": b"",
        f"{MANIFEST}one": manifest(10, a="a/one.1"), f"{MANIFEST}two": manifest(20, a="a/two.1"),
    }  # fmt: skip

    assert choose(latest) == Manifest(20, {"a": "a/two.1"}, b"head of 20")


@pytest.mark.parametrize("later", ["one", "two"])
def test_a_zombies_older_manifest_is_ignored_although_it_was_written_last(later: str):
    manifests = {f"{MANIFEST}one": manifest(20, a="a/x.1"), f"{MANIFEST}two": manifest(10, a="a/x.1")}
    latest = {"a/x.1": b"", f"{MANIFEST}{later}": manifests.pop(f"{MANIFEST}{later}"), **manifests}
    found = choose(latest)

    assert found is not None
    assert found.offset == 20


def test_a_manifest_that_misses_a_block_gives_way_to_an_older_complete_one():
    latest = {
        "a/one.1": b"", "a/two.1": b"",
        f"{MANIFEST}one": manifest(10, a="a/one.1"), f"{MANIFEST}two": manifest(20, a="a/two.1", b="b/two.1"),
    }  # fmt: skip
    found = choose(latest)

    assert found is not None
    assert found.offset == 10


def test_manifests_of_which_none_is_complete_are_lost_state_and_not_a_fresh_start():
    with pytest.raises(StateLost, match="2 manifests, none complete"):
        choose({f"{MANIFEST}one": manifest(10, a="a/one.1"), f"{MANIFEST}two": manifest(20, a="a/two.1")})
