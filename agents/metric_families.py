"""Metrics under Tocsin's prefix, on one registry."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Families:
    """Makes metrics named ``tocsin_<name>``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, about: str, *labels: str) -> Counter:
        """What only grows."""
        return Counter(f"tocsin_{name}", about, labels, registry=self._registry)

    def gauge(self, name: str, about: str, *labels: str) -> Gauge:
        """What goes up and down."""
        return Gauge(f"tocsin_{name}", about, labels, registry=self._registry)

    def histogram(self, name: str, about: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        """What is spread; ``buckets`` are upper limits, ascending."""
        return Histogram(f"tocsin_{name}", about, (label,), registry=self._registry, buckets=buckets)
