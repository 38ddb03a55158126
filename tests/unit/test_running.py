"""The running total of one minute: what is counted, split, and quoted."""

import pytest
from msgspec.structs import replace

from pipeline.running import BULK, QUOTE, Running, counted, facets
from pipeline.suspicion import SUSPECTED
from schemas.brand_log import Counts
from schemas.signal import Signal
from tests.builders import SIGNAL


def told(*signals: Signal) -> Running:
    running = Running("acme", SIGNAL.event_time)
    for offset, signal in enumerate(signals):
        running.add(replace(signal, source_offset=offset))
    return running


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Counts(1, 1, 1, 0, 1, -500, 3)),
        ({"complaint_p": 0.499}, Counts(1, 1, 0, 0, 1, -500, 3)),
        ({"complaint_p": 0.5, "severity": 3}, Counts(1, 1, 1, 1, 3, -500, 3)),
        ({"complaint_p": 0.4, "severity": 3}, Counts(1, 1, 0, 0, 3, -500, 3)),
        ({"sentiment": "pos", "polarity": 1.0, "complaint_p": 0.0}, Counts(1, 0, 0, 0, 1, 1000, 3)),
    ],
)
def test_one_post_adds(change, expected):
    assert counted(replace(SIGNAL, **change)) == expected


def test_facets_are_those_of_the_brand_asked_for():
    signal = replace(SIGNAL, products=("acme/phone", "bolt/screw"), regions=("acme/london",), campaigns=("bolt/sale",))

    assert list(facets(signal, "acme")) == [
        "channel:microblog", "platform:x", "language:en", "category:other", "product:phone", "region:london",
    ]  # fmt: skip


def test_posts_of_suspected_accounts_are_a_facet():
    assert BULK in facets(replace(SIGNAL, suspicion=SUSPECTED), "acme")
    assert BULK not in facets(replace(SIGNAL, suspicion=SUSPECTED - 0.001), "acme")


def test_the_category_is_a_facet_of_complaints_only():
    assert "category:other" not in facets(replace(SIGNAL, complaint_p=0.2), "acme")


def test_facets_split_the_counts():
    running = told(SIGNAL, replace(SIGNAL, channel="forum"), SIGNAL)

    assert running.facets["channel:microblog"].posts == 2
    assert running.facets["channel:forum"].complaints == 1


def test_only_authors_of_negative_posts_and_complaints_are_counted():
    praise = replace(SIGNAL, sentiment="pos", complaint_p=0.0, author_key="fan")
    running = told(praise, SIGNAL, replace(SIGNAL, author_key="b"), SIGNAL)

    assert len(running.partial(ended=True).authors) == 2


def test_praise_is_no_evidence():
    assert told(replace(SIGNAL, sentiment="pos", complaint_p=0.0)).partial(ended=True).evidence == ()


def test_the_first_the_gravest_and_the_most_read_post_are_quoted():
    running = told(
        replace(SIGNAL, post_uid="first"),
        replace(SIGNAL, post_uid="dull"),
        replace(SIGNAL, post_uid="grave", severity=3),
        replace(SIGNAL, post_uid="wide", reach=99),
    )
    quotes = {quote.post_uid: quote.why for quote in running.partial(ended=True).evidence}

    assert quotes == {"first": "first", "grave": "most_severe", "wide": "most_reach"}


def test_a_post_that_is_best_in_every_way_is_quoted_once():
    assert [quote.why for quote in told(SIGNAL).partial(ended=True).evidence] == ["first"]


def test_the_earlier_post_wins_a_tie():
    quotes = told(*(replace(SIGNAL, post_uid=str(number)) for number in range(5))).partial(ended=True).evidence

    assert [quote.post_uid for quote in quotes] == ["0"]


def test_a_quote_is_cut_and_carries_its_address():
    quote = told(replace(SIGNAL, text="x" * 2 * QUOTE)).partial(ended=True).evidence[0]

    assert (quote.text, quote.partition, quote.offset) == ("x" * QUOTE, 0, 0)


def test_a_restored_total_goes_on_as_if_nothing_had_happened():
    running = told(SIGNAL, replace(SIGNAL, post_uid="grave", severity=3))
    again = Running.restored(*told(SIGNAL, replace(SIGNAL, post_uid="grave", severity=3)).stored())
    for one in (running, again):
        one.add(replace(SIGNAL, post_uid="wide", reach=99, author_key="c"))

    assert again.partial(ended=True) == running.partial(ended=True)


def test_who_reports_a_danger_is_told_before_the_minute_ends_and_each_person_once():
    danger = replace(SIGNAL, complaint_p=0.9, severity=3)
    running = told(SIGNAL, danger, danger, replace(danger, author_key="b"))

    assert len(running.partial(ended=False).reporters) == 2
    assert Running.restored(*running.stored()).reporters.smallest() == running.reporters.smallest()


def test_posts_without_an_author_are_one_persons_each():
    anonymous = [replace(SIGNAL, author_key="", post_uid=str(number)) for number in range(9)]

    assert len(told(*anonymous).partial(ended=True).authors) == 9
