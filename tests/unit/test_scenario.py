"""The demo's script keeps its promises."""

from collections import Counter
from importlib.resources import files
from random import Random

import pytest

from agents.demo.cast import Cast
from agents.demo.scenario import posts, script
from agents.demo.timetable import MINUTE_MS
from pipeline.brands import BrandMatcher
from pipeline.watchlist import parse
from schemas.codec import Decoder, encode
from schemas.post import SocialPost

END = 1_767_225_600_000  # a full hour
SEED = 7
BRANDS = ("zelvo", "munchkite", "aurelane")
DAY = script(END)


@pytest.fixture(scope="module")
def day() -> list[SocialPost]:
    return list(posts(SEED, END))


@pytest.fixture(scope="module")
def matcher() -> BrandMatcher:
    return BrandMatcher(parse((files("agents.demo") / "watchlist.yaml").read_text("utf-8"), "watchlist.yaml"))


@pytest.fixture(scope="module")
def crisis(day: list[SocialPost]) -> list[SocialPost]:
    """The posts that only a crisis brings: reposts of it and their originals."""
    reposts = [post for post in day if post.repost_of_uid and post.event_time >= DAY.onset]
    originals = {post.repost_of_uid for post in reposts}
    return [post for post in day if post.post_uid in originals and post.event_time >= DAY.onset] + reposts


def test_the_day_has_the_size_asked_for() -> None:
    assert len(list(posts(SEED, END, 2_000))) == 2_000


def test_the_same_seed_and_end_give_the_same_posts() -> None:
    assert list(posts(SEED, END, 500)) == list(posts(SEED, END, 500))


def test_another_seed_gives_other_posts() -> None:
    assert list(posts(SEED, END, 500)) != list(posts(SEED + 1, END, 500))


def test_posts_come_in_order_of_time_and_end_before_the_end(day: list[SocialPost]) -> None:
    times = [post.event_time for post in day]

    assert times == sorted(times)
    assert DAY.start <= times[0]
    assert END - 2 * MINUTE_MS < times[-1] < END


def test_every_post_has_an_identity_of_its_own(day: list[SocialPost]) -> None:
    assert len({post.post_uid for post in day}) == len(day)


def test_days_with_different_ends_share_no_identity() -> None:
    first, second = posts(SEED, END, 300), posts(SEED, END + 3_600_000, 300)

    assert {post.post_uid for post in first}.isdisjoint(post.post_uid for post in second)


def test_every_post_survives_the_wire(day: list[SocialPost]) -> None:
    decoder = Decoder(SocialPost)

    assert [post for post in day if decoder.decode(encode(post)) != post] == []


def test_people_speak_three_languages_on_seven_channels_or_more(day: list[SocialPost]) -> None:
    assert {post.lang for post in day} == {"zh-Hans", "zh-Hant", "en"}
    assert len({post.channel for post in day}) >= 7


def test_no_slot_is_left_open(day: list[SocialPost]) -> None:
    assert [post.text for post in day if "{" in post.text or "}" in post.text] == []


@pytest.mark.parametrize("brand", BRANDS)
def test_every_sentence_about_a_brand_names_that_brand_and_no_other(brand: str, matcher: BrandMatcher) -> None:
    cast = Cast(Random(SEED), 10)
    wrong: list[str] = []
    for book, kind, lang in cast._sentences:
        if book == brand and kind not in {"brand", "crisis_repost"}:
            lines = [cast.line(book, kind, lang) for _ in range(60)]
            wrong += [text for text, match in zip(lines, matcher.match(lines), strict=True) if match.brands != (brand,)]

    assert wrong == []


def test_passers_by_name_no_brand(matcher: BrandMatcher) -> None:
    cast = Cast(Random(SEED), 10)
    lines = [cast.line("passers_by", "talk", lang) for lang in ("zh-Hans", "zh-Hant", "en") for _ in range(60)]

    assert {match.brands for match in matcher.match(lines)} == {()}


def test_nearly_all_posts_but_those_of_passers_by_are_matched(day: list[SocialPost], matcher: BrandMatcher) -> None:
    matched = sum(bool(match.brands) for match in matcher.match([post.text for post in day]))

    assert 0.85 < matched / len(day) < 0.95


def test_the_crisis_begins_at_its_onset_with_one_post_about_the_charger(
    day: list[SocialPost], matcher: BrandMatcher
) -> None:
    first = next(post for post in day if post.event_time == DAY.onset)

    assert matcher.match_one(first.text).products == ("zelvo/charger",)


def test_the_crisis_has_hundreds_of_authors_in_all_three_languages(crisis: list[SocialPost]) -> None:
    assert len({post.author.author_key for post in crisis}) >= 300
    assert {post.lang for post in crisis} == {"zh-Hans", "zh-Hant", "en"}


def test_the_crisis_brand_s_posts_grow_until_the_company_speaks_and_then_fall(
    day: list[SocialPost], matcher: BrandMatcher
) -> None:
    late = [post for post in day if post.event_time >= DAY.onset]
    named = matcher.match([post.text for post in late])
    tens = Counter(
        (post.event_time - DAY.onset) // (10 * MINUTE_MS)
        for post, match in zip(late, named, strict=True)
        if DAY.crisis_brand in match.brands
    )

    assert tens[1] < tens[2] < tens[3] < tens[4] < tens[5]
    assert tens[5] > tens[6] > tens[7] > tens[8]
    assert tens[5] > 6 * tens[0]


def test_the_company_speaks_when_scripted(day: list[SocialPost]) -> None:
    statement = next(post for post in day if post.event_time == DAY.statement)

    assert (statement.author.type, statement.kind) == ("brand_owned", "post")


def test_the_lottery_is_announced_by_its_brand_and_reposted_by_hundreds(day: list[SocialPost]) -> None:
    announced = next(post for post in day if post.event_time == DAY.campaign)
    reposts = [post for post in day if post.repost_of_uid == announced.post_uid]

    assert announced.author.type == "brand_owned"
    assert len({post.author.author_key for post in reposts}) > 500


def test_a_repost_quotes_an_earlier_public_post(day: list[SocialPost]) -> None:
    seen = {}
    for post in day:
        seen[post.post_uid] = post
        if post.repost_of_uid:
            assert seen[post.repost_of_uid].visibility == "public"
            assert post.ref_posts[0].text == seen[post.repost_of_uid].text


def test_nobody_dominates_the_day(day: list[SocialPost]) -> None:
    busiest = Counter(post.author.author_key for post in day).most_common(1)[0][1]

    assert busiest < len(day) / 200
