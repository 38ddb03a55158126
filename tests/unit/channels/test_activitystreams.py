"""Activity Streams 1 and 2: any property is a string, an object or a list, and what breaks the rules is named."""

import pytest

from tests.adapted import record, records

CONTEXT = "https://www.w3.org/ns/activitystreams"
MAY_DAY = 1_714_550_400_000
NOTE = {"@context": CONTEXT, "type": "Note", "id": "https://m/1", "content": "It leaks"}


@pytest.mark.parametrize(
    "told",
    [{"content": "It leaks"}, {"content": ["It leaks"]}, {"content": "<p>It <b>leaks</b></p>"},
     {"content": None, "contentMap": {"en": "It leaks"}}, {"content": None, "name": "It leaks"},
     {"content": "It leaks", "mediaType": "text/markdown"}],
)  # fmt: skip
def test_the_text(told):
    assert record("activitystreams", NOTE | told).text == "It leaks"


@pytest.mark.parametrize(
    "told",
    ["https://m/a", {"id": "https://m/a", "type": "Person"}, ["https://m/a", "https://m/b"], {"url": "https://m/a"}],
)
def test_an_author_in_any_shape(told):
    assert record("activitystreams", NOTE | {"attributedTo": told}).author.native_id == "https://m/a"


@pytest.mark.parametrize("told", ["https://m/0", {"id": "https://m/0"}, [{"id": "https://m/0"}, "https://m/9"]])
def test_a_parent_in_any_shape(told):
    post = record("activitystreams", NOTE | {"inReplyTo": told})
    assert (post.kind, post.in_reply_to_uid) == ("reply", "other:https://m/0")


def test_a_time_may_lack_its_seconds():
    assert record("activitystreams", NOTE | {"published": "2024-05-01T08:00Z"}).event_time == MAY_DAY


@pytest.mark.parametrize(
    ("verb", "kind", "op"),
    [("Like", "like", "create"), ("Announce", "repost", "create"), ("Dislike", "dislike", "create"),
     ("Flag", "report", "create"), ("Travel", "other", "create")],
)  # fmt: skip
def test_activities_are_interactions(verb, kind, op):
    act = record(
        "activitystreams", {"@context": CONTEXT, "type": [verb, "x:y"], "actor": "https://m/a", "object": "https://m/1"}
    )
    assert (act.type, act.op, act.target_uid, act.actor.native_id) == (kind, op, "other:https://m/1", "https://m/a")


def test_undo_takes_back_the_same_interaction():
    like = {"type": "Like", "id": "https://m/l", "actor": "https://m/a", "object": "https://m/1"}
    done = record("activitystreams", {"@context": CONTEXT} | like)
    undone = record("activitystreams", {"@context": CONTEXT, "type": "Undo", "actor": "https://m/a", "object": like})
    by_id = record(
        "activitystreams", {"@context": CONTEXT, "type": "Undo", "actor": "https://m/a", "object": "https://m/l"}
    )
    assert [one.op for one in (done, undone, by_id)] == ["create", "delete", "delete"]
    assert done.interaction_uid == undone.interaction_uid == by_id.interaction_uid


def test_an_update_is_a_revision_of_the_same_post():
    told = NOTE | {"published": "2024-05-01T08:00:00Z", "updated": "2024-05-01T09:00:00Z"}
    post = record("activitystreams", {"@context": CONTEXT, "type": "Update", "actor": "https://m/a", "object": told})
    assert (post.op, post.post_uid, post.event_time, post.revision) == (
        "update", "other:https://m/1", MAY_DAY, MAY_DAY + 3_600_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("gone", "subject"),
    [("https://m/1", "post:other:https://m/1"), ({"type": "Tombstone", "id": "https://m/1"}, "post:other:https://m/1")],
)
def test_deletes_are_tombstones(gone, subject):
    told = {"@context": CONTEXT, "type": "Delete", "actor": "https://m/a", "object": gone}
    assert record("activitystreams", told).subject == subject


def test_an_account_that_deletes_itself_is_forgotten():
    told = {"@context": CONTEXT, "type": "Delete", "actor": "https://m/a", "object": "https://m/a"}
    assert record("activitystreams", told).op == "delete_author"


@pytest.mark.parametrize(
    ("audience", "visibility"),
    [
        ([], "public"),
        ([f"{CONTEXT}#Public"], "public"),
        (["https://m/a/followers"], "followers"),
        ("https://m/b", "direct"),
    ],
)
def test_visibility(audience, visibility):
    assert record("activitystreams", NOTE | {"to": audience}).visibility == visibility


def test_each_item_of_a_collection_has_its_own_verdict():
    items = [NOTE, {"type": "Person", "name": "x"}, "https://m/9"]
    post, refused = records("activitystreams", {"@context": CONTEXT, "type": "Collection", "items": items})
    assert (post.post_uid, refused.reason) == ("other:https://m/1", "irrelevant")
    assert "https://m/9" in post.extra["collection"]["items"]


def test_replies_that_came_with_a_post_are_posts():
    reply = {"type": "Note", "id": "https://m/2", "content": "Mine too", "inReplyTo": "https://m/1"}
    found = records("activitystreams", NOTE | {"replies": {"type": "Collection", "items": [reply]}})
    assert [one.post_uid for one in found] == ["other:https://m/1", "other:https://m/2"]


@pytest.mark.parametrize(
    ("broken", "reason", "named"),
    [
        ([NOTE, NOTE], "not_an_object", "array"),
        ("It leaks", "not_an_object", "str"),
        (NOTE | {"@context": 3}, "wrong_type", "@context"),
        (NOTE | {"@context": "http://schema.org"}, "other_format", "@context"),
        (NOTE | {"type": 16}, "wrong_type", "type"),
        (NOTE | {"content": 5}, "wrong_type", "content"),
        (NOTE | {"contentMap": "x"}, "wrong_type", "contentMap"),
        (NOTE | {"attributedTo": 90}, "wrong_type", "attributedTo"),
        (NOTE | {"published": 1_714_550_400}, "wrong_type", "published"),
        (NOTE | {"published": "yesterday"}, "wrong_type", "published"),
        ({"@context": CONTEXT, "type": "Collection", "items": [NOTE], "totalItems": -1}, "wrong_type", "totalItems"),
        ({"@context": CONTEXT, "type": "OrderedCollection", "items": [NOTE]}, "other_format", "items"),
        ({"@context": CONTEXT, "type": "Collection", "first": {"type": "Note"}}, "wrong_type", "first"),
        ({"@context": CONTEXT, "type": "Collection", "first": {"type": {}}}, "wrong_type", "first"),
        ({"@context": CONTEXT, "type": "Person", "name": "Anna"}, "irrelevant", "type"),
        ({"@context": CONTEXT, "type": "Tombstone"}, "missing_field", "id"),
        ({}, "missing_field", "type"),
    ],
)
def test_what_breaks_the_rules_is_refused_by_name(broken, reason, named):
    verdict = record("activitystreams", broken)
    assert (verdict.reason, named in verdict.detail) == (reason, True)


def test_activity_streams_1():
    actor = {"objectType": "person", "id": "tag:x:a", "displayName": "Anna"}
    note = {"objectType": "note", "id": "tag:x:1", "content": "hi 😀 @ben", "tags": [
        {"objectType": "mention", "url": "https://m/b", "startIndex": 6, "length": 4}]}  # fmt: skip
    post = record("activitystreams", {"objectType": "activity", "verb": "post", "actor": actor, "object": note})
    assert (post.post_uid, post.author.display_name, post.mentions[0].handle) == ("other:tag:x:1", "Anna", "ben")
