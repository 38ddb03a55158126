"""The figures of ``make bench-detect`` as Markdown and JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from tests.bench.detection.nab import PROFILES, Result
from tests.bench.detection.shapes import SHAPES
from tests.bench.detection.suite import FAMILIES, Line

RESULTS = Path("bench/results")


class NabLine(NamedTuple):
    """One rule on the labelled series: at the best threshold, and at that of the other series."""

    rule: str
    series: int
    results: Mapping[str, Result]
    left_out: Mapping[str, float]


def report(lines: Sequence[Line], nab: Sequence[NabLine], costs: Mapping[str, tuple[float, int]]) -> None:
    """Print Markdown and write it and the JSON."""
    parts = [
        *_nab(nab),
        *(row for family in FAMILIES for row in _family(lines, family)),
        *_injected(lines),
        *_costs(costs),
    ]
    text = "\n".join(parts)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "detection.md").write_text(text + "\n", "utf-8")
    (RESULTS / "detection.json").write_text(json.dumps(_plain(lines, nab, costs), indent=2) + "\n", "utf-8")
    Console(width=max(map(len, parts)), highlight=False, markup=False).print(text)


def _nab(lines: Sequence[NabLine]) -> Iterable[str]:
    if not lines:
        return
    yield f"\n**Numenta benchmark, {lines[0].series} Twitter series** (best threshold; [that of the other series])\n"
    yield _row(["rule", *PROFILES, "windows found", "false alarms"])
    yield _rule(len(PROFILES) + 3)
    for line in lines:
        one = line.results["standard"]
        scores = [f"{line.results[name].score:.1f} [{line.left_out[name]:.1f}]" for name in PROFILES]
        yield _row([line.rule, *scores, f"{one.found}/{one.windows}", str(one.false_alarms)])


def _family(lines: Sequence[Line], family: str) -> Iterable[str]:
    yield f"\n**Streams with {family} rates** (recall, median minutes to the end of the deciding bucket)\n"
    yield _row(["rule", "false alarms / key-week", *SHAPES])
    yield _rule(len(SHAPES) + 2)
    for line in lines:
        cells = [_cell(*line.found[family][name]) if name in line.found[family] else "" for name in SHAPES]
        yield _row([line.rule, f"{line.false_alarms[family]:.3f}", *cells])


def _injected(lines: Sequence[Line]) -> Iterable[str]:
    yield "\n**Real onsets on invented baselines** (minutes from the hour that holds a fifth of the peak's posts)\n"
    yield _row(["rule", "recall", "median minutes", "streams that alarmed before"])
    yield _rule(4)
    for line in lines:
        if line.injected:
            recall, delay, before = line.injected
            yield _row([line.rule, f"{recall:.2f}", _minutes(delay), f"{before:.3f}"])


def _costs(costs: Mapping[str, tuple[float, int]]) -> Iterable[str]:
    yield "\n**Cost of a key**\n"
    yield _row(["detector", "µs per closed minute", "bytes of state"])
    yield _rule(3)
    for name, (spent, size) in costs.items():
        yield _row([name, f"{spent:.1f}", str(size)])
    yield _row(
        ["all", f"{sum(spent for spent, _ in costs.values()):.1f}", str(sum(size for _, size in costs.values()))]
    )


def _cell(recall: float, delay: float) -> str:
    return f"{recall:.2f}, {_minutes(delay)}"


def _minutes(delay: float) -> str:
    return f"{delay:.0f}" if isfinite(delay) else "-"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns


def _plain(lines: Sequence[Line], nab: Sequence[NabLine], costs: Mapping[str, tuple[float, int]]) -> object:
    """What JSON holds; an infinite delay is null."""
    streams = []
    for line in lines:
        found = {family: {name: _finite(hit) for name, hit in hits.items()} for family, hits in line.found.items()}
        streams.append(line._asdict() | {"found": found, "injected": line.injected and _finite(line.injected)})
    return {
        "streams": streams,
        "nab": [
            line._asdict() | {"results": {name: one._asdict() for name, one in line.results.items()}} for line in nab
        ],
        "costs": {name: {"us": spent, "bytes": size} for name, (spent, size) in costs.items()},
    }


def _finite(numbers: Iterable[float]) -> list[float | None]:
    return [number if isfinite(number) else None for number in numbers]
