"""The table and the files of ``make bench``: the names that are asked for, and slow-downs that show."""

import json
from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.asked import NAMES
from tests.bench.discovery import groups, measured
from tests.bench.page import fields
from tests.bench.report import Measure, judged
from tests.bench.sizes import QUICK


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LATEST", "DETAILS", "BASELINE"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    return tmp_path


@pytest.mark.parametrize(("name", "now"), [("w_against_plain_loop", 0.5), ("full_path_cpu_against_orjson_loads", 60.0)])
def test_a_slow_down_of_a_fifth_shows_whichever_way_is_better(name: str, now: float):
    baseline = {"w_against_plain_loop": {"value": 0.6}, "full_path_cpu_against_orjson_loads": {"value": 50.0}}

    assert "SLOWER 0.83x" in judged(name, now, baseline)


def test_what_is_as_fast_as_ever_is_not_slower():
    assert judged("w_against_plain_loop", 0.55, {"w_against_plain_loop": {"value": 0.6}}) == "0.92x"
    assert judged("full_path_cpu_against_orjson_loads", 20.0, {}) == ""


def test_the_file_has_only_what_is_asked_for_and_keeps_what_other_groups_found(folder: Path):
    report.report([Measure("longest_loop_pause_ms", "ms", [3.0, 1.0, 2.0]), Measure("of_interest", "x", [1.0])])
    report.report([Measure("w_against_plain_loop", "x", [0.7])])
    latest = json.loads((folder / "latest.json").read_text())

    assert [one["name"] for one in latest["measures"]] == ["w_against_plain_loop", "longest_loop_pause_ms"]
    assert latest["measures"][1] == {
        "name": "longest_loop_pause_ms", "value": 2.0, "unit": "ms", "runs": [3.0, 1.0, 2.0],
    }  # fmt: skip
    assert [one["name"] for one in json.loads((folder / "details.json").read_text())["measures"]] == ["of_interest"]


def test_the_baseline_is_what_was_measured_last(folder: Path):
    report.report([Measure("w_against_plain_loop", "x", [0.7])])
    report.keep()

    assert judged("w_against_plain_loop", 0.35, report.read(folder / "baseline.json")).startswith("[red]SLOWER 0.50x")


def test_every_module_with_measures_is_a_group_and_one_without_sizes_is_measured_fully():
    pytest.importorskip("sklearn", reason="of the extra `bench`")
    pytest.importorskip("matplotlib", reason="same")

    assert {"throughput", "latency", "full_path", "urgent", "detecting"} <= groups().keys()
    assert not {"report", "asked", "sizes"} & groups().keys()
    assert measured(lambda: ["fully"], QUICK) == ["fully"]
    assert measured(lambda sizes: [sizes], QUICK) == [QUICK]


def test_the_page_says_what_was_not_measured_and_what_is_below_its_floor():
    found = report.rows([Measure("w_against_plain_loop", "x", [0.5])])
    told = fields({"cpus": 2, "machine": "x", "python": "3", "load": [0]}, found)

    assert all(f"`{name}`" in told["table"] for name in NAMES)
    assert told["table"].count("not measured") == len(NAMES) - 1
    assert told["shortfall"] == "Below their floor: `w_against_plain_loop`."
