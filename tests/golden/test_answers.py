"""Small stories of people who answer a page, and who do not: which decisions and pages they make, to the byte.

``BLESS=1 pytest tests/golden`` writes what is expected anew; the diff shows what a change means to a responder.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from pipeline.stage import Output
from schemas.alert import Page
from schemas.command import Command
from tests.living_log import appended, living_log, watching
from tests.noise import whole

ANSWERS = Path(__file__).parent / "answers"
CRISIS = [0] * 4 + [6] * 6 + [60] * 14 + [0] * 12  # complaints more than usual, by five minutes

STORIES: Mapping[str, Mapping[int, tuple[Command, ...]]] = MappingProxyType({
    "nobody_answers": {},
    "acknowledged": {
        7: (Command(command_id="c1", kind="ack", brand="acme", by="Mei", text="talking to the plant"),),
        10: (Command(command_id="c2", kind="ack", brand="acme", by="Mei"),),
        18: (Command(command_id="c3", kind="note", brand="acme", by="Li", text="white charger, batch 7"),),
    },
    "silenced": {
        2: (Command(command_id="c1", kind="silence", brand="acme", by="Mei", text="known", until=appended(17)),),
    },
    "resolved_by_hand": {
        18: (Command(command_id="c1", kind="resolve", brand="acme", by="Mei", text="recall announced"),),
    },
})  # fmt: skip


def told(outputs: list[Output]) -> dict[str, str]:
    """Decisions as JSON lines, pages as a responder reads their first lines."""
    decisions = [output.value or b"" for output in outputs if output.topic == "social.decisions.v1"]
    pages = [msgspec.json.decode(output.value or b"", type=Page) for output in outputs
             if output.topic == "social.pages.v1"]  # fmt: skip
    return {
        "decisions.jsonl": "".join(f"{one.decode()}\n" for one in decisions),
        "pages.txt": "".join(
            f"{one.action} {language}: {one.title[language]}\n{one.body[language]}\n\n"
            for one in pages for language in sorted(one.title)
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_story_makes_these_decisions_and_pages(name: str):
    folder = ANSWERS / name
    made = told(whole(watching(), living_log(CRISIS, STORIES[name])))
    if os.environ.get("BLESS"):
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in made.items():
            (folder / file).write_text(text, "utf-8")

    assert made == {file: (folder / file).read_text("utf-8") for file in made}


RUNG = {
    "nobody_answers": ["first", "unacknowledged", "escalated", "unacknowledged", "unacknowledged"],
    "acknowledged": ["first", "escalated"],
    "silenced": ["silence_ended", "unacknowledged", "unacknowledged"],
    "resolved_by_hand": ["first", "unacknowledged", "escalated", "unacknowledged", "unacknowledged"],
}


@pytest.mark.parametrize("name", RUNG)
def test_a_story_rings_so_often(name: str):
    told = [msgspec.json.decode(line) for line in (ANSWERS / name / "decisions.jsonl").read_text("utf-8").splitlines()]

    assert [one["reason"] for one in told if one["outcome"] == "paged"] == RUNG[name]
