"""Each kind of alert has a runbook that says what it means and what to do, with commands that exist."""

import re
from pathlib import Path

import pytest
import typer

from agents.cli import app
from pipeline import detectors
from pipeline.discover import names
from pipeline.runbooks import KINDS, runbook
from schemas.finding import AT_ONCE
from schemas.tables import TABLES

FOLDER = Path(__file__).parents[2] / "deploy" / "runbooks"
HEADINGS = ["What it means", "Where to look", "What to do", "When it is over"]
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
every_kind = pytest.mark.parametrize("kind", KINDS)


def told(kind: str) -> str:
    return (FOLDER / f"{kind}.md").read_text(encoding="utf-8")


def test_every_detector_and_every_finding_about_a_post_is_a_kind() -> None:
    assert sorted(KINDS) == sorted([*names(detectors), *AT_ONCE])


@every_kind
def test_a_runbook_says_what_it_means_where_to_look_and_what_to_do(kind: str) -> None:
    assert told(kind).startswith(f"# {kind}\n")
    assert re.findall(r"^## (.+)$", told(kind), re.MULTILINE) == HEADINGS


@every_kind
def test_a_runbook_names_commands_and_tables_that_exist(kind: str) -> None:
    commands, tables = typer.main.get_command(app).commands, {table.name for table in TABLES}

    assert [name for name in re.findall(r"`tocsin ([\w-]+)", told(kind)) if name not in commands] == []
    assert [name for name in re.findall(r"FROM (\w+)", told(kind)) if name not in tables] == []


def test_the_index_lists_all_kinds_in_the_order_in_which_they_help() -> None:
    assert re.findall(r"^\| \[(\w+)\]", INDEX, re.MULTILINE) == list(KINDS)


@pytest.mark.parametrize(
    ("found", "base", "address"),
    [
        (
            ("mention_burst", "negative_share"),
            "https://wiki.example.com/r/",
            "https://wiki.example.com/r/negative_share.md",
        ),
        (("complaint_volume", "critical_complaint"), "https://w", "https://w/critical_complaint.md"),
        (("a_detector_of_tomorrow",), "https://w", ""),
        ((), "https://w", ""),
        (("negative_share",), "", ""),
    ],
)
def test_an_incident_has_the_runbook_of_its_gravest_detector(found: tuple[str, ...], base: str, address: str) -> None:
    assert runbook(found, base) == address
