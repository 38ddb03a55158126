"""The catalogue of metrics: named, explained and labelled alike, so that a page of the docs can be made of it."""

import re

import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric

from agents.metrics import Metrics

LABELS = {
    "stage",
    "topic",
    "table",
    "target",
    "status",
    "scope",
    "source",
    "reason",
    "outcome",
}  # closed sets; never a brand, author or text


def used() -> Metrics:
    """Metrics with every method called once, so that every labelled metric has a sample."""
    metrics = Metrics()
    metrics.batch("listen", 7, 0.5)
    metrics.output("social.signals.v1")
    metrics.restored("listen", 3, 0.1)
    metrics.checkpoint("listen", 0.2, 0.01)
    metrics.lost("listen", 2)
    metrics.lag.labels("listen").set(11)
    metrics.rules_file.labels("pages").set(1)
    metrics.watermark.labels("listen").set(1.8e9)
    metrics.inserted("signals", 5, 1, 0.3)
    metrics.pages.go_to("webhook")
    metrics.pages.delivered("webhook", "refused", 0.2)
    metrics.pages.delivered("webhook", "delivered", 0.2)
    metrics.pages.rang("webhook", 31.5)
    metrics.delayed("watch", 0.2)
    metrics.pages.waiting.labels("webhook").set(1)
    metrics.collected("bluesky")
    metrics.unusable("bluesky", "too_long")
    metrics.interrupted("bluesky", "closed")
    metrics.collect_lag.labels("bluesky").set(0.2)
    metrics.interactions.labels("endorsed").set(3)
    metrics.cascades.labels("open").set(3)
    metrics.collect_heard.labels("bluesky").set(1.8e9)
    return metrics


CATALOGUE = list(used().registry.collect())


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_metric_is_ours_is_explained_and_has_closed_labels(metric: Metric):
    labels = {label for sample in metric.samples for label in sample.labels} - {"le"}

    assert re.fullmatch(r"tocsin_[a-z]+(_[a-z]+)*", metric.name)
    assert re.fullmatch(r"(\d|[A-Z]).{8,}\.", metric.documentation)
    assert labels <= LABELS
    assert metric.samples


def test_a_time_is_in_seconds_and_says_so():
    timed = [metric.name for metric in CATALOGUE if metric.type == "histogram"]

    assert timed
    assert [name for name in timed if not name.endswith("_seconds")] == []


def test_the_docs_can_list_name_type_labels_and_meaning():
    rows = {
        (metric.name, metric.type, tuple(sorted(metric.samples[0].labels)), metric.documentation)
        for metric in CATALOGUE
    }

    assert len(rows) == len(CATALOGUE)
    assert ("tocsin_lag_records", "gauge", ("stage",), "Records in the log that the stage has not read.") in rows


@pytest.mark.parametrize(
    "sample",
    [
        'tocsin_records_total{stage="listen"} 7.0', 'tocsin_stage_seconds_total{stage="listen"} 0.5',
        'tocsin_outputs_total{topic="social.signals.v1"} 1.0', 'tocsin_partitions{stage="listen"} 3.0',
        'tocsin_restore_seconds_sum{stage="listen"} 0.1', 'tocsin_checkpoint_seconds_sum{stage="listen"} 0.2',
        'tocsin_checkpoint_pause_seconds_sum{stage="listen"} 0.01', 'tocsin_lost_records_total{stage="listen"} 2.0',
        'tocsin_rows_inserted_total{table="signals"} 5.0', 'tocsin_rows_refused_total{table="signals"} 1.0',
        'tocsin_insert_seconds_sum{table="signals"} 0.3',
        'tocsin_deliveries_total{status="refused",target="webhook"} 1.0',
        'tocsin_post_to_page_seconds_sum{target="webhook"} 31.5',
        'tocsin_collected_payloads_total{source="bluesky"} 1.0',
        'tocsin_collect_refused_payloads_total{reason="too_long",source="bluesky"} 1.0',
        'tocsin_collect_interruptions_total{reason="closed",source="bluesky"} 1.0',
    ],
)  # fmt: skip
def test_what_happened_is_counted_where_it_belongs(sample: str):
    assert sample in generate_latest(used().registry).decode().splitlines()


def test_two_workers_in_a_process_do_not_share_their_numbers():
    used()

    assert "tocsin_records_total{" not in generate_latest(Metrics().registry).decode()
