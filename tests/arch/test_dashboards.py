"""The dashboards in the repository are those of the code, complete, and ask for data sources and metrics that exist."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.generate import FOLDER, documents
from tests.contract.test_alert_rules import faults
from tests.grafana import Panel, panels

DOCUMENTS = documents()
PROVISIONING = FOLDER.parent / "provisioning"
SOURCES: dict[str, dict[str, Any]] = {
    source["uid"]: source
    for source in yaml.safe_load((PROVISIONING / "datasources" / "tocsin.yaml").read_text("utf-8"))["datasources"]
}
PROMQL = [panel for panel in panels() if not panel.clickhouse]


def test_generating_again_changes_nothing() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert written == DOCUMENTS, "run make generate"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_panel_says_what_it_shows_out_of_a_source_that_is_provisioned(name: str) -> None:
    for panel in json.loads(DOCUMENTS[name])["panels"]:
        source = panel["datasource"]

        assert panel["title"]
        assert panel["description"].endswith(".")
        assert SOURCES[source["uid"]]["type"] == source["type"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_panels_do_not_overlap_and_fit_the_grid(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DOCUMENTS[name])["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}

        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", PROMQL, ids=lambda panel: f"{panel.title} {panel.query}"[:60])
def test_an_expression_names_only_metrics_that_a_worker_has(panel: Panel) -> None:
    assert faults(panel.query.replace("$__rate_interval", "5m")) == []


def test_no_secret_is_provisioned() -> None:
    secrets = [value for source in SOURCES.values() for value in source.get("secureJsonData", {}).values()]

    assert secrets
    assert [value for value in secrets if not value.startswith("${")] == []


def test_dashboards_are_found_where_they_are_mounted() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "tocsin.yaml").read_text("utf-8"))["providers"]

    assert Path(provider["options"]["path"]).is_absolute()
