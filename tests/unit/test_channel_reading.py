"""How adapters read times, counts, HTML, offsets and compact documents."""

import pytest

from pipeline.channels._counts import number_in
from pipeline.channels._fields import Fields
from pipeline.channels._html import plain
from pipeline.channels._texts import body, by_bytes, by_code_points, by_utf16
from pipeline.channels._times import CHINA, milliseconds, relative_to

MORNING = 1_718_006_400_000  # 2024-06-10 08:00 UTC, a Monday


@pytest.mark.parametrize(
    "told",
    [
        "2024-06-10T08:00:00Z", "2024-06-10T08:00Z", "2024-06-10T10:00:00.000+02:00", "2024-06-10 08:00:00",
        "2024-06-10T08:00:00", "Mon Jun 10 08:00:00 +0000 2024", "Mon Jun 10 16:00:00 +0800 2024",
        "Mon, 10 Jun 2024 08:00:00 GMT", "Mon, 10 Jun 2024 10:00:00 +0200", "/Date(1718006400000)/",
        "/Date(1718006400000+0800)/", "2024/6/10 8:00", "2024年6月10日 8:00", "2024-06-10t08:00:00z",
        "2024-06-10 08:00:00 UTC", "2024-06-10 16:00:00 +0800", "20240610080000", "202406100800",
        "1718006400", "1718006400000",
        1_718_006_400, 1_718_006_400.0, 1_718_006_400_000, 1_718_006_400_000_000, 1_718_006_400_000_000_000,
    ],
)  # fmt: skip
def test_one_moment_in_every_notation(told: object):
    assert milliseconds(told) == MORNING


@pytest.mark.parametrize(
    "told", ["", "soon", "1600-01-01", "2200-01-01", "2024-13-01", "20241301080000", "Mon Foo 10 08:00:00 +0000 2024",
             0, -1, 10**30, float("nan"), float("inf"), True, None, [], "9" * 19, "x" * 1_000_000],
)  # fmt: skip
def test_what_is_no_moment_of_our_time(told: object):
    assert milliseconds(told) is None


def test_a_time_without_a_zone_is_of_the_zone_of_its_source():
    assert milliseconds("2024-06-10 16:00:00", CHINA) == MORNING


@pytest.mark.parametrize(
    ("told", "minutes"),
    [("刚刚", 0), ("5分钟前", 5), ("半小时前", 30), ("2小时前", 120), ("1天前", 1_440), ("今天 15:30", 30),
     ("昨天 16:00", 1_440), ("06-09 16:00", 1_440)],
)  # fmt: skip
def test_times_that_count_from_now(told: str, minutes: int):
    assert relative_to(MORNING, told) == MORNING - minutes * 60_000


def test_a_day_without_a_year_lies_in_the_past():
    assert relative_to(MORNING, "12-31") == milliseconds("2023-12-31", CHINA)


@pytest.mark.parametrize(
    ("told", "count"),
    [("62.4万", 624_000), ("7万次播放", 70_000), ("100万+", 1_000_000), ("1.2亿", 120_000_000), ("1,204", 1_204),
     ("12.5K", 12_500), ("75", 75), ("3 m", 3_000_000), ("1.23456万", 12_345), ("0", 0)],
)  # fmt: skip
def test_counts_in_words(told: str, count: int):
    assert number_in(told) == count


@pytest.mark.parametrize("told", ["", "many", "-5", "1.2.3", "9" * 30, "1e9", "5 of 7", "99999999999999万亿"])
def test_what_states_no_count(told: str):
    assert number_in(told) is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"), ("a &lt; b &amp; c", "a < b & c"), ("a<b<c", "a<b<c"),
        ("1 < 2\n3", "1 < 2\n3"),
        ("x<img alt=[二哈] src=y>z", "x[二哈]z"), ("<style>p{}</style>a<script>b</script>c", "ac"),
        ("a<!-- <p>hidden --> b", "a b"), ("<p>a<!-- never closed", "a"), ("<a href='javascript:x'>y</a>", "y"),
    ],
)  # fmt: skip
def test_html_as_a_reader_sees_it(html: str, text: str):
    assert plain(html).text == text


def test_links_of_html_are_neither_mentions_nor_scripts():
    links = plain('<a href="https://e.example/?a=1&amp;b=2">x</a><a class="u-url mention" href="https://e.example/@a">@a</a>'
                  '<a href="javascript:alert(1)">y</a>').links  # fmt: skip

    assert [link.url for link in links] == ["https://e.example/?a=1&b=2"]


@pytest.mark.parametrize("piece", ["<", "<!--", "<a ", "<![", "<a href='", "&lt;", "<p>"])
def test_hostile_html_takes_linear_time(piece: str):
    assert plain(piece * 100_000).text is not None  # a parser of quadratic time would be at it for hours


def test_offsets_count_what_the_source_counts():
    text = "🔥 hi @acme"

    assert by_code_points(text, 5, 10) == "@acme"
    assert by_bytes(text, 8, 13) == "@acme"
    assert by_utf16(text, 6, 5) == "@acme"


@pytest.mark.parametrize(("start", "end"), [(0, 2), (-1, 3), (3, 2), (0, 99), (None, 1), (True, 4)])
def test_offsets_that_are_none_of_the_text(start: object, end: object):
    assert by_bytes("🔥 hi", start, end) is None


def test_texts_are_composed_and_cut():
    assert body("e\u0301") == "é"
    assert len(body("火" * 100_000)) == 65_536


def test_what_is_read_verbatim_is_taken_and_the_rest_is_extra():
    fields = Fields({"a": "text", "n": 7, "w": "62.4万", "t": "2024-06-10", "big": 2**80, "in": {"x": 1, "y": []}})
    read = (fields.text("a"), fields.count("n"), fields.count("w"), fields.inside("in").count("x"))

    assert read == ("text", 7, 624_000, 1)
    assert fields.time("t") is not None
    assert fields.rest() == {"w": "62.4万", "t": "2024-06-10", "big": str(2**80)}


def test_one_name_in_every_spelling():
    fields = Fields({"postTime": None, "post_time": 1, "Other Time": 2})

    assert fields.called(("posttime",)) == "post_time"
    assert fields.called(("absent", "othertime")) == "Other Time"
    assert fields.called(("absent",)) == ""
