"""The alerting rules speak of metrics, labels and values that a worker has, and tell whoever is woken what to do."""

import re
from typing import Any

import pytest
import typer
import yaml

from agents.cli import app
from agents.settings import STAGES
from schemas.topics import TOPICS
from schemas.vocabulary import DeliveryStatus
from tests.arch.test_docs import OPERATING, ROOT
from tests.contract.test_metrics import used

RULES_FILE = ROOT / "deploy" / "prometheus" / "tocsin.rules.yaml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
SAMPLES = {sample.name: set(sample.labels) for metric in used().registry.collect() for sample in metric.samples}
VALUES = {"stage": set(STAGES), "topic": {topic.name for topic in TOPICS}, "status": set(DeliveryStatus.__args__)}
TARGET = {"job", "instance"}  # what Prometheus adds to every sample
FUNCTIONS = {
    "absent", "changes", "deriv", "histogram_quantile", "increase", "max", "max_over_time",
    "min", "min_over_time", "rate", "sum", "time", "vector",
}  # fmt: skip
WORDS = {"and", "or", "unless", "offset"}
SEVERITIES = {"page", "ticket", "none"}

_STRING = re.compile(r'"[^"]*"')
_GROUPING = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
_MATCHER = re.compile(r'(\w+)\s*(=~|=)\s*"([^"]*)"')
_SELECTOR = re.compile(r"\b([a-zA-Z_]\w*)(\s*\(|\{[^}]*\})?")
_RANGE = re.compile(r"\[\d+[smhd]\]|\boffset\s+\d+[smhd]\b")

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])


def faults(expression: str) -> list[str]:
    """What an expression names that a worker does not have."""
    found = []
    for names in _GROUPING.findall(expression):
        labels = {name.strip() for name in names.split(",")}
        found += sorted(labels - TARGET.union(*SAMPLES.values()))
    plain = _GROUPING.sub(" ", _RANGE.sub(" ", expression))
    for name, after in _SELECTOR.findall(_hide_strings(plain)):
        known = FUNCTIONS if after.endswith("(") else set(SAMPLES)
        found += [] if name in WORDS | known else [name]
    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", plain):
        found += [fault for matcher in _MATCHER.findall(matchers) for fault in _matcher_faults(name, *matcher)]
    return found


def _hide_strings(text: str) -> str:
    """Without label matchers, whose strings hold anything."""
    return re.sub(r"\{[^}]*\}", "{}", _STRING.sub('""', text))


def _matcher_faults(metric: str, label: str, operator: str, value: str) -> list[str]:
    values = value.split("|") if operator == "=~" else [value]
    unknown = [one for one in values if one not in VALUES.get(label, {one})]
    return [f"{metric}: {label}"] if label not in SAMPLES.get(metric, set()) else unknown


@every_rule
def test_a_rule_names_only_what_a_worker_has(rule: dict[str, Any]) -> None:
    assert faults(rule["expr"]) == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("tocsin_stor_up == 0", "tocsin_stor_up"),
        ("tocsin_outputs > 0", "tocsin_outputs"),  # a counter's samples end in _total
        ('tocsin_lag_records{stge="store"} > 0', "tocsin_lag_records: stge"),
        ('tocsin_lag_records{topic="social.pages.v1"} > 0', "tocsin_lag_records: topic"),
        ('tocsin_lag_records{stage="stor"} > 0', "stor"),
        ('tocsin_deliveries_total{status=~"refused|given_up"} > 0', "given_up"),
        ("sum by (stages) (tocsin_lag_records) > 0", "stages"),
        ("increse(tocsin_records_total[5m]) > 0", "increse"),
    ],
)
def test_a_misspelt_name_is_found(expression: str, fault: str) -> None:
    assert faults(expression) == [fault]


@every_rule
def test_a_rule_says_how_urgent_it_is_what_has_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    annotations = rule["annotations"]

    assert rule["labels"]["severity"] in SEVERITIES
    assert set(annotations) == {"summary", "description", "runbook"}
    assert annotations["summary"][-1] != "."
    assert annotations["description"].endswith(".")
    assert len(annotations["description"].split(". ")) >= 2
    assert annotations["runbook"] == f"deploy/runbooks/{rule['alert']}.md"
    assert re.fullmatch(r"\d+[mh]", rule.get("for", "0m"))


@every_rule
def test_an_annotation_speaks_of_labels_that_the_alert_has(rule: dict[str, Any]) -> None:
    spoken = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    grouped = {name.strip() for names in re.findall(r"\bby\s*\(([^)]*)\)", rule["expr"]) for name in names.split(",")}
    named = [name for name, _ in _SELECTOR.findall(_hide_strings(rule["expr"])) if name in SAMPLES]
    aggregated = grouped or "sum(" in rule["expr"]
    kept = grouped if aggregated else TARGET.union(*(SAMPLES[name] for name in named))

    assert spoken <= kept


@every_rule
def test_a_rule_has_a_runbook_that_says_what_it_means_where_to_look_and_what_to_do(rule: dict[str, Any]) -> None:
    runbook = (ROOT / rule["annotations"]["runbook"]).read_text(encoding="utf-8")
    commands = set(re.findall(r"`tocsin ([a-z-]+)", runbook))
    metrics = set(re.findall(r"\btocsin_\w+", runbook))

    assert runbook.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (.+)$", runbook, re.MULTILINE) == ["What it means", "Where to look", "What to do"]
    assert len(runbook.splitlines()) <= 40
    assert commands <= set(typer.main.get_command(app).commands)
    assert metrics <= set(SAMPLES)


def test_names_are_unique_and_ours() -> None:
    names = [rule["alert"] for rule in RULES]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"Tocsin[A-Z]\w+", name)] == []


def test_exactly_one_alert_always_fires_for_a_dead_mans_switch() -> None:
    assert [rule["expr"] for rule in RULES if rule["labels"]["severity"] == "none"] == ["vector(1)"]


def test_what_the_manual_wants_any_alert_on_has_a_rule() -> None:
    wanted = set(re.findall(r"^\| `(tocsin_\w+)` \|[^\n]*\*\*(?:any|above 0)\*\*", OPERATING, re.MULTILINE))
    ruled = {name for name in SAMPLES for rule in RULES if re.search(rf"\b{name}\b", rule["expr"])}

    assert len(wanted) >= 4
    assert wanted <= ruled


def test_the_manual_says_where_the_rules_are() -> None:
    assert RULES_FILE.relative_to(ROOT).as_posix() in OPERATING
