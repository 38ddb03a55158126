"""The adapt stage: what a payload becomes, where it goes, and what is refused."""

import json
from typing import Any

import msgspec
import pytest

from pipeline.adapt import Adapt, Pseudonyms
from pipeline.adapting import adapters
from pipeline.replay import LogRecord
from pipeline.stage import Output, Poisoned
from schemas.identity import Identity
from schemas.post import SocialPost
from tests.builders import START

PSEUDONYMS = Pseudonyms(b"secret", "k1")
TWEET = {"id": "1212092628029698048", "text": "It caught fire", "author_id": "42", "created_at": "2019-12-31T19:26:16Z"}


def adapting(source: str = "x_v2") -> Adapt:
    return Adapt(source, adapters()[source], 4, PSEUDONYMS, 1)


def payload(offset: int, said: Any) -> LogRecord:  # noqa: ANN401  # JSON
    value = said if isinstance(said, bytes) else json.dumps(said).encode()
    return LogRecord(offset, START + offset, b"k", value)


def topics(outputs: list[Output]) -> list[str]:
    return [output.topic for output in outputs]


def test_a_post_goes_to_its_author_s_partition_and_its_author_s_name_elsewhere():
    post, identity = adapting().apply([payload(0, TWEET)])
    told = msgspec.json.decode(post.value, type=SocialPost)

    assert (post.topic, identity.topic) == ("social.posts.v1", "social.identities.v1")
    assert post.partition == identity.partition
    assert (told.author.native_id, told.text) == (None, "It caught fire")
    assert msgspec.json.decode(identity.value, type=Identity).native_id == "42"
    assert post.key == identity.key == told.author.author_key.encode()


def test_counts_that_grow_between_two_snapshots_are_interactions():
    stage = adapting()
    first = stage.apply([payload(0, {**TWEET, "public_metrics": {"like_count": 3}})])
    second = stage.apply([payload(1, {**TWEET, "public_metrics": {"like_count": 5}})])

    assert "social.interactions.v1" not in topics(first)
    assert topics(second).count("social.interactions.v1") == 1


@pytest.mark.parametrize("bad", [b"", b"{", {"text": "no id"}])
def test_what_cannot_be_used_is_a_dead_letter_of_the_raw_topic(bad):
    (letter,) = adapting().apply([payload(0, bad)])

    assert (letter.topic, letter.partition) == ("social.raw.x_v2.v1.dlq", 1)


def test_one_bad_item_of_many_is_one_dead_letter_and_the_good_ones_go_on():
    outputs = adapting().apply([payload(0, [TWEET, {"text": "no id"}, {"text": "no id either"}])])
    (letter,) = (output for output in outputs if output.topic.endswith(".dlq"))

    assert topics(outputs).count("social.posts.v1") == 1
    assert any(b"2 of 3 items" in value for _, value in letter.headers)


def test_what_a_source_sends_beside_posts_is_counted_and_no_dead_letter():
    stage = adapting("bluesky")
    said = {"did": "did:plc:a", "time_us": 1718006400999999, "kind": "identity", "identity": {"did": "did:plc:a"}}

    assert stage.apply([payload(0, said)]) == []
    assert stage.irrelevant == 1


def test_a_topic_full_of_something_else_stops_the_stage():
    with pytest.raises(Poisoned):
        adapting().apply([payload(offset, b"{") for offset in range(500)])


def test_deletes_become_tombstones_keyed_by_what_must_be_forgotten():
    said = {"did": "did:plc:a", "time_us": 1718006400999999, "kind": "commit", "commit": {
        "operation": "delete", "collection": "app.bsky.feed.post", "rkey": "3k", "rev": "3k"}}  # fmt: skip
    (gone,) = adapting("bluesky").apply([payload(0, said)])

    assert (gone.topic, gone.key) == ("social.tombstones.v1", b"post:bsky:did:plc:a/app.bsky.feed.post/3k")
