"""Watch: what is withdrawn leaves an open incident, which says how many of its quotes are gone and rings as ever."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from random import Random

import msgspec
import pytest

from pipeline.page_text import render
from pipeline.replay import LogRecord
from pipeline.rows import rows
from pipeline.shadow import Shadowed
from pipeline.watch import Watch
from pipeline.withdrawing import MOST_SHOWN, Gone, Shown
from schemas.alert import Alert, Page
from schemas.brand_log import Evidence
from schemas.codec import encode
from schemas.withdrawal import KEY, Withdrawal
from tests.builders import MINUTE, START, post, record
from tests.noise import brand_log, checkpoint, listening, posts_log, watching, whole

UNTOUCHED = (
    "alert_id",
    "event",
    "severity",
    "paged",
    "posts",
    "complaints",
    "critical",
    "authors",
    "observed",
    "excess",
)


@cache
def log() -> tuple[LogRecord, ...]:
    """A crisis as two sources tell it."""
    return both({source: posts_log(Random(source), source) for source in (0, 1)})


def both(logs: Mapping[int, Sequence[LogRecord]]) -> tuple[LogRecord, ...]:
    """The brand log of posts logs, in the order of append times."""
    told = []
    for source, posts in sorted(logs.items()):
        stage = listening(source)
        for one in posts:
            told += [(one.timestamp, record) for record in brand_log(whole(stage, [one]), 0, one.timestamp)]
    ordered = sorted(told, key=lambda item: item[0])
    return tuple(one._replace(offset=offset) for offset, (_, one) in enumerate(ordered))


def alerts(stage: Watch | Shadowed, records: Sequence[LogRecord]) -> list[tuple[int, Alert]]:
    """The alerts of acme, each with the place of the record that decided it."""
    decode = msgspec.json.Decoder(Alert).decode
    return [
        (place, alert)
        for place, record in enumerate(records)
        for output in stage.apply([record])
        if output.topic == "social.alerts.v1" and (alert := decode(output.value or b"")).brand == "acme"
    ]


def with_gone(place: int, *subjects: str) -> list[LogRecord]:
    """The log with withdrawals behind the record at ``place``."""
    at = log()[place].timestamp
    gone = [LogRecord(0, at, KEY, encode(Withdrawal(subject=subject))) for subject in subjects]
    changed = [*log()[: place + 1], *gone, *log()[place + 1 :]]
    return [one._replace(offset=offset) for offset, one in enumerate(changed)]


def first() -> tuple[int, Alert]:
    """The first alert that quotes three posts or more, and where it was decided."""
    return next((place, alert) for place, alert in alerts(watching(), log()) if len(alert.evidence) >= 3)


def test_an_incident_says_how_many_of_its_quotes_are_withdrawn_and_quotes_none_of_them():
    place, opened = first()
    gone = [post.post_uid for post in opened.evidence[:2]]
    later = [
        alert for at, alert in alerts(watching(), with_gone(place, *(f"post:{uid}" for uid in gone))) if at > place
    ]
    same = [alert for alert in later if alert.incident_id == opened.incident_id]

    assert (opened.quoted, opened.withdrawn) == (len(opened.evidence), 0)
    assert [alert.withdrawn for alert in same] == [2] * len(same)
    assert not {post.post_uid for alert in later for post in alert.evidence} & set(gone)


def lull() -> tuple[int, Alert]:
    """The alert after which nothing is told of its incident for the longest, and where it was decided."""
    places = alerts(watching(), log())
    pairs = [(one, after) for one, after in pairwise(places) if one[1].incident_id == after[1].incident_id]
    return max(pairs, key=lambda pair: pair[1][1].at - pair[0][1].at)[0]


def test_it_says_so_with_the_next_minute_even_where_nothing_else_is_new_and_rings_nobody():
    place, last = lull()
    told = [
        alert for at, alert in alerts(watching(), with_gone(place, f"post:{last.evidence[0].post_uid}")) if at > place
    ]

    assert (told[0].event, told[0].reason, told[0].paged) == ("updated", "withdrawn", False)
    assert [alert.reason for alert in told].count("withdrawn") == 1


def test_all_that_is_written_then_is_read_by_those_who_store_it():
    place, last = lull()
    outputs = watching().apply(with_gone(place, f"post:{last.evidence[0].post_uid}"))
    said = [output for output in outputs if b'"reason":"withdrawn"' in (output.value or b"")]

    assert said
    assert [rows(output.topic, output.value).unusable for output in outputs] == [[]] * len(outputs)


def test_an_author_takes_all_their_posts_along():
    place, opened = first()
    author = opened.evidence[0].author_key
    mine = [post for post in opened.evidence if post.author_key == author]
    later = [alert for at, alert in alerts(watching(), with_gone(place, f"author:{author}")) if at > place]

    assert later[0].withdrawn == len(mine)
    assert author not in {post.author_key for alert in later for post in alert.evidence}


def test_nothing_that_is_counted_or_rung_changes():
    place, opened = first()
    gone = [f"post:{post.post_uid}" for post in opened.evidence]
    told = [alert for _, alert in alerts(watching(), with_gone(place, *gone)) if alert.reason != "withdrawn"]
    plain = [alert for _, alert in alerts(watching(), log())]

    assert len(plain) > 2
    assert [[getattr(one, name) for name in UNTOUCHED] for one in told] == [
        [getattr(one, name) for name in UNTOUCHED] for one in plain
    ]


@pytest.mark.parametrize("new", [watching, lambda: Shadowed(0, watching().ruling.watchlist)], ids=["watch", "shadowed"])
def test_a_checkpoint_that_follows_holds_no_word_of_it(new):
    place, opened = first()
    records, uid = with_gone(place, f"post:{opened.evidence[0].post_uid}"), opened.evidence[0].post_uid
    stage, blocks = new(), dict[str, bytes]()
    stage.apply(records[: place + 1])
    head = checkpoint(stage, blocks, [])
    held = f'"{uid}"'.encode() in b"".join(blocks.values()) or uid.encode() in b"".join(blocks.values())
    stage.apply(records[place + 1 : place + 2])
    checkpoint(stage, blocks, [])

    assert held
    assert head
    assert uid.encode() not in b"".join(value for name, value in blocks.items() if "withdrawn" not in name)


def test_a_quote_that_arrives_after_its_withdrawal_is_not_taken_in():
    _, opened = first()
    uid = opened.evidence[0].post_uid
    late = alerts(watching(), with_gone(0, f"post:{uid}"))
    quoting = {post.post_uid for _, alert in alerts(watching(), log()) for post in alert.evidence}

    assert uid in quoting
    assert log()[-1].timestamp < log()[0].timestamp + 86_400_000  # it is remembered
    assert {alert.withdrawn for _, alert in late} == {0}
    assert uid not in {post.post_uid for _, alert in late for post in alert.evidence}


def test_a_post_that_withdraws_itself_leaves_the_incident_that_quotes_it():
    _, opened = first()
    gone = opened.evidence[0]
    source, at = int(gone.post_uid[0]), opened.at + 2 * MINUTE
    posts = posts_log(Random(source), source)
    place = next(place for place, one in enumerate(posts) if one.timestamp > at)
    delete = record(0, post(gone.post_uid, at - START, "", gone.author_key, op="delete"), at)
    changed = [one._replace(offset=offset) for offset, one in enumerate([*posts[:place], delete, *posts[place:]])]
    logs = {source: changed, 1 - source: posts_log(Random(1 - source), 1 - source)}
    later = [alert for _, alert in alerts(watching(), both(logs)) if alert.at > opened.at]
    same = [alert for alert in later if alert.incident_id == opened.incident_id]

    assert {alert.withdrawn for alert in same} == {1}
    assert gone.post_uid not in {post.post_uid for alert in later for post in alert.evidence}


@pytest.mark.parametrize("restarted", [False, True])
def test_where_a_post_withdraws_itself_on_the_brand_log_does_not_show(restarted):
    place, opened = first()
    said = Withdrawal(subject=f"post:{opened.evidence[0].post_uid}", watermark=opened.at + 1)
    told = [
        judged(place + more, said, restarted=restarted) for more in (-40, -1, 0)
    ]  # before it, nothing closes of what its source had passed

    assert {alert.withdrawn for alert in told[0]} == {0, 1}
    assert told[0] == told[1] == told[2]


def judged(place: int, said: Withdrawal, *, restarted: bool) -> list[Alert]:
    """The alerts of acme if ``said`` stands behind the record at ``place``, with a restart right there."""
    records = [*log()[: place + 1], LogRecord(0, log()[place].timestamp, KEY, encode(said)), *log()[place + 1 :]]
    records = [one._replace(offset=offset) for offset, one in enumerate(records)]
    stage, cut = watching(), place + 2 if restarted else 0
    before = [alert for _, alert in alerts(stage, records[:cut])]
    blocks = dict[str, bytes]()
    head = checkpoint(stage, blocks, [])
    stage = watching()
    stage.restore(blocks, head)
    return [*before, *(alert for _, alert in alerts(stage, records[cut:]))]


def test_withdrawals_of_posts_that_nobody_quotes_tell_nothing():
    place, _ = first()
    flood = alerts(watching(), with_gone(place, *(f"post:unknown-{number}" for number in range(500))))

    assert [alert for _, alert in flood] == [alert for _, alert in alerts(watching(), log())]


def quote(number: int) -> Evidence:
    return Evidence(
        post_uid=str(number), partition=0, offset=number, at=START, platform="x", author_key=f"a{number % 2}",
        lang="en", text="", polarity=0.0, severity=0, reach=0, why="first",
    )  # fmt: skip


def test_a_post_is_counted_once_however_often_it_is_quoted_or_withdrawn():
    shown, gone = Shown(), Gone(["post:1", "author:a1"])
    shown.add([quote(1), quote(2)])
    shown.add([quote(2), quote(1)])
    shown.forget(gone)
    shown.forget(gone)

    assert (shown.total, shown.withdrawn, shown.news) == (2, 1, True)
    shown.add([])
    assert not shown.news


def test_what_an_incident_remembers_of_its_quotes_is_bounded():
    shown = Shown()
    for start in range(0, 3 * MOST_SHOWN, 10):
        shown.add([quote(number) for number in range(start, start + 10)])

    assert shown.total == MOST_SHOWN


@pytest.mark.parametrize(
    ("language", "words"), [("en", "2 of 8 posts withdrawn"), ("zh", "8 条帖子中有 2 条被撤回")], ids=["en", "zh"]
)
def test_a_page_says_it_in_both_languages(language, words):
    _, opened = first()
    plain, gone = (msgspec.structs.replace(opened, quoted=8, withdrawn=number) for number in (0, 2))

    assert words not in render(plain)[1][language]
    assert words in render(gone)[1][language]


def test_the_page_that_follows_says_it():
    place, opened = first()
    records = with_gone(place, f"post:{opened.evidence[0].post_uid}")
    stage = watching()
    stage.apply(records[: place + 1])
    pages = [
        msgspec.json.decode(output.value or b"", type=Page)
        for output in stage.apply(records[place + 1 :]) if output.topic == "social.pages.v1"
    ]  # fmt: skip

    assert "1 of " in next(page.body["en"] for page in pages if page.brand == "acme")
