"""How well the final size of a cascade is foretold on recorded interactions, against one factor for every cascade."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from rich.console import Console

from pipeline.influence.forecasting import HORIZON_S, RUNGS, Forecast, Rung, forecast
from tests.bench.cascade_fit import DAY_S, Known, best_factor, fitted, known
from tests.bench.influence_value import DATA, recorded
from tests.bench.report import Measure

_HOUR = 3_600
_SETTLED = HORIZON_S / DAY_S
_ONE_HOUR = next(rung for rung in RUNGS if rung.age_s == _HOUR)


@dataclass(frozen=True)
class Split:
    """Cascades to be judged, by constants of the cascades that had ended before them."""

    name: str
    rung: Rung
    learnt: Sequence[Known]
    judged: Sequence[Known]


def foretold(rung: Rung, one: Known) -> Forecast:
    """What would have been said."""
    return forecast(rung, one.size, one.pace * one.size / one.age_s)


def errors(split: Split, further: Callable[[Known], float]) -> list[float]:
    """Relative errors of the final size."""
    return [abs(one.size + further(one) - one.final) / one.final for one in split.judged]


def hits(split: Split) -> list[bool]:
    """Whether the interval held, of those cascades that were not still growing."""
    said = [(foretold(split.rung, one), one.final - one.size) for one in split.judged]
    return [one.low <= further <= one.high for one, further in said if not one.growing]


def splits(every: Sequence[Known], first: int) -> Iterator[Split]:
    """Day 4 by the constants shipped, which are of days 1 to 3, at each age; at 1 h also its parts, and day 3."""

    def between(age_s: int, start: float, end: float) -> list[Known]:
        return [one for one in every if one.age_s == age_s and start <= (one.began - first) / DAY_S < end]

    for rung in RUNGS:
        learnt = between(rung.age_s, 0, 3 - _SETTLED)
        yield Split(f"{rung.age_s / _HOUR:g}h_day4", rung, learnt, between(rung.age_s, 3, 4))
    learnt, day4 = between(_HOUR, 0, 3 - _SETTLED), between(_HOUR, 3, 4)
    for name, start, end in (("to_6h", 3, 3.25), ("from_6h", 3.25, 4)):
        yield Split(f"1h_day4_{name}", _ONE_HOUR, learnt, between(_HOUR, start, end))
    yield Split("1h_day4_of_100", _ONE_HOUR, learnt, [one for one in day4 if one.size >= 100])
    learnt = between(_HOUR, 0, 2 - _SETTLED)
    yield Split("1h_day3", fitted(_HOUR, learnt), learnt, between(_HOUR, 2, 3))


def judged(split: Split) -> Iterable[Measure]:
    """Median errors, those of two baselines, and the share of intervals that held."""
    factor, held = best_factor(split.learnt), hits(split)
    found = {
        "": errors(split, lambda one: foretold(split.rung, one).expected),
        "_by_ratio": errors(split, lambda one: foretold(split.rung, one).by_ratio),
        "_by_best_factor": errors(split, lambda one: one.size * (factor - 1)),
    }
    growing = 1 - len(held) / len(split.judged)
    means = ", ".join(f"{mean(one):.3f}" for one in found.values())
    Console(stderr=True).print(
        f"cascades {split.name}: {len(split.judged)}, {growing:.0%} growing; mean errors {means}"
    )
    for name, one in found.items():
        yield Measure(f"cascade_{split.name}_median_ape{name}", "", [median(one)])
    yield Measure(f"cascade_{split.name}_interval_hits", "share", [mean(held)])


def measures() -> list[Measure]:
    """Errors of the final size, 12 hours after the first repost; none without data."""
    if not DATA.exists():
        return []
    interactions = recorded()
    every = known(interactions)
    return [measure for split in splits(every, interactions[0].at) for measure in judged(split)]
