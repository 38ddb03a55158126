"""Open minutes: the latest word of every source, added up."""

from pipeline.closing import OpenMinutes
from schemas.brand_log import Counts, Partial
from tests.builders import MINUTE, START


def partial(
    posts: int, *, minute: int = 0, authors: tuple[int, ...] = (), facets: dict[str, Counts] | None = None
) -> Partial:
    counts = Counts(posts=posts, complaints=posts)
    return Partial(brand="acme", minute=START + minute * MINUTE, counts=counts, authors=authors, facets=facets or {})


def test_of_each_source_only_the_latest_word_counts_and_the_sources_are_added_up():
    minutes = OpenMinutes()
    minutes.keep(0, 10, [partial(5)])
    minutes.keep(0, 9, [partial(4)])
    minutes.keep(1, 3, [partial(100)])

    assert minutes.moment(START, "acme").counts.posts == 105


def test_a_brand_that_nobody_named_has_a_moment_of_zeros():
    moment = OpenMinutes().moment(START, "acme")

    assert (moment.counts, moment.distinct, moment.evidence) == (Counts(), 0, ())


def test_complaints_are_split_by_facet_and_facets_without_any_are_left_out():
    minutes = OpenMinutes()
    for source in (0, 1):
        facets = {"channel:video": Counts(posts=3, complaints=2), "channel:forum": Counts(posts=3)}
        minutes.keep(source, 0, [partial(6, facets=facets)])

    assert minutes.moment(START, "acme").complaints_by == {"channel:video": 4}


def test_authors_of_all_sources_are_counted_once_each():
    minutes = OpenMinutes()
    minutes.keep(0, 0, [partial(3, authors=(1, 2, 3))])
    minutes.keep(1, 0, [partial(3, authors=(3, 4))])

    assert minutes.moment(START, "acme").distinct == 4


def test_adding_up_leaves_what_is_held_alone():
    minutes = OpenMinutes()
    minutes.keep(0, 0, [partial(1)])
    minutes.keep(1, 0, [partial(1)])
    first, second = minutes.moment(START, "acme"), minutes.moment(START, "acme")

    assert first == second


def test_the_first_minute_from_a_time_on():
    minutes = OpenMinutes()
    minutes.keep(0, 0, [partial(1, minute=2), partial(1, minute=5)])

    assert [minutes.first(START + since * MINUTE) for since in (0, 2, 3, 6)] == [
        START + 2 * MINUTE, START + 2 * MINUTE, START + 5 * MINUTE, None,
    ]  # fmt: skip


def test_dropping_keeps_the_minute_it_names():
    minutes = OpenMinutes()
    minutes.keep(0, 0, [partial(1, minute=0), partial(1, minute=1)])
    minutes.drop(START + MINUTE)

    assert list(minutes.brands(START)) == []
    assert list(minutes.brands(START + MINUTE)) == ["acme"]


def test_rows_restore_to_the_same():
    minutes, other = OpenMinutes(), OpenMinutes()
    minutes.keep(0, 10, [partial(5), partial(6, minute=1)])
    minutes.keep(1, 3, [partial(7)])
    other.restore(minutes.rows())
    other.keep(0, 9, [partial(1)])

    assert other.rows() == minutes.rows()
