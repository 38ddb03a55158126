"""The brake stops on a partition of rubbish, never on single bad records."""

import pytest

from pipeline.brake import Brake
from pipeline.stage import Poisoned


def feed(brake: Brake, pattern: str) -> None:
    """``.`` is a good record, ``x`` a bad one."""
    for number, kind in enumerate(pattern):
        if kind == "x":
            brake.reject(f"record {number}")
        else:
            brake.good()


@pytest.mark.parametrize("pattern", ["x" + "." * 499, ".x", "..x" * 50, "xx.."])
def test_bad_records_among_good_ones_never_stop(pattern):
    brake = Brake()
    feed(brake, (pattern * 5_000)[:5_000])

    assert brake.bad <= 250


def test_more_than_half_of_a_window_stops_and_names_the_record():
    with pytest.raises(Poisoned, match=r"251 of the last 251 records are unreadable, the last is record 250"):
        feed(Brake(), "x" * 251)


def test_half_of_a_window_does_not_stop():
    brake = Brake()
    feed(brake, "x" * 250 + "." * 250)

    assert (brake.seen, brake.bad) == (0, 0)


def test_bad_records_in_a_row_stop_even_across_windows():
    with pytest.raises(Poisoned, match="4 unreadable records in a row"):
        feed(Brake(max_ratio=1.0, window=3, max_consecutive=4), "xxxx")


def test_a_good_record_ends_the_row():
    brake = Brake(max_ratio=1.0, window=3, max_consecutive=4)
    feed(brake, "xxx." * 10)

    assert brake.in_a_row == 0


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_250])
def test_good_records_count_alike_together_and_one_by_one(count):
    together, one_by_one = Brake(), Brake()
    feed(together, "..x")
    feed(one_by_one, "..x" + "." * count)
    together.good(count)

    assert together == one_by_one
