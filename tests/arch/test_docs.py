"""The documentation names all that there is, and points at nothing that is not."""

import re
from pathlib import Path

import pytest
import typer
from prometheus_client.metrics_core import Metric

from agents.cli import app
from agents.metrics import Metrics
from pipeline.watchlist import Rules
from schemas.vocabulary import DeliveryStatus, RejectReason

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)")


def exposed(metric: Metric) -> str:
    """The name by which Prometheus knows it."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_exactly_the_metrics_of_the_catalogue_are_explained() -> None:
    told = set(re.findall(r"^\| `(tocsin_\w+)` \| (\w+)", OPERATING, re.MULTILINE))

    assert told == {(exposed(metric), metric.type) for metric in Metrics().registry.collect()}


def test_every_rule_of_a_watch_list_is_explained_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", OPERATING, re.MULTILINE))

    assert told == {name: f"{getattr(Rules(), name):.10g}" for name in Rules.__struct_fields__}


@pytest.mark.parametrize("word", [*RejectReason.__args__, *DeliveryStatus.__args__])
def test_every_reason_and_outcome_is_explained(word: str) -> None:
    assert f"`{word}`" in OPERATING


def test_exactly_the_commands_that_exist_are_in_the_readme() -> None:
    rows = re.findall(r"^\| (`tocsin [\w-]+`(?:, `[\w-]+`)*) \|", README, re.MULTILINE)
    told = [name.strip("` ").removeprefix("tocsin ") for row in rows for name in row.split(",")]

    assert sorted(told) == sorted(typer.main.get_command(app).commands)


def test_the_readme_begins_with_two_commands() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)

    assert first
    assert first[1].splitlines() == ["make demo", "make test"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    targets = [(document.parent / path if path else document, anchor) for path, anchor in links]
    broken = [path.name for path, anchor in targets if not path.exists() or (anchor and anchor not in anchors(path))]

    assert broken == []
