"""From what was learned to the arrays of a weights file: 8-bit numbers, and only rows that say something."""

import numpy as np
from numpy.typing import NDArray

from pipeline.text.model import heads
from pipeline.text.model.weights import KNOWN_FROM
from pipeline.text.training.calibrating import neutral
from pipeline.text.training.network_learning import Network
from pipeline.text.training.ngram_learning import Learned

Arrays = dict[str, NDArray[np.generic]]
_STEP = 3  # between the values of rows, of 127: the rows take a fifth less room


def packed(learned: Learned, network: Network, known: NDArray[np.uint64]) -> Arrays:
    """The arrays of a weights file, see ``model.weights``; not calibrated."""
    return rows(learned) | _network(network, len(known)) | {"tokens": known} | neutral()._asdict()


def rows(learned: Learned) -> Arrays:
    """The arrays of n-grams, as ``packed`` has them."""
    sizes = np.abs(learned.rows)
    largest = np.percentile(sizes, 99.99, axis=0)
    largest[list(heads.EXPERTS)] = sizes[:, list(heads.EXPERTS)].max(axis=0)  # few rows say most: nothing is cut off
    scales = np.maximum(largest, 1e-9).astype(np.float32) / 127
    values = coarse(np.clip(np.rint(learned.rows / scales), -127, 127).astype(np.int8))
    speaking = np.flatnonzero(values.any(axis=1))
    return {
        "row_count": np.array(len(values)), "row_gaps": np.diff(speaking, prepend=-1).astype(np.uint16),
        "row_values": np.asfortranarray(values[speaking]),  # head by head it takes less room
        "row_scales": scales, "row_bias": learned.bias,
    }  # fmt: skip


def coarse(values: NDArray[np.int8]) -> NDArray[np.int8]:
    """Values rounded to multiples of ``_STEP``."""
    return (np.rint(values / _STEP) * _STEP).astype(np.int8)


def _network(network: Network, known: int) -> Arrays:
    stored = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    vectors = stored["embeddings.weight"][: KNOWN_FROM + known]
    scales = np.maximum(np.abs(vectors).max(0), 1e-9).astype(np.float32) / 127
    return {
        "embeddings": np.rint(vectors / scales).astype(np.int8), "embedding_scales": scales,
        "filters": stored["filters"].astype(np.float16), "filter_bias": stored["filter_bias"],
        "hidden": stored["hidden.weight"].T.astype(np.float16), "hidden_bias": stored["hidden.bias"],
        "heads": _all_heads(stored["heads.weight"].T), "head_bias": _all_heads(stored["heads.bias"]),
    }  # fmt: skip


def _all_heads(known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same for all heads: nothing for those of n-grams alone."""
    missing = heads.COUNT - known.shape[-1]
    return np.ascontiguousarray(np.pad(known, [(0, 0)] * (known.ndim - 1) + [(0, missing)]))
