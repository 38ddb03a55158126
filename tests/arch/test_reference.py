"""The reference is what the code says today, and leaves nothing out."""

import re
import sys
from pathlib import Path

import msgspec
import pytest

from agents.reference.configuration import configuration
from agents.reference.fields import fields
from agents.reference.messages import messages
from agents.settings import Settings
from schemas import record, vocabulary
from schemas.alert import Alert, Driver
from schemas.brand_log import Evidence
from schemas.post import SocialPost
from schemas.topics import TOPICS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"configuration.md": configuration, "messages.md": messages}


@pytest.mark.parametrize("name", PAGES)
def test_generating_again_changes_nothing(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run make generate"


def test_every_setting_has_a_row_and_no_other() -> None:
    told = re.findall(r"^\| `TOCSIN_([A-Z_]+)`", configuration(), re.MULTILINE)

    assert sorted(told) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize(
    "row",
    [
        "| `TOCSIN_SESSION_S` | `10` | seconds, from 6 |",
        "| `TOCSIN_POSTS_PARTITIONS` | `8` | partitions, from 1 to 1024 |",
        "| `TOCSIN_LANGUAGE` | `en` | `en`, `zh`, `zh-Hant` |",
        "| `TOCSIN_CLICKHOUSE_HTTP` | empty | `host:port` |",
        "| `TOCSIN_EMBEDDED_BROKER` | `false` | `true` or `false` |",
    ],
)
def test_a_row_has_default_unit_and_range(row: str) -> None:
    assert row in configuration()


def test_what_is_secret_is_said_to_be() -> None:
    (row,) = re.findall(r"^\| `TOCSIN_KAFKA_PASSWORD`.*$", configuration(), re.MULTILINE)

    assert row.endswith("**Secret.** |")
    assert configuration().count("**Secret.**") == str(dict(Settings.model_fields)).count("annotation=SecretStr,")


def test_every_topic_and_record_and_part_has_its_place() -> None:
    page = messages()
    told = re.findall(r"^\| `([a-z-]+(?:\.[\w-]+)+)` \|", page, re.MULTILINE)

    assert told == [topic.name for topic in TOPICS]
    for kind in (SocialPost, Alert, Driver, Evidence):
        assert f"\n### {kind.__name__}\n" in page


@pytest.mark.parametrize("kind", sorted({one for topic in TOPICS for one in topic.records}, key=str))
def test_a_name_of_the_legend_means_the_same_in_every_record(kind: type[msgspec.Struct]) -> None:
    names = {word for told in fields(kind) for word in re.findall(r"[A-Z]\w+", told.kind)}
    shared = {name: vars(vocabulary).get(name, vars(record).get(name)) for name in names}
    meant = {name: getattr(sys.modules[kind.__module__], name) for name, alias in shared.items() if alias}

    assert meant == {name: alias for name, alias in shared.items() if alias}


def test_a_field_is_told_with_type_default_and_the_comment_of_its_source() -> None:
    told = {one.name: one for one in fields(Alert)}

    assert list(told) == list(Alert.__struct_fields__)
    assert told["since"][1:] == ("Millis", "", "when the evidence began")
    assert told["excess"][1:] == ("Excess | None", "None", "")
