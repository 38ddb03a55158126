"""Real payloads of every source, recounted from the files: what is usable gives records, and nothing of it is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapting import Written
from schemas.codec import Malformed
from tests.channel_examples import Json, answers, field, kind, lost

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "data" / "payloads"
FOLDERS = {
    "x_v2": "x_api_v2", "x_v1": "x_v1_1_original", "gnip": "gnip_activity_streams", "bluesky": "bluesky_jetstream",
    "mastodon": "mastodon", "reddit": "reddit", "youtube": "youtube", "weibo": "weibo", "wechat": "wechat",
    "activitystreams": "activitystreams2",
}  # fmt: skip
NEGATIVE = ("broken_and_unsupported", "w3c_fail")
NO_POSTS = {"x_v2": 9, "bluesky": 7, "weibo": 1, "activitystreams": 36}  # users, profiles, places, empty objects

pytestmark = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason=f"real payloads are not part of the repository: {PAYLOADS}"
)


def rows(source: str, *, negative: bool) -> Iterator[Json]:
    """The payloads of a source, out of what the collection wrote around them."""
    for file in sorted((PAYLOADS / FOLDERS[source]).glob("*.jsonl")):
        if file.stem.startswith(NEGATIVE) == negative:
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                inner = next((name for name in ("body", "xml", "raw") if name in row and "_file" in row), None)
                yield row[inner] if inner else row


every = pytest.mark.parametrize("source", FOLDERS)


@every
def test_usable_payloads_give_records_of_which_nothing_is_lost(source: str):
    barren = 0
    for payload in rows(source, negative=False):
        given = answers(source, payload)
        refused = [one for one in given if isinstance(one, Malformed)]
        barren += bool(refused)

        assert given
        assert {one.reason for one in refused} <= {"irrelevant", "missing_field"}
        if not refused and not isinstance(payload, str):
            assert lost(payload, [one for one in given if isinstance(one, Written)]) == []

    assert barren <= NO_POSTS.get(source, 0)


@pytest.mark.parametrize("source", ["gnip", "activitystreams"])
def test_negative_examples_are_rejected_with_a_reason(source: str):
    for payload in rows(source, negative=True):
        assert [kind(one) for one in answers(source, payload)] == ["rejected"]


@pytest.mark.parametrize("source", ["x_v2", "x_v1", "gnip"])
def test_event_times_are_right_to_the_second_as_the_ids_of_x_tell(source: str):
    posts = [one for payload in rows(source, negative=False) for one in answers(source, payload) if kind(one) == "post"]
    told = [one for one in posts if field(one, "event_time_basis") == "source" and int(field(one, "native_id")) >> 50]

    assert told
    for one in told:
        made = (int(field(one, "native_id")) >> 22) + 1_288_834_974_657
        assert abs(field(one, "event_time") - made) <= 1_000
