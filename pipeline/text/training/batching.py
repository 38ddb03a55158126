"""Batches of numbered texts of like length, so that little of them is padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

_POOL = 100  # batches whose texts are sorted by length together


def batches(
    texts: Sequence[Sequence[int]], size: int, rng: np.random.Generator | None = None
) -> Iterator[tuple[NDArray[np.int64], torch.Tensor]]:
    """Positions of texts and their numbers, padded with 0; shuffled if ``rng`` is given."""
    lengths = np.array([len(numbers) for numbers in texts])
    order = np.argsort(lengths, kind="stable") if rng is None else rng.permutation(len(texts))
    for start in range(0, len(order), _POOL * size):
        pool = order[start : start + _POOL * size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        parts = [pool[at : at + size] for at in range(0, len(pool), size)]
        for number in range(len(parts)) if rng is None else rng.permutation(len(parts)):
            chosen = parts[number]
            padded = np.zeros((len(chosen), lengths[chosen].max()), np.int64)
            for row, text in enumerate(chosen):
                padded[row, : lengths[text]] = texts[text]
            yield chosen, torch.from_numpy(padded)
