"""A critical complaint is on the findings topic before its minute ends, once, through kill -9."""

import time
from importlib import resources
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer

from agents.feeding import EMBEDDED_API
from pipeline.feed import dated
from schemas.author import Author
from schemas.finding import Finding
from schemas.post import SocialPost
from schemas.topics import FINDINGS, MINUTES, POSTS

WATCHLIST = Path(str(resources.files("agents.demo") / "watchlist.yaml"))

pytestmark = [pytest.mark.embedded, pytest.mark.kafka]


def send(stack, *texts: str) -> None:
    """Append complaints of now, all by one author, so that they are in one partition."""
    options = {"api_version": EMBEDDED_API} if stack.embedded else {}
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap.split(","), **options)
    for number, text in enumerate(texts):
        now = int(time.time() * 1000)
        post = SocialPost(
            post_uid=f"x:{now}-{number}", platform="x", channel="microblog", text=text, event_time=now,
            author=Author(author_key="somebody"),
        )  # fmt: skip
        _, key, value = dated(post)
        producer.send(POSTS.name, value, key, partition=0)
    producer.flush()
    producer.close()


def told(stack) -> list[Finding]:
    """All findings, exact repeats collapsed."""
    values = dict.fromkeys(value for _, _, value, _ in stack.topic(FINDINGS.name))
    return [msgspec.json.decode(value, type=Finding) for value in values]


def test_a_critical_complaint_is_found_at_once_and_once(stack):
    running = stack(WATCHLIST)
    running.start(stages="listen")
    burned = "我的泽沃充电器突然爆炸起火，孩子的手被烧伤，现在在医院"
    send(running, "泽沃的耳机挺好看", burned)
    running.wait(lambda: len(told(running)) == 1, 60, "no finding")
    (finding,) = told(running)

    assert (finding.detector, finding.brand, finding.evidence[0].text) == ("critical_post", "zelvo", burned)
    assert running.topic(MINUTES.name) == []

    running.kill()
    running.start(stages="listen")
    send(running, burned + "！", "泽沃充电器漏电，我被电击，差点没命，已经报警")
    running.wait(lambda: len(told(running)) >= 2, 60, "no second finding")

    assert [one.evidence[0].text for one in told(running)] == [burned, "泽沃充电器漏电，我被电击，差点没命，已经报警"]
