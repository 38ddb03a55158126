"""``tocsin adapt``: lines in, lines out, and a plain word about what is wrong."""

import json
import subprocess
import sys
from hashlib import sha256

import pytest

POST = '{"id": "1212092628029698048", "text": "It caught fire", "author_id": "42"}\n'


def adapt(*arguments: str, given: str = POST, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agents", "adapt", *arguments], input=given, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", **variables},
    )  # fmt: skip


def records(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_payload_gives_its_records_in_order():
    bad = '{"id": "1"}'
    done = adapt("--source", "x_v2", given=f"{POST}\n{bad}\n{POST}")

    assert [one["record"] for one in records(done)] == ["post", "rejected", "post"]
    assert records(done)[1] | {"at": 0} == {
        "record": "rejected", "topic": "social.raw.x_v2.v1", "partition": 0, "offset": 2, "reason": "missing_field",
        "detail": "text is missing: this is no post", "at": 0, "bytes": len(bad), "payload": bad,
        "sha256": sha256(bad.encode()).hexdigest(),
    }  # fmt: skip


def test_the_key_of_the_settings_makes_the_author_keys_and_is_not_shown():
    one = adapt("--source", "x_v2", TOCSIN_PSEUDONYM_KEY="canary", TOCSIN_PSEUDONYM_KEY_ID="2026")
    trial = adapt("--source", "x_v2")

    assert records(one)[0]["author"]["key_id"] == "2026"
    assert records(trial)[0]["author"]["key_id"] == "trial"
    assert records(one)[0]["author"]["author_key"] != records(trial)[0]["author"]["author_key"]
    assert "TOCSIN_PSEUDONYM_KEY" in trial.stderr
    assert "canary" not in one.stdout + one.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "text"),
    [
        (["--source", "csv", "--field", "text=Comment"], 'Comment,time\n"a,\nb",2024-06-10\n', "a,\nb"),
        (["--source", "csv"], '{"text": "a row as JSON"}\n', "a row as JSON"),
        (["--source", "email", "--document"], "From: a@example.com\n\nIt burned\n", "It burned"),
        (["--source", "jsonl", "--field", "text=post.words"], '{"post": {"words": "deeper"}}', "deeper"),
    ],
)
def test_tables_and_documents_are_read_as_they_come(arguments: list[str], given: str, text: str):
    assert [one["text"] for one in records(adapt(*arguments, given=given))] == [text]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--source : known are activitystreams, bluesky"),
        (["--source", "tiktok"], "--source tiktok: known are"),
        (["--source", "csv", "--field", "words=a"], "--field words=a: write ROLE=NAME with a role of text"),
        (["--source", "csv", "--zone", "Mars"], "--zone"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(arguments: list[str], said: str):
    done = adapt(*arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_strict_tells_by_its_status_that_something_was_rejected():
    assert adapt("--source", "x_v2", "--strict", given="{}\n").returncode == 1
    assert adapt("--source", "x_v2", "--strict").returncode == 0
