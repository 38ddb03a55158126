"""``python -m tests.bench.cascade_fit``: the constants of cascade forecasts again, from three recorded days."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.influence.cascade_file import CascadeFile
from pipeline.influence.forecasting import HORIZON_S, RUNGS, Rung, features, growth, pace
from schemas.cascade import Cascade
from tests.attacks import Line
from tests.bench.influence_value import BATCH, recorded

DAY_S = 86_400
QUANTILES = 0.1, 0.9
_ROUNDS, _NEAREST, _RIDGE = 60, 0.03, 1e-3


class Known(NamedTuple):
    """A forecast's age, what it was made of, and what became of the cascade; times in s."""

    age_s: int
    began: int
    size: int
    pace: float
    final: int

    @property
    def growth(self) -> float:
        """Its logarithm."""
        return float(np.log(self.final / self.size))


def known(interactions: Sequence[Line]) -> list[Known]:
    """The forecasts whose end the record shows: of cascades that began a horizon before it ends."""
    end = interactions[-1].at
    file = CascadeFile(end + 1)
    lines = [one.written() for one in interactions]
    for start in range(0, len(lines), BATCH):
        file.add(lines[start : start + BATCH])
    file.end()
    finals = {(one.root, one.began): one.size for one in file.told if one.settled}
    return [
        _known(one, finals[one.root, one.began])
        for one in file.told
        if not one.settled and one.began // 1_000 <= end - HORIZON_S
    ]


def _known(one: Cascade, final: int) -> Known:
    paced = pace(one.size, one.speed_per_h / 3_600, one.age_s)
    return Known(one.age_s, one.began // 1_000, one.size, paced, final)


def fitted(age_s: int, given: Sequence[Known]) -> Rung:
    """The rung of least mean relative error of the final size, and the band that four of five left out came to."""
    ratio = float(np.exp(np.median([one.growth for one in given])))
    whole = _rung(age_s, given, ratio)
    left_out = [_rung(age_s, [*given[:place], *given[place + 1 :]], ratio) for place in range(len(given))]
    multiples = [one.growth / growth(rung, one.size, one.pace) for one, rung in zip(given, left_out, strict=True)]
    low, high = np.quantile(multiples, QUANTILES)
    return whole._replace(low=float(low), high=float(high))


def best_factor(given: Sequence[Known]) -> float:
    """The one factor for all of least mean relative error: a median of the growths, weighted."""
    factors = sorted(one.final / one.size for one in given)
    weights = np.cumsum([1 / factor for factor in factors])
    return factors[int(np.searchsorted(weights, weights[-1] / 2))]


def _rung(age_s: int, given: Sequence[Known], ratio: float) -> Rung:
    level, per_size, per_pace = _least_relative(
        np.array([features(one.size, one.pace) for one in given]), np.array([one.growth for one in given])
    )
    return Rung(age_s, level, per_size, per_pace, 1.0, 1.0, ratio)


def _least_relative(rows: NDArray[np.float64], growths: NDArray[np.float64]) -> list[float]:
    """Least absolute deviations by reweighting; the weight 1/growth makes them relative to the final size."""
    relative, weights = np.exp(-growths), np.exp(-growths)
    penalty = _RIDGE * len(rows) * np.diag([0.0, 1.0, 1.0])
    found = np.zeros(3)
    for _ in range(_ROUNDS):
        found = np.linalg.solve(rows.T @ (rows * weights[:, None]) + penalty, rows.T @ (weights * growths))
        weights = relative / np.maximum(abs(growths - rows @ found), _NEAREST)
    return [round(float(one), 3) for one in found]


def main() -> None:
    """Print the constants."""
    interactions = recorded()
    test = interactions[0].at + 3 * DAY_S
    learnt = [one for one in known(interactions) if one.began < test - HORIZON_S]
    for age_s in (rung.age_s for rung in RUNGS):
        given = [one for one in learnt if one.age_s == age_s]
        told = ", ".join(f"{value:.3g}" for value in fitted(age_s, given)[1:])
        print(f"    Rung({age_s:_}, {told}),  # {len(given)} cascades")  # noqa: T201  # this is what it is for


if __name__ == "__main__":
    main()
