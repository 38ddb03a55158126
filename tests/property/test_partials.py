"""Partials may come in any order, any number of times, in any grouping."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.closing import OpenMinutes, add_up
from pipeline.evidence import best
from schemas.brand_log import Counts, Evidence, Partial
from tests.builders import START

SAID = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=20)
some = settings(max_examples=50, deadline=None)
NUMBER = st.integers(0, 5)


def partial(source: int, offset: int) -> Partial:
    """What ``source`` would say at ``offset``: the same whenever it is asked."""
    rng = Random(source * 100 + offset)
    counts = Counts(posts=offset, complaints=rng.randrange(9), severity=rng.randrange(9), polarity_milli=-offset)
    facets = {rng.choice(["channel:video", "channel:forum"]): counts}
    return Partial(
        brand="acme", minute=START, counts=counts, facets=facets, authors=tuple(rng.sample(range(40), 5)),
        evidence=(quote(source * 10 + offset, 1, 2, 3),),
    )  # fmt: skip


def quote(address: int, severity: int, reach: int, polarity: int) -> Evidence:
    return Evidence(
        post_uid=str(address % 7), partition=0, offset=address, at=START + address // 3, platform="x", author_key="a",
        lang="en", text="", polarity=-float(polarity), severity=severity, reach=reach, why="first",
    )  # fmt: skip


def held(said: list[tuple[int, int]]) -> OpenMinutes:
    minutes = OpenMinutes()
    for source, offset in said:
        minutes.keep(source, offset, [partial(source, offset)])
    return minutes


@some
@given(SAID, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_shows(said, rng):
    again = [*said, *rng.choices(said, k=5)]
    rng.shuffle(again)

    assert held(again).moment(START, "acme") == held(said).moment(START, "acme")


@some
@given(SAID, st.integers(0, 20))
def test_held_in_two_places_and_brought_together_is_the_same(said, at):
    one, other = held(said[:at]), held(said[at:])
    one.restore(other.rows())

    assert one.moment(START, "acme") == held(said).moment(START, "acme")


@some
@given(SAID, st.randoms(use_true_random=False))
def test_the_order_in_which_sources_were_heard_does_not_show_in_their_sum(said, rng):
    latest = {source: (offset, partial(source, offset)) for source, offset in said}
    shuffled = list(latest.items())
    rng.shuffle(shuffled)

    assert add_up(START, dict(shuffled)) == add_up(START, latest)


@some
@given(
    st.lists(st.builds(quote, st.integers(0, 60), NUMBER, NUMBER, NUMBER), max_size=40, unique_by=lambda q: q.offset)
)
def test_evidence_is_at_most_nine_posts_each_once_in_order_of_time(posts):
    chosen = best(posts)

    assert len(chosen) <= 9
    assert len({post.post_uid for post in chosen}) == len(chosen)
    assert [post.at for post in chosen] == sorted(post.at for post in chosen)


@some
@given(
    st.lists(st.builds(quote, st.integers(0, 60), NUMBER, NUMBER, NUMBER), max_size=40, unique_by=lambda q: q.post_uid),
    st.integers(0, 40),
)
def test_choosing_evidence_minute_by_minute_chooses_the_same(posts, at):
    assert best([*best(posts[:at]), *posts[at:]]) == best(posts)
