"""Once around: posts and reposts that name no brand become leaders of the brand, by the stages' own records."""

from collections.abc import Iterable

from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.influence_stage import Influence
from pipeline.leaders import Leaders
from pipeline.replay import LogRecord
from pipeline.sketch import author_hash
from pipeline.stage import Output
from schemas.codec import encode
from schemas.post import Tick
from schemas.topics import ENDORSEMENTS, POSTS
from tests.builders import START, bundles, listen, post, record
from tests.noise import whole
from tests.social_noise import interaction
from tests.voices import signals

AUTHORS = ("a", "b", "c")


def on(topic: str, outputs: Iterable[Output], first: int = 0) -> list[LogRecord]:
    """What stages said on a topic, as a log of one partition."""
    said = (one for one in outputs if one.topic == topic)
    return [LogRecord(offset, START, one.key, one.value) for offset, one in enumerate(said, first)]


def reposts(of: str, count: int) -> list[bytes]:
    fans = (f"{of} fan {number}" for number in range(count))
    return [encode(interaction(fan, fan, of, START, target_uid=f"post of {of}")) for fan in fans]


def test_reposts_of_posts_about_a_brand_make_leaders_there_and_the_next_post_knows_its_author() -> None:
    ear, endorse, influence = listen(), Endorse(0, 1), Influence(0)
    posts = [record(number, post(f"post of {one}", 0, "acme", one)) for number, one in enumerate(AUTHORS)]
    about = whole(ear, posts)
    values = [value for count, one in enumerate(AUTHORS, 2) for value in reposts(one, 200 * count)]
    endorsed = whole(endorse, [LogRecord(number, START, b"k", value) for number, value in enumerate(values)])
    scored = whole(influence, on(ENDORSEMENTS.name, [*about, *endorsed]))

    voices = on(POSTS.name, scored, first=len(AUTHORS))
    after = len(AUTHORS) + len(voices)
    heard = whole(
        ear, [*voices, record(after, post("next", 1, "acme bad", "c")), record(after + 1, Tick(at=START + 3_600_000))]
    )
    leaders = Leaders()
    for told in bundles(heard):
        for leader in told.leaders:
            leaders.learn(leader)

    assert leaders.top(START, 3) == [author_hash(one) for one in reversed(AUTHORS)]
    assert signals(heard)[-1].influence > 10
    assert bundles(heard)[-1].partials[0].voices[0].negatives == 1
    assert leaders.against([author_hash("c")], START) == (1, 3)
