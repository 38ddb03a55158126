"""CSV and JSON of any origin: fields are found by name, or as configured."""

from datetime import timedelta, timezone

import pytest

from pipeline.channels._field_map import FieldMap
from tests.adapted import RECEIVED, record, records

ROW = {"id": 7, "created_at": "2024-05-01 08:00:00", "text": "leaks"}
MAY_DAY = 1_714_550_400_000  # 2024-05-01 08:00:00 UTC


def test_a_document_is_one_post_per_row():
    posts = records("csv", b'id,text,created_at\n1,"a, b\nc",2024-05-01 08:00:00\n2,d,2024-05-01 08:00:01\n')
    assert [(post.post_uid, post.text, post.event_time) for post in posts] == [
        ("other:1", "a, b\nc", MAY_DAY), ("other:2", "d", MAY_DAY + 1_000),
    ]  # fmt: skip


def test_a_bad_row_does_not_stop_the_others():
    verdicts = records("csv", b"id,text,date\n1,a,2024-05-01\n2,,2024-05-01\n3,c,some day\n4,d,2024-05-01\n")
    assert [getattr(one, "reason", "") for one in verdicts] == ["", "missing_field", "wrong_type", ""]
    assert verdicts[2].detail == "date is no time: 'some day'"


@pytest.mark.parametrize("text", ['"id","text"\n1,a\n', "\ufeffid,text\n1,a\n", "id\ttext\r\n1\ta\r\n", "id;text\n1;a"])
def test_dialects(text):
    assert record("csv", text.encode()).text == "a"


def test_cells_beyond_the_header_are_kept():
    assert record("csv", b"id,text\n1,a,b,c\n").extra["beyond the header"] == ["b", "c"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"id,colour\n1,red\n", "missing_field"),
        (b"id,text\n", "empty"),
        (b"id,text\n1,%s\n" % (b"a" * 200_000), "other_format"),  # beyond the csv module's limit of a cell
    ],
)
def test_unusable_documents(payload, reason):
    assert record("csv", payload).reason == reason


def test_lines_of_json_have_a_verdict_each():
    verdicts = records("jsonl", b'{"text": "a\xe2\x80\xa8b"}\n\n{"text": 1}\n[1]\n{"te\n')
    assert verdicts[0].text == "a\u2028b"
    assert [one.reason for one in verdicts[1:]] == ["wrong_type", "not_an_object", "invalid_json"]
    assert verdicts[2].detail == "line 4 is no object"


def test_names_of_a_vendor_are_guessed_whatever_their_case():
    row = {"Mid": "48", "PublishTime": "/Date(1714550400000)/", "Content": "漏水", "RepostCount": "62.4万",
           "LikeCount": None, "TargetKeywords": ["水壶"]}  # fmt: skip
    post = record("jsonl", row)
    assert (post.native_id, post.event_time, post.metrics.reposts, post.metrics.likes) == ("48", MAY_DAY, 624_000, None)
    assert post.annotations[0].id == "水壶"
    assert post.extra["RepostCount"] == "62.4万"


def test_a_map_names_fields_even_inside_others():
    fields = {"text": "what.said", "author": "who.key", "time": "at"}
    columns = FieldMap(fields, platform="forum", zone=timezone(timedelta(hours=8)))
    row = {"what": {"said": "leaks", "lang": "en"}, "who": {"key": 5}, "at": "2024-05-01 16:00:00", "text": "not me"}
    post = record("jsonl", row, rows=columns)
    assert (post.post_uid.partition(":")[0], post.text, post.author.native_id) == ("forum", "leaks", "5")
    assert post.event_time == MAY_DAY
    assert post.extra["text"] == "not me"


def test_a_field_that_the_map_names_must_be_there():
    assert record("jsonl", ROW, rows=FieldMap({"text": "said"})).detail.startswith("said is missing")


def test_an_author_may_be_an_object():
    author = record("jsonl", {**ROW, "user": {"id": 5, "name": "Anna"}}).author
    assert (author.native_id, author.display_name) == ("5", "Anna")


def test_a_row_without_an_id_is_known_by_what_it_says():
    once, again, other = (record("csv", {"text": text}) for text in ("a", "a", "b"))
    assert once.post_uid == again.post_uid != other.post_uid


def test_a_row_without_a_time_happened_when_it_was_received():
    post = record("csv", {"text": "a"})
    assert (post.event_time, post.event_time_basis) == (RECEIVED, "collected")


def test_a_relative_time_counts_from_when_it_was_received():
    assert record("csv", {"text": "a", "时间": "5分钟前"}).event_time == RECEIVED - 300_000


def test_html_is_read_and_kept():
    post = record("jsonl", {**ROW, "text": "it <b>leaks</b> &amp; smells"})
    assert (post.text, post.text_raw, post.text_format) == (
        "it leaks & smells", "it <b>leaks</b> &amp; smells", "html",
    )  # fmt: skip
