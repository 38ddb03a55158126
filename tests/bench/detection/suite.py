"""Every rule on every stream: false alarms, recall and delay by family of streams and shape of the crisis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from rich.progress import Progress

from tests.bench.detection import ours
from tests.bench.detection.incumbents import INCUMBENTS, Rule
from tests.bench.detection.injection import Injected
from tests.bench.detection.measuring import Alarms, alarms_above, false_alarms, found, threshold_for
from tests.bench.detection.reference import reference
from tests.bench.detection.self_exciting import self_exciting
from tests.bench.detection.shapes import QUIET, SHAPES, Shape
from tests.bench.detection.streams import BUCKET_S, PER_DAY, Streams, wandering_rates

Family = Callable[[np.random.Generator, int, Shape], Streams]

FAMILIES: Mapping[str, Family] = MappingProxyType({"wandering": wandering_rates, "self-exciting": self_exciting})
CALIBRATION, REPORT = 1, 2  # seeds; what is reported has calibrated nothing
NULLS, CRISES = 240, 120  # streams
BUDGET = 0.05  # false alarms per stream and week
OURS, REFERENCE = "Tocsin", "two tolerant e-detectors (reference)"


class Line(NamedTuple):
    """What one rule did: false alarms by family, (recall, median minutes) by family and shape."""

    rule: str
    false_alarms: dict[str, float]
    found: dict[str, dict[str, tuple[float, float]]]
    injected: tuple[float, float, float] | None  # recall, median minutes after the mark, alarms before the onset


@cache
def streams(family: str, shape: Shape, number: int, count: int, seed: int) -> Streams:
    """Streams of a family; ``number`` is that of the shape."""
    place = list(FAMILIES).index(family)
    return FAMILIES[family](np.random.default_rng([seed, place, number]), count, shape)


def our_line(budget: float, shapes: Sequence[str], crises: Sequence[Injected], bar: Progress) -> Line:
    """Tocsin's crisis rule at a budget."""

    def judge(made: Streams, title: str, *, authors: bool = False) -> Alarms:
        columns = (made.posts, made.negatives, made.authors) if authors else (made.posts, made.negatives)
        return ours.all_alarms(zip(*columns, strict=True), budget, bar, title)

    quiet = {
        family: false_alarms(judge(streams(family, QUIET, 0, NULLS, REPORT), f"{family}, nothing happens"))
        for family in FAMILIES
    }
    hits = {
        family: {
            name: found(judge(made, f"{family}, {name}", authors=bool(shape.flood)), made.onset, shape.within)
            for name, shape, made in _crises(family)
            if name in shapes
        }
        for family in FAMILIES
    }
    told = None
    if crises:
        alarms = ours.all_alarms([(one.posts, one.negatives) for one in crises], budget, bar, "real onsets")
        told = _injected(alarms, crises)
    return Line(f"{OURS}, budget {budget:g}", quiet, hits, told)


def their_lines(crises: Sequence[Injected], bar: Progress) -> Iterator[Line]:
    """The reference, and the incumbents as published and at thresholds raised to the budget on calibration streams."""
    scorers = {REFERENCE: reference} | {name: _of_negatives(rule) for name, rule in INCUMBENTS.items()}
    for name, score in bar.track(list(scorers.items()), description="published rules"):
        raised = max(
            threshold_for(score(made.posts.astype(float), made.negatives.astype(float)), BUDGET)
            for made in (streams(family, QUIET, 0, NULLS // 2, CALIBRATION) for family in FAMILIES)
        )
        for title, threshold in (("as published", 1.0), ("raised to the budget", raised)):
            if name != REFERENCE or threshold == 1.0:
                yield _their_line(f"{name}, {title}", score, threshold, crises)


def _of_negatives(rule: Rule) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda _posts, negatives: rule(negatives)


def _their_line(
    title: str, score: Callable[[np.ndarray, np.ndarray], np.ndarray], threshold: float, crises: Sequence[Injected]
) -> Line:
    def judge(made: Streams) -> Alarms:
        return alarms_above(score(made.posts.astype(float), made.negatives.astype(float)), threshold)

    quiet = {family: false_alarms(judge(streams(family, QUIET, 0, NULLS, REPORT))) for family in FAMILIES}
    hits = {
        family: {name: found(judge(made), made.onset, shape.within) for name, shape, made in _crises(family)}
        for family in FAMILIES
    }
    posts, negatives = (np.array([getattr(one, column) for one in crises], float) for column in ("posts", "negatives"))
    told = _injected(alarms_above(score(posts, negatives), threshold), crises) if crises else None
    return Line(title, quiet, hits, told)


def _crises(family: str) -> Iterator[tuple[str, Shape, Streams]]:
    for number, (name, shape) in enumerate(SHAPES.items(), start=1):
        yield name, shape, streams(family, shape, number, CRISES, REPORT)


def _injected(alarms: Alarms, crises: Sequence[Injected]) -> tuple[float, float, float]:
    """Recall in four days, median minutes from the mark on, and streams with an alarm in four days before the onset."""
    delays, early = [], 0
    for row, one in zip(alarms, crises, strict=True):
        after = row[(row >= one.began) & (row < one.began + 4 * PER_DAY)]
        delays.append((after[0] - one.mark + 1) * BUCKET_S / 60 if after.size else np.inf)
        early += bool(((row >= one.began - 4 * PER_DAY) & (row < one.began)).any())
    return float(np.isfinite(delays).mean()), float(np.median(delays)), early / len(crises)
