"""Rows of files become posts, or are named as unusable."""

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline import post_files
from pipeline.feed import Dated
from pipeline.post_files import CsvMap, Unusable, csv_posts, in_time_order, jsonl_posts
from pipeline.post_times import event_ms
from schemas.codec import Decoder
from schemas.post import SocialPost
from schemas.record import EARLIEST_MS

NOON_MS = 1_424_806_552_000  # 2015-02-24 19:35:52 UTC
POST = b'{"post_uid":"x:1","platform":"x","channel":"microblog","event_time":1424806552000}'
GOLDEN = Path(__file__).parent.parent / "golden" / "posts"


def rows(text: str, columns: CsvMap | None = None, secret: bytes = b"") -> list[Dated | Unusable]:
    return list(csv_posts(text.splitlines(keepends=True), columns or CsvMap(), "file.csv", secret))


def read(text: str, columns: CsvMap | None = None, secret: bytes = b"") -> list[SocialPost]:
    found = rows(text, columns, secret)
    return [Decoder(SocialPost).decode(row.value) for row in found if isinstance(row, Dated)]


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52Z", "2015-02-24T19:35:52.000+00:00", "2015-02-24 19:35:52",
        "2015-02-25T03:35:52+08:00", "2015-02-24 19:35:52 UTC", "Tue Feb 24 19:35:52 +0000 2015",
        "Tue, 24 Feb 2015 11:35:52 -0800", "24 Feb 2015 19:35:52 GMT", "2015/2/24 19:35:52", " 1424806552 ",
        "1424806552.0", "1424806552000", "20150224T193552",
    ],
)  # fmt: skip
def test_a_time_is_read_as_files_write_it(text: str) -> None:
    assert event_ms(text, UTC) == NOON_MS


def test_a_time_without_a_zone_is_in_the_zone_given() -> None:
    assert event_ms("2015-02-25 03:35:52", ZoneInfo("Asia/Shanghai")) == NOON_MS


@pytest.mark.parametrize("text", ["", "yesterday", "24-02-2015", "1e9", "12:00", "2015-02-30", "nan"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        event_ms(text, UTC)


def test_columns_are_found_by_the_names_in_use() -> None:
    post = read("Tweet_ID,User,Content,Created At\n7,ann,late again,2015-02-24T19:35:52Z\n")[0]

    assert (post.post_uid, post.text, post.event_time) == ("other:7", "late again", NOON_MS)


def test_a_column_named_by_hand_wins_over_one_found() -> None:
    columns = CsvMap(text="headline", brand="airline", platform="x", channel="news")
    post = read("text,headline,time,airline\nno,yes,1424806552,United\n", columns)[0]

    assert (post.text, post.brands, post.platform, post.channel) == ("yes", ("United",), "x", "news")


def test_a_header_without_text_or_time_is_refused_with_what_it_has() -> None:
    with pytest.raises(ValueError, match="no column for the text, the time; the header is: a, b"):
        rows("a,b\n1,2\n")


def test_a_column_that_is_not_in_the_header_is_refused() -> None:
    with pytest.raises(ValueError, match="no column for airline"):
        rows("text,time\n1,2\n", CsvMap(brand="airline"))


def test_a_row_without_an_id_gets_the_same_one_every_time_and_another_than_its_neighbour() -> None:
    file = "text,time\nhi,1424806552\nhi,1424806552\n"
    first, again = read(file), read(file)

    assert [post.post_uid for post in first] == [post.post_uid for post in again]
    assert first[0].post_uid != first[1].post_uid


def test_two_rows_of_one_author_share_a_key_that_depends_on_the_secret() -> None:
    file = "text,time,user\nhi,1424806552,ann\nho,1424806553,ann\n"
    keys = {post.author.author_key for post in read(file)}
    secret_keys = {post.author.author_key for post in read(file, secret=b"pepper")}

    assert len(keys) == len(secret_keys) == 1
    assert keys != secret_keys


def test_rows_without_an_author_have_an_author_each() -> None:
    keys = {post.author.author_key for post in read("text,time\nhi,1424806552\nhi,1424806552\n")}

    assert len(keys) == 2


def test_the_author_s_name_does_not_reach_the_post() -> None:
    found = rows("text,time,user\nhi,1424806552,zhuzhu\n")[0]

    assert b"zhuzhu" not in found.value


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",1424806552", "no text"),
        ("hi,soon", "not a time"),
        ("hi", "not a time"),
        ("hi,1970-01-02", "event_time"),
        ("x" * 70_000 + ",1424806552", "65536"),
        ("x" * 140_000 + ",1424806552", "field larger"),
        ("\ud83d,1424806552", "surrogates"),
    ],
)
def test_a_row_no_post_can_be_made_of_is_named_and_the_next_one_is_read(row: str, reason: str) -> None:
    bad, good = rows(f"text,time\n{row}\nhi,1424806552\n")

    assert isinstance(bad, Unusable)
    assert (bad.row, reason in bad.reason) == (1, True)
    assert isinstance(good, Dated)


def test_a_quoted_text_may_have_several_lines() -> None:
    assert read('text,time\n"one,\ntwo",1424806552\n')[0].text == "one,\ntwo"


def test_a_jsonl_line_passes_byte_for_byte() -> None:
    odd = POST.replace(b",", b" , ")

    assert [post.value for post in jsonl_posts([odd + b"\r\n", b"\n", POST], "f")] == [odd, POST]


def test_a_line_that_is_no_post_passes_with_the_time_of_the_post_before_it_and_its_place_as_key() -> None:
    found = list(jsonl_posts([POST, b"{oops\n"], "f.jsonl"))

    assert found[1] == Dated(NOON_MS, b"f.jsonl:2", b"{oops")


def test_a_line_that_is_no_post_before_the_first_post_passes_with_that_post_s_time() -> None:
    found = list(jsonl_posts([b"{oops\n", POST], "f"))

    assert [post.event_ms for post in found] == [NOON_MS, NOON_MS]


def test_a_file_without_any_post_still_passes() -> None:
    assert list(jsonl_posts([b"{oops\n"], "f")) == [Dated(EARLIEST_MS, b"f:1", b"{oops")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert next(jsonl_posts([b"\xef\xbb\xbf" + POST], "f")).value == POST


def test_posts_are_sorted_by_time_and_equal_times_stay_in_order() -> None:
    posts = [Dated(2, b"", b"a"), Dated(1, b"", b"b"), Dated(2, b"", b"c"), Dated(1, b"", b"d")]

    assert [post.value for post in in_time_order(posts)] == [b"b", b"d", b"a", b"c"]


def test_more_posts_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_files, "MAX_POSTS", 2)

    with pytest.raises(ValueError, match="split the file by time"):
        in_time_order([Dated(1, b"", b"")] * 3)


def test_every_golden_post_is_readable() -> None:
    lines = (GOLDEN / "readable.jsonl").read_bytes().splitlines()

    assert [line for line in lines if not isinstance(Decoder(SocialPost).decode(line), SocialPost)] == []


def test_every_golden_bad_line_is_unreadable_and_passes_all_the_same() -> None:
    lines = (GOLDEN / "unreadable.jsonl").read_bytes().splitlines()

    assert [line for line in lines if isinstance(Decoder(SocialPost).decode(line), SocialPost)] == []
    assert [post.value for post in jsonl_posts(lines, "f")] == lines
