"""Distinct authors: exact while few, close when many."""

import pytest

from pipeline.sketch import SIZE, Distinct, author_hash


def test_hashes_are_the_same_everywhere_and_fit_63_bits():
    assert author_hash("a") == 2_340_832_890_917_691_671
    assert all(0 <= author_hash(str(number)) < 2**63 for number in range(1_000))
    assert author_hash("\ud800") != author_hash("\ud801")


@pytest.mark.parametrize("authors", [0, 1, SIZE - 1])
def test_the_count_is_exact_below_the_size(authors: int):
    sketch = Distinct()
    for number in list(range(authors)) * 2:
        sketch.add(author_hash(str(number)))

    assert sketch.estimate() == authors
    assert len(sketch.smallest()) == authors


@pytest.mark.parametrize("authors", [300, 5_000, 50_000])
def test_the_estimate_is_within_three_standard_errors(authors: int):
    sketch = Distinct(author_hash(str(number)) for number in range(authors))

    assert abs(sketch.estimate() / authors - 1) < 3 / (SIZE - 2) ** 0.5


def test_the_smallest_hashes_are_kept_in_order():
    sketch = Distinct()
    for number in range(1_000, 0, -1):
        sketch.add(number)

    assert sketch.smallest() == tuple(range(1, SIZE + 1))
