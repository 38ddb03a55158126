"""``make bench-detect``: detection quality of Tocsin and of published rules, in one run. No figure is asserted."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench.detection import injection, nab, ours
from tests.bench.detection.incumbents import INCUMBENTS
from tests.bench.detection.shapes import SHAPES
from tests.bench.detection.suite import BUDGET, OURS, REPORT, our_line, their_lines
from tests.bench.detection.table import NabLine, report

DATA = Path("../shared/data")
OTHER_BUDGETS = (0.01,)
QUICK = ("step x5", "sentiment only +.3")


def main() -> None:
    """Measure, print and write ``bench/results/detection.md`` and ``.json``."""
    parser = argparse.ArgumentParser(prog="make bench-detect", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with nab_realtweets and crisislex_t26")
    data = parser.parse_args().data
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        crises = injection.injected(injection.onsets(data / "crisislex_t26"), REPORT)
        lines = [our_line(BUDGET, list(SHAPES), crises, bar)]
        lines += [our_line(budget, QUICK, (), bar) for budget in OTHER_BUDGETS]
        lines += their_lines(crises, bar)
        report(lines, nab_lines(data / "nab_realtweets"), ours.costs())


def nab_lines(folder: Path) -> list[NabLine]:
    """Every rule on the series that are there; none where there are no data."""
    series = nab.read(folder)
    rules = {OURS: ours.burst} | {
        name: (lambda counts, rule=rule: rule(counts[None].astype(float))[0]) for name, rule in INCUMBENTS.items()
    }
    lines = []
    for name, rule in rules.items() if series else ():
        scores = {file: rule(one.counts) for file, one in series.items()}
        results = {profile: nab.optimise(series, scores, weights) for profile, weights in nab.PROFILES.items()}
        left_out = {profile: nab.leave_one_out(series, scores, weights) for profile, weights in nab.PROFILES.items()}
        lines.append(NabLine(name, len(series), results, left_out))
    return lines


if __name__ == "__main__":
    main()
