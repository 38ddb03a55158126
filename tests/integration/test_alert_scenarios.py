"""What each alerting rule fires on, and what it keeps quiet on: unit tests of the rules, run by the real promtool."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.contract.test_alert_rules import RULES, RULES_FILE
from tests.integration.prometheus_server import program

WORKER = 'job="tocsin",instance="w1"'
STAGES = ("listen", "watch", "store", "page")
END = "END"  # stands for as many minutes as a story has


def steady(value: float = 0) -> str:
    """A series that stays as it is."""
    return f"{value}+0x{END}"


def growing(by: float = 600) -> str:
    """A counter, or a clock of 60 a minute."""
    return f"0+{by}x{END}"


def sample(name: str, **labels: str) -> str:
    """How promtool names the sample of one worker."""
    told = "".join(f',{key}="{value}"' for key, value in sorted(labels.items()))
    return f"tocsin_{name}{{{WORKER}{told}}}"


LATE = sample("post_to_page_seconds_bucket", le="90.0", target="webhook")
REFUSED = sample("deliveries_total", target="webhook", status="refused")
OWN_LETTERS = sample("outputs_total", topic="tocsin.store.v1.dlq")
LETTERS = sample("outputs_total", topic="social.posts.v1.dlq")
COLLECTED = sample("collected_payloads_total", source="bluesky")
HEALTHY = {
    **{sample("partitions", stage=stage): steady(4) for stage in STAGES},
    **{sample("lag_records", stage=stage): steady() for stage in STAGES},
    **{sample("records_total", stage=stage): growing() for stage in STAGES},
    **{sample("checkpoint_seconds_count", stage=stage): growing(6) for stage in ("listen", "watch")},
    sample("restore_seconds_sum", stage="listen"): steady(0.2),
    sample("store_up"): steady(1),
    sample("insert_seconds_bucket", le="0.1", table="signals"): growing(60),
    sample("insert_seconds_bucket", le="10.0", table="signals"): growing(60),
    sample("insert_seconds_bucket", le="+Inf", table="signals"): growing(60),
    sample("outputs_total", topic="social.signals.v1"): growing(60),
    sample("watermark_timestamp_seconds", stage="listen"): growing(60),
    sample("deliveries_total", target="webhook", status="delivered"): growing(1),
    LATE: growing(1),
    sample("post_to_page_seconds_count", target="webhook"): growing(1),
    sample("brand_log_holes"): steady(),
    sample("event_loop_pause_seconds"): steady(0.01),
    sample("rules_file", scope="pages"): steady(1),
    sample("collect_heard_timestamp_seconds", source="bluesky"): growing(60),
    COLLECTED: growing(),
}


class Story(NamedTuple):
    """A healthy worker but for ``changes``: the alert burns at ``minute`` and not ``before``; -1: it always does."""

    changes: dict[str, str]
    minute: int
    before: int


STORIES = {
    "TocsinWatchdog": Story({}, 60, -1),
    "TocsinStageAbsent": Story({sample("partitions", stage="watch"): f"4+0x20 0+0x{END}"}, 30, 22),
    "TocsinRestarting": Story({sample("restore_seconds_sum", stage="listen"): f"0+1x6 6+0x{END}"}, 10, 2),
    "TocsinStoreDown": Story(
        {sample("store_up"): steady(), sample("lag_records", stage="store"): f"0+0x20 5+0x{END}"}, 25, 20
    ),
    "TocsinInsertsSlow": Story({sample("insert_seconds_bucket", le="0.1", table="signals"): steady()}, 20, 9),
    "TocsinCheckpointStuck": Story({sample("checkpoint_seconds_count", stage="watch"): f"0+6x20 126+0x{END}"}, 45, 33),
    "TocsinLagGrowing": Story({sample("lag_records", stage="listen"): growing(100)}, 30, 15),
    "TocsinNotProgressing": Story(
        {sample("lag_records", stage="watch"): steady(5), sample("records_total", stage="watch"): steady(9)}, 10, 4
    ),
    "TocsinPageWaits": Story({sample("lag_records", stage="page"): f"0+0x20 1+0x{END}"}, 25, 22),
    "TocsinPageNotDelivered": Story({REFUSED: f"_x20 1+0x{END}"}, 25, 19),
    "TocsinPageBudgetBurnsFast": Story({LATE: f"0+1x300 300+0.5x{END}"}, 330, 299),
    "TocsinPageBudgetBurns": Story({LATE: f"0+1x300 300+0.9x{END}"}, 600, 310),
    "TocsinDeadLetters": Story({LETTERS: growing(12)}, 20, 4),
    "TocsinOwnDeadLetters": Story({OWN_LETTERS: f"_x20 1+0x{END}"}, 25, 19),
    "TocsinCollectorSilent": Story(
        {sample("collect_heard_timestamp_seconds", source="bluesky"): f"0+60x100 6000+0x{END}"}, 170, 164
    ),
    "TocsinSourceQuiet": Story({COLLECTED: f"0+600x1600 960000+30x{END}"}, 1_660, 1_600),
    "TocsinCollectorRefuses": Story(
        {sample("collect_refused_payloads_total", source="bluesky", reason="too_long"): f"_x20 1+0x{END}"}, 25, 19
    ),
    "TocsinRecordsLost": Story({sample("lost_records_total", stage="listen"): f"_x20 7+0x{END}"}, 25, 19),
    "TocsinBrandLogHoles": Story({sample("brand_log_holes"): f"0+0x20 1+0x{END}"}, 25, 20),
    "TocsinFeedSilent": Story({sample("outputs_total", topic="social.signals.v1"): f"0+60x20 1260+0x{END}"}, 50, 39),
    "TocsinTimeBehind": Story({sample("watermark_timestamp_seconds", stage="listen"): f"60+30x{END}"}, 30, 14),
    "TocsinLoopPause": Story({sample("event_loop_pause_seconds"): steady(3)}, 11, 9),
    "TocsinRulesFile": Story({sample("rules_file", scope="pages"): steady()}, 11, 9),
}


def scenario(name: str, story: Story) -> dict[str, object]:
    """One story in promtool's words."""
    burning = sorted({"TocsinWatchdog", name})
    at_last = [{"labels": f'{{alertname="{one}"}}', "value": 1} for one in burning]
    calm = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    checks = [{
        "expr": 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0', "eval_time": f"{story.minute}m",
        "exp_samples": at_last,
    }]  # fmt: skip
    if story.before >= 0:
        checks.append({"expr": calm, "eval_time": f"{story.before}m", "exp_samples": []})
    told = {key: values.replace(END, str(story.minute)) for key, values in (HEALTHY | story.changes).items()}
    series = [{"series": key, "values": values} for key, values in told.items()]
    return {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": checks}


def promtool(folder: Path, stories: dict[str, Story]) -> str:
    """What promtool finds wrong: nothing, if the stories go as they say."""
    told = [scenario(name, story) for name, story in stories.items()]
    file = folder / "stories.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES_FILE)], "tests": told}), encoding="utf-8")
    ran = subprocess.run([program("promtool"), "test", "rules", str(file)], capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def test_each_alert_burns_in_its_story_and_no_other_does(tmp_path: Path) -> None:
    assert promtool(tmp_path, STORIES) == ""


def test_every_rule_has_a_story() -> None:
    assert sorted(STORIES) == sorted(rule["alert"] for rule in RULES)


def test_the_rules_are_in_order_for_prometheus() -> None:
    ran = subprocess.run([program("promtool"), "check", "rules", str(RULES_FILE)], capture_output=True, check=False)

    assert ran.returncode == 0, ran.stderr


def test_a_story_that_does_not_burn_is_found(tmp_path: Path) -> None:
    assert "TocsinLoopPause" in promtool(tmp_path, {"TocsinLoopPause": Story({}, 11, 9)})
