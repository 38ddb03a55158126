"""The published contracts are those of the code."""

import json

import pytest
from jsonschema import Draft202012Validator

from agents.settings import STAGES
from agents.storing import STORED
from schemas.author import Author
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.export import ASYNCAPI, FLOWS, FOLDER, documents
from schemas.post import SocialPost
from schemas.topics import TOPICS

DOCUMENTS = documents()
SCHEMAS = sorted(name for name in DOCUMENTS if name != ASYNCAPI)
AT = 1_700_000_000_000
POST = SocialPost(
    post_uid="weibo:1",
    platform="weibo",
    channel="microblog",
    event_time=AT,
    text="漏水了",
    author=Author(author_key="a1"),
)
BUNDLE = Bundle(
    bucket_ms=60_000,
    previous=-1,
    progress=Progress(source=0, sources=4, offset=9, watermark=AT),
    partials=(Partial(brand="acme", minute=AT, counts=Counts(posts=3, complaints=1)),),
)


def errors(schema: str, instance: object) -> list[str]:
    return [error.message for error in Draft202012Validator(json.loads(DOCUMENTS[schema])).iter_errors(instance)]


def asyncapi() -> dict[str, dict[str, dict[str, object]]]:
    return json.loads(DOCUMENTS[ASYNCAPI])


def test_generating_again_changes_nothing() -> None:
    written = {path.name: path.read_bytes() for path in FOLDER.iterdir()}

    assert written == DOCUMENTS, "run make generate"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_valid_json_schema(name: str) -> None:
    schema = json.loads(DOCUMENTS[name])

    Draft202012Validator.check_schema(schema)
    assert schema["description"]


@pytest.mark.parametrize(("schema", "record"), [("SocialPost.v1.json", POST), ("Bundle.v1.json", BUNDLE)])
def test_what_the_codec_writes_is_what_the_schema_says(schema: str, record: object) -> None:
    assert errors(schema, json.loads(encode(record))) == []


@pytest.mark.parametrize(
    "wrong", [{"platform": "telegraph"}, {"event_time": 1}, {"post_uid": ""}, {"text": 5}, {"author": {}}]
)
def test_a_schema_refuses_what_the_codec_refuses(wrong: dict[str, object]) -> None:
    assert errors("SocialPost.v1.json", json.loads(encode(POST)) | wrong)


def test_asyncapi_names_every_topic() -> None:
    channels = asyncapi()["channels"]

    assert {channel["address"] for channel in channels.values()} == {topic.name for topic in TOPICS}


def test_asyncapi_points_only_at_what_is_there() -> None:
    channels, operations = asyncapi()["channels"], asyncapi()["operations"]
    payloads = [message.get("payload") for channel in channels.values() for message in channel["messages"].values()]

    assert {payload["schema"]["$ref"].removeprefix("./") for payload in payloads if payload} <= set(SCHEMAS)
    assert {operation["channel"]["$ref"].removeprefix("#/channels/") for operation in operations.values()} <= set(
        channels
    )


def test_asyncapi_tells_the_flow_of_every_stage_of_a_worker() -> None:
    assert tuple(FLOWS) == STAGES
    assert FLOWS["store"].receives == STORED
