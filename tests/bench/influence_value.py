"""How well influence foretells who is reposted next, and what it costs to buy: on recorded interactions."""

import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console
from rich.progress import track

from pipeline.influence.formula import LASTING_S, SPREADING_S
from pipeline.influence.ranking import Ranked, Ranking
from tests.attacks import ATTACKS, GAINER, Attack, Line, lines
from tests.bench.report import Measure

DATA = Path("../shared/data/higgs_activity/activity_days_1_to_4.txt.gz")
TOP, NEXT_S, STEP_S, FIRST_S = 100, 21_600, 10_800, 86_400
BATCH = 20_000
PLAIN = {"RT": 1.0, "MT": 0.5, "RE": 0.7}


def recorded() -> list[Line]:
    """The interactions, by time."""
    with gzip.open(DATA, "rt") as file:
        split = (line.split() for line in file)
        return sorted((Line(int(at), actor, target, kind) for actor, target, at, kind in split), key=lambda one: one.at)


def spreaders(interactions: Sequence[Line]) -> set[str]:
    """The authors with most distinct reposters; names decide ties."""
    pairs = {(one.actor, one.target) for one in interactions if one.kind == "RT" and one.actor != one.target}
    return set(highest(Counter(author for _, author in pairs)))


def highest(scores: Mapping[str, float]) -> list[str]:
    """The authors on top; names decide ties."""
    return sorted(scores, key=lambda author: (-scores[author], author))[:TOP]


class Plain:
    """What the score is compared with: every interaction counts, by its kind, and fades."""

    def __init__(self, half_life_s: float) -> None:
        self._half_life_s, self._first = half_life_s, 0
        self.sums: dict[str, float] = defaultdict(float)

    def add(self, interactions: Sequence[Line]) -> None:
        """Count interactions, each the more the later it is."""
        for one in interactions:
            self._first = self._first or one.at
            if one.actor != one.target:
                self.sums[one.target] += PLAIN[one.kind] * 2 ** ((one.at - self._first) / self._half_life_s)


def feed(ranking: Ranking, interactions: Sequence[Line]) -> None:
    """Count interactions."""
    for start in range(0, len(interactions), BATCH):
        ranking.add([one.written() for one in interactions[start : start + BATCH]])


def foretold(interactions: Sequence[Line]) -> dict[str, list[float]]:
    """Of the 100 highest, how many are among the 100 most reposted of the next six hours, at each checkpoint."""
    orders: dict[str, Callable[[Ranked], float]] = {
        "lasting": lambda ranked: ranked.lasting,
        "spreading": lambda ranked: ranked.spreading,
    }
    plain = {"plain_24h": Plain(LASTING_S), "plain_6h": Plain(SPREADING_S)}
    ranking, found, read = Ranking(), {name: list[float]() for name in [*orders, *plain]}, 0
    times = [one.at for one in interactions]
    moments = range(times[0] + FIRST_S, times[-1] - NEXT_S + 1, STEP_S)
    for moment in track(moments, "foretelling", console=Console(stderr=True)):
        now, end = (sum(at <= until for at in times) for until in (moment, moment + NEXT_S))
        feed(ranking, interactions[read:now])
        for count in plain.values():
            count.add(interactions[read:now])
        read = now
        truth, ranked = spreaders(interactions[now:end]), list(ranking.ranked())
        for name, order in orders.items():
            found[name].append(len(truth.intersection(highest({one.author: order(one) for one in ranked}))))
        for name, count in plain.items():
            found[name].append(len(truth.intersection(highest(count.sums))))
    return found


def rank_after(interactions: Sequence[Line], attack: Attack, end: int) -> int:
    """The gainer's place by lasting score after an attack, 1 for the highest."""
    before = [one for one in interactions if one.at <= end]
    victims = [one.target for one in before[:1_000]]
    ranking = Ranking()
    feed(ranking, sorted([*before, *lines(attack, end, victims, Random(1))], key=lambda one: one.at))
    return next(place for place, one in enumerate(ranking.ranked(), 1) if one.author == GAINER)


def measures() -> list[Measure]:
    """Precision at 100 as a mean of checkpoints, and ranks that attacks reach at the log's end; none without data."""
    if not DATA.exists():
        return []
    interactions = recorded()
    found = foretold(interactions)
    Console(stderr=True).print(found)
    precision = [Measure(f"influence_{name}_p_at_100", "of 100", [mean(one)]) for name, one in found.items()]
    end = interactions[-1].at
    ranks = [
        Measure(f"influence_rank_after_{attack.name}", "place", [rank_after(interactions, attack, end)])
        for attack in track(ATTACKS, "attacks", console=Console(stderr=True))
    ]
    return precision + ranks
