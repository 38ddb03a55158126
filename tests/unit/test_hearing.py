"""The ear: what a record is, and what is understood of a post."""

import pytest

from pipeline.hearing import FUTURE_MS, MAX_REACH, Ear, Heard, decode, readable, searchable
from pipeline.watchlist import Brand, Overrides, WatchList
from schemas.codec import Malformed
from schemas.post import SocialPost, Tick
from schemas.post_parts import Mention, RefPost
from tests.builders import START, Keywords, ear, post, record, records

FIELDS = {"post_uid": "x:1", "platform": "x", "channel": "microblog", "event_time": START}


def heard(*values: SocialPost | Tick | bytes | None) -> list[Heard]:
    return ear().hear(0, records(values))


def test_every_record_is_heard_in_order_as_exactly_one_thing():
    values = [post("1", 0), b"{", Tick(at=START), None, post("2", 0, "nobody"), post("3", 0)]
    told = heard(*values)

    assert [item.record.offset for item in told] == list(range(6))
    assert [(bool(item.tick), bool(item.malformed), bool(item.post)) for item in told] == [
        (False, False, True), (False, True, False), (True, False, False),
        (False, True, False), (False, False, True), (False, False, True),
    ]  # fmt: skip


def test_only_a_post_that_names_a_brand_becomes_a_signal_and_each_gets_its_own():
    told = heard(post("1", 0, "acme bad"), post("2", 0, "nobody bad"), post("3", 0, "bolt good"))

    assert [item.signal and (item.signal.post_uid, item.signal.brands, item.signal.sentiment) for item in told] == [
        ("1", ("acme",), "neg"), None, ("3", ("bolt",), "pos"),
    ]  # fmt: skip


def test_where_a_batch_is_cut_does_not_show():
    log = records([post(str(number), number, f"acme {'bad' * (number % 2)}") for number in range(9)])
    one_by_one = [item for single in log for item in ear().hear(0, [single])]

    assert ear().hear(0, log) == one_by_one


@pytest.mark.parametrize(("ahead", "readable_"), [(FUTURE_MS, True), (FUTURE_MS + 1, False)])
def test_a_clock_may_be_five_minutes_fast(ahead, readable_):
    item = decode(record(0, post("1", ahead), START))

    assert isinstance(item, SocialPost) == readable_


def test_a_bad_tick_is_told_as_a_bad_post():
    item = decode(record(0, b'{"type":"tick","at":-1}'))

    assert isinstance(item, Malformed)
    assert "post_uid" in item.detail


def test_a_signal_has_the_address_of_its_record():
    signal = ear().hear(7, [record(41, post("1", 0))])[0].signal

    assert signal is not None
    assert (signal.source_partition, signal.source_offset) == (7, 41)


@pytest.mark.parametrize("op", ["delete", "withhold", "drop"])
def test_a_withdrawal_takes_text_and_link_away(op):
    withdrawn = SocialPost(**FIELDS, op=op, text="acme bad", url="https://example.org/1")
    signal = heard(withdrawn)[0].signal

    assert signal is not None
    assert (signal.deleted, signal.text, signal.url) == (1, "", "")


def test_a_lie_about_followers_is_cut():
    signal = heard(post("1", 0, reach=2**62))[0].signal

    assert signal is not None
    assert signal.reach == MAX_REACH


def test_an_unknown_author_reaches_nobody():
    signal = heard(SocialPost(**FIELDS, text="acme"))[0].signal

    assert signal is not None
    assert (signal.author_key, signal.reach) == ("", 0)


@pytest.mark.parametrize(
    "place",
    [
        {"title": "acme"}, {"text": "acme"}, {"hashtags": ("acme",)}, {"brands": ("acme",)},
        {"mentions": (Mention(handle="acme"),)}, {"mentions": (Mention(name="acme"),)},
        {"kind": "repost", "ref_posts": (RefPost(uid="x:0", text="acme"),)},
    ],
    ids=lambda place: next(iter(place)),
)  # fmt: skip
def test_a_brand_is_found_in(place):
    signal = heard(SocialPost(**FIELDS, **place))[0].signal

    assert signal is not None
    assert signal.brands == ("acme",)


def test_a_repost_with_words_of_its_own_is_not_about_what_it_reposts():
    repost = SocialPost(**FIELDS, kind="repost", text="look", ref_posts=(RefPost(uid="x:0", text="acme"),))

    assert "acme" not in searchable(repost)


def test_only_the_authors_own_words_are_understood():
    mentioning = SocialPost(**FIELDS, title="t", text="acme", hashtags=("bad",))

    assert readable(mentioning) == "t\nacme"


@pytest.mark.parametrize("op", ["delete", "withhold", "drop"])
def test_a_withdrawal_that_repeats_no_text_still_withdraws_the_post(op):
    signal = heard(SocialPost(**FIELDS, op=op))[0].signal

    assert signal is not None
    assert (signal.deleted, signal.brands) == (1, ())


def test_scrubbing_the_place_of_a_post_withdraws_nothing():
    assert heard(SocialPost(**FIELDS, op="scrub_geo", text="acme bad"))[0].signal is None


def test_words_of_danger_raise_the_severity_of_a_likely_complaint_only():
    told = heard(post("1", 0, "acme bad, it exploded"), post("2", 0, "acme exploded"), post("3", 0, "acme bad"))

    assert [item.signal and item.signal.severity for item in told] == [3, 0, 1]


def test_a_brand_that_ignores_a_word_of_danger_is_not_alarmed_by_it_but_others_are():
    brands = (
        Brand(id="acme", name="Acme", aliases=("acme",), safety=Overrides(ignore=("exploded",), add=("damp fuse",))),
        Brand(id="bolt", name="Bolt", aliases=("bolt",)),
    )
    hearing = Ear(WatchList(brands=brands), Keywords())
    texts = ["acme bad, exploded", "bolt bad, exploded", "acme bolt bad, exploded", "acme bad, damp fuse"]
    told = hearing.hear(0, records([post(str(number), 0, text) for number, text in enumerate(texts)]))

    assert [item.signal and item.signal.severity for item in told] == [1, 3, 3, 3]
