"""Kept checkpoints: when one is due, what a crash leaves behind, and where verifying may begin."""

import pytest

from agents.checkpoints import Mark
from agents.keeping import Keep, Kept, Shelf, Start, choose_start, rows
from schemas.topics import BRAND_LOG, DAY_MS, WATCH_KEPT

KEEP = Keep("kept", "rules")
NOON = 1_700_000_000_000


def kept(offset: int, rules: str = "rules") -> tuple[str, Kept]:
    return f"{offset}.w", Kept(Mark(offset, NOON, rules), ("a",), b"")


def test_the_first_checkpoint_is_kept_and_then_one_a_day_of_the_logs_own_time():
    first = KEEP.due(None, 5, NOON)

    assert first == Mark(5, NOON, "rules")
    assert KEEP.due(first, 900, NOON + DAY_MS - 1) is None
    assert KEEP.due(first, 900, NOON + DAY_MS) == Mark(900, NOON + DAY_MS, "rules")


def test_the_first_checkpoint_under_other_rules_is_kept_at_once():
    assert KEEP.due(Mark(5, NOON, "before"), 9, NOON + 1) == Mark(9, NOON + 1, "rules")


def test_kept_checkpoints_expire_with_the_log_that_follows_them():
    assert WATCH_KEPT.retention_ms == BRAND_LOG.retention_ms
    assert not WATCH_KEPT.compacted


@pytest.mark.parametrize(("written", "complete"), [(0, 0), (1, 0), (2, 0), (3, 1)])
def test_a_crash_before_the_manifest_leaves_no_checkpoint(written: int, complete: int):
    keys = [key for key, _ in rows(Mark(5, NOON, "rules"), "w", {"a": b"1", "b": b"2"}, b"head")][:written]
    manifests = {key: Kept(Mark(5, NOON, "rules"), ("a", "b"), b"head") for key in keys if "/" not in key}

    assert len(Shelf(manifests, dict.fromkeys(keys, 0)).complete()) == complete


def test_a_checkpoint_whose_blocks_have_expired_is_none():
    manifests = {"5.w": kept(5)[1], "9.w": kept(9)[1]}

    assert Shelf(manifests, {"5.w": 2, "9.w": 7, "9.w/a": 6}).complete() == [kept(9)]


def test_a_former_owner_at_the_same_offset_overwrites_nothing():
    one, two = (dict(rows(Mark(5, NOON, "rules"), writer, {"a": b"1"}, b"")) for writer in ("one", "two"))

    assert not one.keys() & two.keys()


@pytest.mark.parametrize(
    ("shelf", "begin", "start"),
    [
        ([], 0, Start("", 0)),
        ([], 7, None),
        ([kept(5), kept(20)], 0, Start("", 0)),
        ([kept(5), kept(20)], 3, Start("5.w", 5)),
        ([kept(5), kept(20)], 5, Start("5.w", 5)),
        ([kept(5), kept(20)], 6, Start("20.w", 20)),
        ([kept(5), kept(20)], 21, None),
        ([kept(5, "old"), kept(20), kept(30)], 0, Start("20.w", 20)),
        ([kept(5), kept(20, "old"), kept(30)], 0, Start("30.w", 30)),
        ([kept(5), kept(20, "new")], 0, None),
    ],
)
def test_verifying_begins_as_early_as_the_log_is_there_and_one_set_of_rules_decided_it(shelf, begin: int, start):
    assert choose_start(shelf, begin, "rules") == start
