"""What the detectors cost on one brand: time of a closed minute, and state, all of them together."""

from rich.console import Console
from rich.progress import track

from tests.bench.detection.ours import costs
from tests.bench.report import Measure

ROUNDS = 5


def measures() -> list[Measure]:
    """Sums over all detectors, by round."""
    found = [costs() for _ in track(range(ROUNDS), "detectors", console=Console(stderr=True))]
    return [
        Measure("detect_us_per_key_minute", "us", [sum(spent for spent, _ in one.values()) for one in found]),
        Measure("detect_bytes_per_key", "B", [sum(size for _, size in one.values()) for one in found]),
    ]
