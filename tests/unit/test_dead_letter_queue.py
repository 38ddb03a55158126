"""Letters are counted by topic and reason, found by their address, and replayed at most once."""

import pytest

from pipeline.asked_times import moment_ms
from pipeline.dead_letter_queue import Address, Census, Letter, Wanted, letter
from pipeline.dead_letters import again, dead_letter, replay_mark
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.codec import Malformed
from schemas.dead_letter import PAYLOAD_CAP, attempts, replayed
from schemas.vocabulary import RejectReason

AT = 1_800_000_000_000
POSTS, DLQ = "social.posts.v1", "social.posts.v1.dlq"


def bad(offset: int, value: bytes = b"{", headers: tuple[tuple[str, bytes], ...] = ()) -> LogRecord:
    return LogRecord(offset, AT, b"author", value, headers)


def sent(record: LogRecord, reason: RejectReason = "invalid_json", partition: int = 2, topic: str = POSTS) -> Output:
    return dead_letter(topic, partition, record, Malformed(reason, "why"))


def appended(output: Output, offset: int, after: int = 0) -> tuple[Address, LogRecord]:
    """An output as it comes back from its topic."""
    record = LogRecord(offset, AT + after, output.key, output.value, output.headers)
    return Address(output.topic, output.partition, offset), record


def read(output: Output, offset: int) -> Letter:
    found = letter(*appended(output, offset))
    assert found is not None
    return found


def counted(*records: tuple[Address, LogRecord], wanted: Wanted | None = None) -> Census:
    census = Census(wanted or Wanted())
    for address, record in records:
        census.add(address, record)
    return census


def test_letters_are_counted_by_topic_and_reason_the_largest_group_first():
    census = counted(
        appended(sent(bad(0)), 0, after=5),
        appended(sent(bad(1), "empty"), 1),
        appended(sent(bad(2)), 2, after=9),
        appended(sent(bad(3), topic="social.brand-log.v1"), 0),
    )

    assert [(group.topic, group.reason, group.letters) for group in census.groups()] == [
        ("social.brand-log.v1", "invalid_json", 1), (POSTS, "invalid_json", 2), (POSTS, "empty", 1),
    ]  # fmt: skip
    assert [(group.first - AT, group.last - AT, group.example) for group in census.groups()][1] == (5, 9, f"{DLQ}/2/2")


@pytest.mark.parametrize(
    ("wanted", "offsets"),
    [
        (Wanted(), [0, 1, 2]), (Wanted(topic=POSTS), [0, 1, 2]), (Wanted(topic="social.pages.v1"), []),
        (Wanted(reason="empty"), [1]), (Wanted(since=AT + 5), [1, 2]), (Wanted(reason="empty", since=AT + 6), []),
    ],
)  # fmt: skip
def test_only_letters_that_are_asked_for_are_counted(wanted: Wanted, offsets: list[int]):
    letters = [
        appended(sent(bad(0)), 0),
        appended(sent(bad(1), "empty"), 1, after=5),
        appended(sent(bad(2)), 2, after=10),
    ]

    assert [address.offset for address in counted(*letters, wanted=wanted).open] == offsets


def test_a_mark_closes_the_letter_it_names_and_no_other():
    first, second = sent(bad(7)), sent(bad(8))
    mark = replay_mark(read(first, 0))
    census = counted(appended(first, 0), appended(second, 1), appended(mark, 2), appended(mark, 3))
    (group,) = census.groups()

    assert (group.letters, group.replayed) == (2, 1)
    assert list(census.open) == [Address(DLQ, 2, 1)]
    assert census.foreign == 0


def test_a_mark_on_another_partition_closes_nothing():
    elsewhere = Output(DLQ, 3, None, b"", replayed(0))

    assert len(counted(appended(sent(bad(7)), 0), appended(elsewhere, 1)).open) == 1


@pytest.mark.parametrize("value", [b"x" * (PAYLOAD_CAP + 1), b"x" * 10_000_000])
def test_a_letter_that_is_cut_is_counted_and_never_open(value: bytes):
    census = counted(appended(sent(bad(0, value)), 0), appended(sent(bad(1, value[:PAYLOAD_CAP])), 1))

    assert [(group.letters, group.cut) for group in census.groups()] == [(2, 1)]
    assert list(census.open) == [Address(DLQ, 2, 1)]


def test_a_payload_other_than_its_hash_says_is_not_replayed():
    forged = sent(bad(0))._replace(value=b"[")

    assert not read(forged, 0).whole
    assert counted(appended(forged, 0)).open == {}


def test_records_that_are_no_letters_are_counted_apart():
    census = counted((Address(DLQ, 0, 0), LogRecord(0, AT, None, None, (("x", b"y"),))))

    assert (census.foreign, census.groups()) == (1, [])


def test_a_letter_knows_its_own_address_and_that_of_the_bad_record():
    found = read(sent(bad(41)), 9)

    assert str(found.address) == f"{DLQ}/2/9"
    assert str(found.origin) == f"{POSTS}/2/41"


def test_what_is_replayed_is_the_record_as_it_was_and_the_next_attempt():
    output = again(read(sent(bad(41, b"\xff{")), 9))

    assert (output.topic, output.partition, output.key, output.value) == (POSTS, 2, b"author", b"\xff{")
    assert attempts(output.headers) == 2


def test_each_replay_that_fails_again_is_one_attempt_more():
    record, told = bad(0), []
    for offset in range(1, 4):
        found = read(sent(record), offset)
        told.append(found.attempts)
        record = bad(offset, headers=again(found).headers)

    assert told == [1, 2, 3]


@pytest.mark.parametrize("written", [f"{POSTS}/3/4711", f"{DLQ}/0/0", f"{POSTS}/1/-1"])
def test_an_address_reads_as_it_is_written(written: str):
    assert str(Address.parse(written)) == written


@pytest.mark.parametrize(
    "written", ["", POSTS, f"{POSTS}/1", f"{POSTS}/a/1", f"{POSTS}/1/2/3", f"{POSTS}/1/-2", "a b/1/2", "/1/2", "a/1/٣"]
)
def test_what_is_no_address_is_refused_with_an_example(written: str):
    with pytest.raises(ValueError, match=r"write TOPIC/PARTITION/OFFSET, as in social.posts.v1/3/4711"):
        Address.parse(written)


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("2h", AT - 7_200_000), ("90s", AT - 90_000), ("-15m", AT - 900_000),
        (" 14d ", AT - 14 * 86_400_000),
        ("2027-01-15T08:00:00Z", AT), ("2027-01-15T16:00:00+08:00", AT), ("2027-01-15 08:00", AT),
    ],
)  # fmt: skip
def test_since_is_a_time_ago_or_a_moment(written: str, ms: int):
    assert moment_ms(written, AT) == ms


@pytest.mark.parametrize("written", ["", "2 h", "h", "2w", "yesterday"])
def test_since_anything_else_is_refused(written: str):
    with pytest.raises(ValueError, match="not a time"):
        moment_ms(written, AT)
