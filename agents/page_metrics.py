"""What is measured of pages: how long they took, and what became of them."""

from agents.metric_families import Families

_ANSWERS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0, 600.0)
_DELAYS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class PageMetrics:
    """The part of the catalogue that the outbox fills."""

    def __init__(self, families: Families) -> None:
        self._deliveries = families.counter("deliveries", "Pages by what became of them.", "target", "status")
        self._delay = families.histogram(
            "page_delivery_seconds", "From the decision about a page, or its escalation, to its delivery.", "target",
            _DELAYS,
        )  # fmt: skip
        self._post_to_page = families.histogram(
            "post_to_page_seconds", "From the end of the minute that decided to its delivered page.", "target", _ANSWERS
        )
        self.waiting = families.gauge(
            "pages_waiting", "Pages that a target has not taken yet, or is not due for.", "target"
        )

    def delivered(self, target: str, status: str, seconds: float) -> None:
        """What became of a page was told, so long after it was due."""
        self._deliveries.labels(target, status).inc()
        if status == "delivered":
            self._delay.labels(target).observe(max(seconds, 0.0))

    def go_to(self, target: str) -> None:
        """A target may be paged: its histogram begins, for Prometheus does not see what a series is born with."""
        self._post_to_page.labels(target)

    def rang(self, target: str, seconds: float) -> None:
        """A page that rings was delivered, so long after the end of the minute that decided it."""
        self._post_to_page.labels(target).observe(max(seconds, 0.0))
