"""Which posts a page quotes: few, each once, the telling ones."""

from itertools import permutations

from pipeline.evidence import best
from schemas.brand_log import Evidence
from tests.builders import START


def quote(number: int, *, uid: str = "", severity: int = 0, reach: int = 0, polarity: float = 0.0) -> Evidence:
    return Evidence(
        post_uid=uid or str(number), partition=0, offset=number, at=START + number, platform="x", author_key="a",
        lang="en", text="", polarity=polarity, severity=severity, reach=reach, why="first",
    )  # fmt: skip


def chosen(*posts: Evidence) -> list[tuple[str, str]]:
    return [(post.post_uid, post.why) for post in best(posts)]


def test_two_for_each_reason_in_order_of_time():
    telling = [
        quote(20, severity=3), quote(21, severity=2), quote(22, reach=9), quote(23, reach=8),
        quote(24, polarity=-1), quote(25, polarity=-0.9),
    ]  # fmt: skip

    assert chosen(*telling, *(quote(number) for number in range(10))) == [
        ("0", "first"), ("1", "first"), ("20", "most_severe"), ("21", "most_severe"), ("22", "most_reach"),
        ("23", "most_reach"), ("24", "most_negative"), ("25", "most_negative"),
    ]  # fmt: skip


def test_never_more_than_eight():
    assert len(best([quote(number) for number in range(100)])) == 8


def test_a_post_that_is_first_and_gravest_is_quoted_once_and_makes_room():
    posts = [quote(0, severity=3), quote(1), quote(2, severity=2), quote(3, severity=1)]

    assert chosen(*posts) == [("0", "first"), ("1", "first"), ("2", "most_severe"), ("3", "most_severe")]


def test_a_post_told_twice_is_one_at_its_first_address():
    assert [post.offset for post in best([quote(5, uid="a"), quote(2, uid="a")])] == [2]


def test_ties_go_to_the_earlier_post():
    assert chosen(*(quote(number, severity=3) for number in range(4)))[2:] == [
        ("2", "most_severe"),
        ("3", "most_severe"),
    ]


def test_the_order_of_the_posts_does_not_matter():
    posts = [quote(0), quote(1, severity=3), quote(2, reach=5), quote(3, polarity=-1), quote(4, severity=3)]

    assert len({best(order) for order in permutations(posts)}) == 1


def test_nothing_to_quote_is_no_evidence():
    assert best([]) == ()
