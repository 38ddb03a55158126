"""A real Prometheus over a real worker: what dashboards ask, and a rule that burns in Alertmanager and is over."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import resources
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from agents import embedded_broker
from tests.contract.test_alert_rules import RULES_FILE
from tests.grafana import panels
from tests.integration.alertmanager_server import AlertmanagerServer
from tests.integration.prometheus_server import PrometheusServer
from tests.integration.stack import BRAND, POSTS, SOURCES, Stack

pytestmark = pytest.mark.embedded
WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))
RESTART_S = 90.0
NOTHING_YET = {
    "Deliveries",
    "Inserts",
    "Rows stored",
    "Collected",
    "Age of the posts read",
}  # of a worker without posts


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Stack]:
    """A worker over an embedded broker."""
    with embedded_broker.running(POSTS, BRAND, SOURCES) as bootstrap:
        made = Stack(bootstrap, tmp_path, WATCHLIST, embedded=True)
        yield made
        if made.worker and made.worker.poll() is None:
            made.kill()


def absent(prometheus: PrometheusServer) -> set[str]:
    """Stages for which TocsinStageAbsent burns."""
    burning = prometheus.ask('ALERTS{alertname="TocsinStageAbsent",alertstate="firing"}')
    return {one["metric"]["stage"] for one in burning}


def burning(alertmanager: AlertmanagerServer) -> set[str]:
    return {alert["labels"]["alertname"] for alert in alertmanager.alerts()}


def told(receiver: HTTPServer, alert: str) -> list[str]:
    """What responders heard of an alert, in order."""
    bodies = [json.loads(request.get_data()) for request, _ in receiver.log]
    return [body["status"] for body in bodies if body["groupLabels"].get("alertname") == alert]


def unanswered(prometheus: PrometheusServer) -> set[str]:
    """Panels of dashboards for which Prometheus has nothing."""
    asked = [(panel.title, panel.query.replace("$__rate_interval", "5s")) for panel in panels() if not panel.clickhouse]
    return {title for title, expression in asked if not prometheus.ask(expression)}


def test_a_worker_that_is_gone_burns_in_alertmanager_until_it_is_back(
    worker: Stack, tmp_path: Path, httpserver: HTTPServer, alertmanager: AlertmanagerServer
) -> None:
    rules = RULES_FILE.read_text(encoding="utf-8")
    worker.start()
    with ExitStack() as stack:
        prometheus = stack.enter_context(PrometheusServer(tmp_path, rules, worker.http, alertmanager.address))
        prometheus.wait(lambda: len(prometheus.ask("tocsin_partitions")) >= 4, "the worker is not scraped")
        prometheus.wait(lambda: "TocsinWatchdog" in burning(alertmanager), "the dead man's switch hears nothing")
        before = absent(prometheus)
        prometheus.wait(lambda: unanswered(prometheus) == NOTHING_YET, "panels are empty, or full without posts")
        worker.stop()
        prometheus.wait(lambda: "TocsinStageAbsent" in burning(alertmanager), "nobody misses the worker")
        missed = absent(prometheus)
        worker.start()
        prometheus.wait(lambda: "TocsinStageAbsent" not in burning(alertmanager), "it is missed still", RESTART_S)
        prometheus.wait(
            lambda: told(httpserver, "TocsinStageAbsent")[-1:] == ["resolved"], "nobody heard that it is back"
        )

    assert before == set()
    assert missed == {"listen", "watch", "store", "page"}
    assert told(httpserver, "TocsinStageAbsent")[0] == "firing"
