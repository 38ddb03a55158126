"""The dashboard for operations: how workers, Kafka, ClickHouse, collectors and pagers are."""

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.panels import HALF, THIRD, board, curves, gauge, rows


def _quantile(q: float, metric: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}[$__rate_interval]))"


def build() -> dashboard.Dashboard:
    """Pipeline health."""
    slow = 'sum(increase(tocsin_post_to_page_seconds_bucket{le="90.0"}[30d]))'
    return board("tocsin-health", "Tocsin / Pipeline health", "Workers, Kafka, ClickHouse, collectors, pagers.", [
        gauge("Pages in time", f"{slow} / sum(increase(tocsin_post_to_page_seconds_count[30d]))",
              "Of 30 days: within 90 s of the minute that decided; 99 % are promised.", unit="percentunit"),
        gauge("Records waiting", "sum(tocsin_lag_records)", "In all stages.", bad_from=1_000),
        gauge("ClickHouse", "min(tocsin_store_up)", "1: takes inserts."),
        gauge("Age of the posts read", 'time() - min(tocsin_watermark_timestamp_seconds{stage="listen"} > 0)',
              "Of the partition that is furthest behind.", unit="s", bad_from=300),
        curves("Post to page", "From the end of the deciding minute to the delivery.", unit="s",
               p50=_quantile(0.5, "tocsin_post_to_page_seconds"), p99=_quantile(0.99, "tocsin_post_to_page_seconds")),
        curves("Deliveries", "Pages by what became of them.",
               by_status=_rate("tocsin_deliveries_total", "status")),
        curves("Records read", "Records a second, by stage.", unit="cps", width=THIRD,
               by_stage=_rate("tocsin_records_total", "stage")),
        curves("Records waiting, by stage", "Not read yet.", width=THIRD,
               by_stage="sum by (stage) (tocsin_lag_records)"),
        curves("Busy", "Seconds of work a second; near 1 a core is used up.", width=THIRD, unit="percentunit",
               by_stage=_rate("tocsin_stage_seconds_total", "stage")),
        curves("Records written", "By topic, dead letters among them.", unit="cps",
               by_topic=_rate("tocsin_outputs_total", "topic")),
        curves("Checkpoints", "99th percentile of all round trips.", unit="s",
               by_stage=_quantile(0.99, "tocsin_checkpoint_seconds", "stage")),
        curves("Inserts", "99th percentile, retries included.", unit="s",
               by_table=_quantile(0.99, "tocsin_insert_seconds", "table")),
        curves("Rows stored", "Rows a second, by table.", unit="cps",
               by_table=_rate("tocsin_rows_inserted_total", "table")),
        curves("Pauses of the loop", "Longest in a second, by worker.", unit="s", width=THIRD,
               by_instance="max by (instance) (tocsin_event_loop_pause_seconds)"),
        curves("Restores", "Slowest reading of checkpoints after an assignment.", unit="s", width=THIRD,
               by_stage=_quantile(1.0, "tocsin_restore_seconds", "stage")),
        curves("Collected", "Payloads a second, by source.", unit="cps", width=THIRD,
               by_source=_rate("tocsin_collected_payloads_total", "source")),
        rows("Posts partitions",
             """SELECT source, watermark, offset, read, rejected, duplicates, expired, withdrawn
             FROM source_progress FINAL ORDER BY watermark""",
             "How far each posts partition is; the one furthest behind first.", width=HALF),
        rows("Dead letters",
             """SELECT topic, reason, count() AS letters, max(at) AS last FROM rejected FINAL
             WHERE $__timeFilter(at) GROUP BY topic, reason ORDER BY letters DESC LIMIT 50""",
             "By topic and reason.", width=HALF),
        rows("Deliveries by target",
             """SELECT target, status, count() AS pages, max(attempts) AS attempts,
             quantile(0.99)(finished_at - requested_at) AS p99_s FROM deliveries FINAL
             WHERE $__timeFilter(requested_at) GROUP BY target, status ORDER BY target, status""",
             "What became of pages."),
    ], since="now-6h")  # fmt: skip
