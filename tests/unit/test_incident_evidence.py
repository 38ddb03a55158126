"""Which posts an alert quotes: few, each text once, the telling ones."""

from itertools import permutations

from msgspec.structs import replace

from pipeline.clusters import MEASURES
from pipeline.evidence import best, quoted
from schemas.brand_log import Cluster, Evidence
from tests.builders import START

TEXTS = [
    0x1111_1111_1111_1111,
    0x6E6E_6E6E_6E6E_6E6E,
    0x5A5A_5A5A_A5A5_A5A5,
    0x7F00_FF00_00FF_00FF,
    0x0F0F_F0F0_3333_CCCC,
]


def quote(
    number: int, *, uid: str = "", severity: int = 0, reach: int = 0, text: int = 0, complaint: bool = True
) -> Evidence:
    return Evidence(
        post_uid=uid or str(number), partition=0, offset=number, at=START + number, platform="x", author_key="a",
        lang="en", text="", polarity=0.0, severity=severity, reach=reach, why="first", complaint=complaint,
        fingerprint=text,
    )  # fmt: skip


def cluster(text: int, posts: int, post: Evidence | None = None, complaints: int | None = None) -> Cluster:
    counts = [posts, posts, posts if complaints is None else complaints, 0]
    return Cluster(text, START, counts, 0, 0, list(range(min(posts, 16))), post)


def chosen(*posts: Evidence) -> list[tuple[str, str]]:
    return [(post.post_uid, post.why) for post in best(posts)]


def test_three_for_each_reason_in_order_of_time():
    telling = [
        quote(20, severity=3), quote(21, severity=2), quote(22, severity=2), quote(23, reach=9), quote(24, reach=8),
        quote(25, reach=7),
    ]  # fmt: skip

    assert chosen(*telling, *(quote(number) for number in range(10))) == [
        ("0", "first"), ("1", "first"), ("2", "first"), ("20", "most_severe"), ("21", "most_severe"),
        ("22", "most_severe"), ("23", "most_reach"), ("24", "most_reach"), ("25", "most_reach"),
    ]  # fmt: skip


def test_never_more_than_nine():
    assert len(best([quote(number) for number in range(100)])) == 9


def test_a_post_told_twice_is_one_at_its_first_address():
    assert [post.offset for post in best([quote(5, uid="a"), quote(2, uid="a")])] == [2]


def test_copies_of_one_text_are_shown_once():
    copies = [quote(1, text=TEXTS[0]), quote(2, text=TEXTS[0] ^ 0b111), quote(3, text=TEXTS[1])]

    assert [post.post_uid for post in best(copies)] == ["1", "3"]


def test_posts_without_words_are_not_taken_for_copies():
    assert len(best([quote(1), quote(2)])) == 2


def test_ties_go_to_the_earlier_post():
    told = chosen(*(quote(number, severity=3) for number in range(6)))

    assert told[3:] == [("3", "most_severe"), ("4", "most_severe"), ("5", "most_severe")]


def test_the_order_of_the_posts_does_not_matter():
    posts = [quote(0), quote(1, severity=3), quote(2, reach=5), quote(3), quote(4, severity=3, text=TEXTS[2])]

    assert len({best(order) for order in permutations(posts)}) == 1


def test_nothing_to_quote_is_no_evidence():
    assert best([]) == ()
    assert quoted([], [], "complaints") == ()


def test_each_reason_leads_with_its_best_and_follows_with_its_second():
    shown = [quote(50 + number, text=text) for number, text in enumerate(TEXTS)]
    clusters = [cluster(text, 9 - number, post) for number, (text, post) in enumerate(zip(TEXTS, shown, strict=True))]
    alone = [quote(1), quote(2), quote(10, severity=3), quote(11, severity=2), quote(20, reach=9), quote(21, reach=8)]

    assert [(post.post_uid, post.why) for post in quoted(alone, clusters, "complaints")] == [
        ("1", "first"), ("50", "most_spread"), ("10", "most_severe"), ("52", "most_typical"), ("20", "most_reach"),
        ("2", "first"), ("51", "most_spread"), ("11", "most_severe"), ("53", "most_typical"), ("21", "most_reach"),
    ]  # fmt: skip


def test_the_typical_post_is_the_one_nearest_to_what_most_posts_say():
    said = 0x00FF_00FF_00FF_00FF
    alike = [quote(number, text=said ^ (0x3FFF << 16 * (number % 3))) for number in range(3)]
    other = quote(9, text=~said & (2**63 - 1))
    clusters = [cluster(post.fingerprint, 1, post) for post in [*alike, other]]
    centre = quote(20, text=said)
    told = quoted([centre], [*clusters, cluster(said, 1)], "complaints")

    assert next(post.post_uid for post in told if post.why == "most_typical") == "20"


def test_a_quoted_post_says_how_many_copies_there_are_and_by_how_many_accounts():
    (post,) = quoted([quote(1, text=TEXTS[0] ^ 1)], [cluster(TEXTS[0], 7)], "complaints")

    assert (post.copies, post.accounts) == (6, 7)


def test_praise_is_quoted_only_where_posts_are_counted():
    praise = quote(1, text=TEXTS[0], complaint=False)
    clusters = [cluster(TEXTS[0], 5, praise, complaints=0)]

    assert quoted([], clusters, "complaints") == ()
    assert [post.post_uid for post in quoted([], clusters, "posts")] == ["1"]


def test_few_reasons_still_make_five_posts():
    posts = [quote(number, text=text) for number, text in enumerate(TEXTS)]
    told = quoted([], [cluster(post.fingerprint, 1, post) for post in posts], "complaints")

    assert len(told) == 5
    assert len({replace(post, why="first") for post in told}) == 5


def test_measures_are_in_the_order_of_the_counts():
    assert MEASURES == ("posts", "negatives", "complaints", "critical")
