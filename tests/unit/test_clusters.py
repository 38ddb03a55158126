"""Texts that spread: near copies and reposts are one, counts are certain, memory is bounded."""

from functools import partial
from random import Random

import msgspec
from msgspec.structs import replace

from pipeline.clusters import FOLLOWED, Clusters, accounts, merged
from pipeline.running import Running, counted, evidence
from schemas.brand_log import Cluster, Evidence
from schemas.signal import Signal
from tests.builders import SIGNAL

TEXT = 0x1234_5678_9ABC_DEF0


def post(number: int, text: int = TEXT, **changes: object) -> Signal:
    return replace(
        SIGNAL, post_uid=str(number), source_offset=number, event_time=SIGNAL.event_time + number, fingerprint=text,
        author_key=f"author {number}", **changes,
    )  # fmt: skip


def scattered(number: int) -> int:
    """A text that has nothing in common with others."""
    return (number + 1) * 0x9E37_79B9_7F4A_7C15 % 2**63


def followed(*signals: Signal) -> dict[int, Cluster]:
    running = Running("acme", SIGNAL.event_time)
    for signal in signals:
        running.add(signal)
    return {cluster.fingerprint: cluster for cluster in running.partial(ended=True).clusters}


def test_copies_near_copies_and_reposts_are_one_text():
    held = followed(post(1), post(2, TEXT ^ 0b1011), post(3, repost_of="1", sentiment="neu", complaint_p=0.0))

    assert list(held) == [TEXT]
    assert (held[TEXT].counts, held[TEXT].reposts, accounts(held[TEXT])) == ([3, 2, 2, 0], 1, 3)


def test_a_text_is_shown_by_the_earliest_post_that_is_no_repost():
    held = followed(post(1, repost_of="9"), post(2), post(3))

    assert held[TEXT].post.post_uid == "2"
    assert held[TEXT].first == SIGNAL.event_time + 1


def test_a_post_without_words_is_no_text():
    assert followed(post(1, 0)) == {}


def test_a_text_that_is_common_enough_is_never_missed_however_many_others_there_are():
    others = (post(number, scattered(number)) for number in range(1_000))
    mixed = [
        one for number, other in enumerate(others) for one in ([other, post(number)] if number % 10 == 0 else [other])
    ]
    held = followed(*mixed)

    assert len(held) == FOLLOWED
    assert 100 - len(mixed) / FOLLOWED <= held[TEXT].counts[0] <= 100


def test_what_is_counted_is_certain_and_what_may_be_missing_is_bounded():
    times = {scattered(number): 1 + number % 7 for number in range(200)}
    mixed = [post(n, text) for turn in range(7) for n, (text, count) in enumerate(times.items()) if turn < count]
    held = followed(*mixed)

    for text, cluster in held.items():
        assert cluster.counts[0] <= times[text] <= cluster.counts[0] + cluster.unseen
        assert cluster.unseen <= len(mixed) / FOLLOWED


def test_a_new_text_takes_the_place_of_the_first_of_the_rarest():
    rng, clusters, plain = Random(3), Clusters(partial(evidence, why="most_spread")), dict[int, int]()
    for number in range(3_000):
        text = scattered(min(rng.randrange(60), rng.randrange(60)))
        clusters.add(post(number, text), counted(post(number)), number)
        if text not in plain:
            gone = min(plain, key=plain.__getitem__) if len(plain) == FOLLOWED else None
            plain[text] = plain.pop(gone) if gone is not None else 0
        plain[text] += 1

    assert {one.fingerprint: one.counts[0] + one.unseen for one in clusters.all()} == plain


def test_accounts_are_exact_when_few_and_never_more_than_posts():
    few = followed(*(replace(post(number), author_key=f"{number % 3}") for number in range(50)))
    many = followed(*(post(number) for number in range(300)))

    assert accounts(few[TEXT]) == 3
    assert 150 < accounts(many[TEXT]) <= 300


def test_an_ended_minute_shows_the_posts_of_its_largest_texts_only():
    running = Running("acme", SIGNAL.event_time)
    for number in range(10):
        for copy in range(10 - number):
            running.add(post(100 * number + copy, scattered(number)))
    running.seal()
    shown = [cluster.counts[0] for cluster in running.partial(ended=True).clusters if cluster.post]

    assert shown == [9]  # the largest is quoted as the first post


def test_in_a_quiet_minute_a_single_post_that_does_not_complain_is_not_kept():
    praise = {"sentiment": "pos", "complaint_p": 0.0}
    alone, copied = Running("acme", SIGNAL.event_time), Running("acme", SIGNAL.event_time)
    for number in range(2):
        alone.add(post(number, scattered(number), **praise))
        copied.add(post(number, TEXT, **praise))
    for running in (alone, copied):
        running.seal()

    assert [cluster.post for cluster in alone.partial(ended=True).clusters] == [None, None]
    assert [cluster.post.post_uid for cluster in copied.partial(ended=True).clusters] == ["0"]


def test_texts_of_several_partitions_are_added_up():
    one = tuple(followed(post(5), post(6)).values())
    other = tuple(followed(post(1, TEXT ^ 1, repost_of="5"), post(7, scattered(1))).values())
    largest, small = merged([one, other], 10)

    assert (largest.counts[0], largest.reposts, accounts(largest), largest.post.post_uid) == (3, 1, 3, "5")
    assert largest.first == SIGNAL.event_time + 1
    assert small.fingerprint == scattered(1)


def test_adding_up_leaves_the_parts_alone():
    part = tuple(followed(post(1), post(2)).values())
    before = msgspec.json.encode(part)
    merged([part, part], 10)

    assert msgspec.json.encode(part) == before


def test_restored_from_a_checkpoint_it_goes_on_as_if_nothing_had_happened():
    def shown(signal: Signal) -> Evidence:
        return evidence(signal, "most_spread")

    whole, first = Clusters(shown), Clusters(shown)
    signals = [post(number, scattered(number % 40)) for number in range(500)]
    for signal in signals[:250]:
        first.add(signal, counted(signal), 1)
    again = Clusters(shown, msgspec.json.decode(msgspec.json.encode(first.all()), type=tuple[Cluster, ...]))
    for signal in signals:
        whole.add(signal, counted(signal), 1)
    for signal in signals[250:]:
        again.add(signal, counted(signal), 1)

    assert again.all() == whole.all()
