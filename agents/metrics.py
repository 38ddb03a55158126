"""Every metric there is: name, type, labels, meaning. Label values are stages, topics, tables, targets: closed sets."""

from prometheus_client import CollectorRegistry

from agents.metric_families import Families
from agents.page_metrics import PageMetrics

_PAUSES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_DELAYS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_WAITS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The catalogue, on a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        families = Families(self.registry)
        counter, gauge, histogram = families.counter, families.gauge, families.histogram
        self._records = counter("records", "Records folded into a stage's state.", "stage")
        self._outputs = counter("outputs", "Records produced.", "topic")
        self._busy = counter("stage_seconds", "Seconds a stage computed.", "stage")
        self._parts = gauge("partitions", "Partitions this worker owns.", "stage")
        self._restore = histogram("restore_seconds", "Reading checkpoints after an assignment.", "stage", _WAITS)
        self._checkpoint = histogram("checkpoint_seconds", "One checkpoint, all round trips.", "stage", _WAITS)
        self._pause = histogram(
            "checkpoint_pause_seconds", "Event loop held while a checkpoint is encoded.", "stage", _PAUSES
        )
        self._delay = histogram(
            "stage_delay_seconds", "Age of a batch's first record when it was worked off.", "stage", _DELAYS
        )
        self._lost = counter("lost_records", "Records that retention took before they were read.", "stage")
        self.lag = gauge("lag_records", "Records in the log that the stage has not read.", "stage")
        self.watermark = gauge(
            "watermark_timestamp_seconds", "Lowest event time through which a stage has read.", "stage"
        )
        self.holes = gauge("brand_log_holes", "Bundles that must have existed and never came.")
        self.interactions = gauge(
            "interactions", "Interactions read since the state began, and why some endorse nobody.", "outcome"
        )
        self.cascades = gauge(
            "cascades", "Cascades that are open, began or were forgotten, and reposts that joined none.", "outcome"
        )
        self.rules_file = gauge("rules_file", "1 while all partitions are judged by the file as it is now.", "scope")
        self._rows = counter("rows_inserted", "Rows acknowledged by ClickHouse.", "table")
        self._refused = counter("rows_refused", "Rows ClickHouse refused, sent to dead letters.", "table")
        self._insert = histogram("insert_seconds", "One insert, retries included.", "table", _WAITS)
        self.store_up = gauge("store_up", "1 while ClickHouse answers.")
        self.pages = PageMetrics(families)
        self.loop_pause = gauge("event_loop_pause_seconds", "Longest pause of the event loop in the last second.")

        self._collected = counter("collected_payloads", "Payloads on the raw topic, acknowledged.", "source")
        self._unusable = counter("collect_refused_payloads", "Payloads that were not taken.", "source", "reason")
        self._interruptions = counter("collect_interruptions", "Ends of a connection or poll.", "source", "reason")
        self.collect_lag = gauge("collect_lag_seconds", "Age of the last payload when it was collected.", "source")
        self.collect_heard = gauge("collect_heard_timestamp_seconds", "When the source last gave a sign.", "source")

    def batch(self, stage: str, records: int, seconds: float) -> None:
        """A stage folded a batch."""
        self._records.labels(stage).inc(records)
        self._busy.labels(stage).inc(seconds)

    def delayed(self, stage: str, seconds: float) -> None:
        """A stage worked a batch off whose first record is so old, by the clocks of broker and worker."""
        self._delay.labels(stage).observe(max(seconds, 0.0))

    def output(self, topic: str) -> None:
        """A record was handed to the producer."""
        self._outputs.labels(topic).inc()

    def restored(self, stage: str, partitions: int, seconds: float) -> None:
        """A stage owns its partitions and their state."""
        self._parts.labels(stage).set(partitions)
        self._restore.labels(stage).observe(seconds)

    def checkpoint(self, stage: str, seconds: float, paused: float) -> None:
        """A checkpoint is complete; ``paused`` is the part that held the event loop."""
        self._checkpoint.labels(stage).observe(seconds)
        self._pause.labels(stage).observe(paused)

    def lost(self, stage: str, records: int) -> None:
        """Records were deleted before they were read."""
        self._lost.labels(stage).inc(records)

    def inserted(self, table: str, rows: int, refused: int, seconds: float) -> None:
        """An insert ended."""
        self._rows.labels(table).inc(rows)
        self._refused.labels(table).inc(refused)
        self._insert.labels(table).observe(seconds)

    def collected(self, source: str) -> None:
        """A payload is acknowledged."""
        self._collected.labels(source).inc()

    def unusable(self, source: str, reason: str) -> None:
        """A payload was left out, for example because it is too long."""
        self._unusable.labels(source, reason).inc()

    def interrupted(self, source: str, reason: str) -> None:
        """A stream of a collector ended and will be begun again."""
        self._interruptions.labels(source, reason).inc()
