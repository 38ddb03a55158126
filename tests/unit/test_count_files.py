"""Counts in CSV files: what is read, what is refused by line, and how rows become buckets."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pipeline.count_files import Bucket, Table, buckets, read_counts, spacing, written_like
from pipeline.post_times import event_ms

BERLIN = ZoneInfo("Europe/Berlin")


def read(*lines: str, zone: object = UTC) -> Table:
    return read_counts([f"{line}\r\n" for line in lines], zone)  # type: ignore[arg-type]  # a zone


def at(text: str) -> int:
    return event_ms(text, UTC)


def test_counts_are_read_whatever_else_a_file_holds():
    table = read("Label, Timestamp ,VALUE", "x,2025-01-01 00:00:00, 3 ", "", "y,2025-01-01 00:05:00,4.0")

    assert table.columns == ("value",)
    assert [(row.at, row.counts, row.shown) for row in table.rows] == [
        (at("2025-01-01 00:00:00"), (3,), "3"), (at("2025-01-01 00:05:00"), (4,), "4.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("timestamp,posts,negatives", ("posts", "negatives")),
        ("authors,negatives,posts,timestamp", ("posts", "negatives", "authors")),
        ("timestamp,value,posts,negatives", ("posts", "negatives")),
    ],
)
def test_the_header_says_what_a_file_is(header, columns):
    assert read(header).columns == columns


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ((), "line 1: the file is empty"),
        (("timestamp,count", "1,2"), "line 1: the columns are timestamp, count; there must be timestamp and value"),
        (("timestamp,posts", "1,2"), "line 1: the columns are"),
        (("timestamp,value", "2025-01-01,1", "2025-01-02"), "line 3: 1 cells; the header has more"),
        (("timestamp,value", "2025-01-01,nan"), "line 2: value is 'nan'"),
        (("timestamp,value", "2025-01-01,"), "line 2: value is ''"),
        (("timestamp,value", "2025-01-01,inf"), "line 2: value is 'inf'"),
        (("timestamp,value", "2025-01-01,-1"), "line 2: value is '-1'"),
        (("timestamp,value", "2025-01-01,1e13"), "line 2: value is '1e13'"),
        (("timestamp,value", "2025-01-01,1_000"), "line 2: value is '1_000'"),
        (("timestamp,value", "yesterday,1"), "line 2: not a time: 'yesterday'"),
        (("timestamp,value", "1890-01-01,1"), "line 2: '1890-01-01' is no time between 2000 and 2100"),
        (("timestamp,posts,negatives", "2025-01-01,3,4"), "line 2: 4 negatives of 3 posts"),
        (("timestamp,posts,negatives,authors", "2025-01-01,3,0,9"), "line 2: 9 authors of 3 posts"),
        (("timestamp,value", '2025-01-01,"1'), "line 2: not CSV"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(lines, complaint):
    with pytest.raises(ValueError, match=r"^line \d+: ") as error:
        read(*lines)

    assert complaint in str(error.value)


def test_times_that_go_back_and_times_told_twice_are_counted():
    table = read("timestamp,value", "2025-01-01 00:10,1", "2025-01-01 00:00,2", "2025-01-01 00:10,3")

    assert (table.astray, table.repeated) == (1, 1)


def test_the_hour_that_clocks_repeat_is_told_by_the_order_of_its_rows():
    times = ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")
    table = read("timestamp,value", *(f"2025-10-26 {time}:00,1" for time in times), zone=BERLIN)
    steps = {later.at - row.at for row, later in zip(table.rows, table.rows[1:], strict=False)}

    assert steps == {1_800_000}
    assert (table.astray, table.repeated) == (0, 0)


def rows(*times: str) -> Table:
    return read("timestamp,value", *(f"2025-01-0{time},{number}" for number, time in enumerate(times, 1)))


def test_rows_are_as_far_apart_as_most_of_them_are():
    assert spacing(rows("1 00:00", "1 00:05", "1 00:10", "1 02:00").rows) == 300
    assert spacing(rows("1 00:00").rows) == 300
    with pytest.raises(ValueError, match="rows are 86,400 s apart"):
        spacing(rows("1", "2").rows)


def test_missing_rows_are_zero_and_a_gap_of_more_than_a_day_is_skipped():
    table = rows("1 00:00", "1 00:15", "3 00:00")
    made = list(buckets(table.rows, 300, 300))

    assert [bucket and bucket.counts for bucket in made] == [(1,), (0,), (0,), (2,), None, (3,)]
    assert made[-1] == Bucket(at("2025-01-03 00:00"), (3,), (2,))


def test_rows_of_one_bucket_are_added_up_in_the_order_of_time():
    table = rows("1 00:06", "1 00:00", "1 00:00", "1 00:04:59")

    assert list(buckets(table.rows, 300, 60)) == [
        Bucket(at("2025-01-01 00:00"), (5,), (1, 2)), Bucket(at("2025-01-01 00:05"), (5,), (0, 3)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sample", "zone", "written"),
    [
        ("2025-01-01 00:00:00", UTC, "2025-06-01 12:00:00"),
        ("2025-01-01T00:00:00Z", UTC, "2025-06-01T12:00:00Z"),
        ("2025-01-01T00:00:00+01:00", BERLIN, "2025-06-01T14:00:00+02:00"),
        ("2025-01-01 00:00", timezone(timedelta(hours=8)), "2025-06-01 20:00:00"),
        ("1735689600", UTC, 1748779200),
        ("1735689600000", UTC, 1748779200000),
    ],
)
def test_times_are_told_as_the_file_writes_them(sample, zone, written):
    assert written_like(sample, at("2025-06-01T12:00:00Z"), zone) == written
