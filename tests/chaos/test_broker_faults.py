"""A broker that is killed and comes back, and topics that are not what they were."""

import json

import pytest
from kafka import KafkaAdminClient, TopicPartition

from agents import topic_admin
from tests.chaos import books, feeds
from tests.chaos.crew import gave_up, metric
from tests.integration.stack import BRAND, POSTS


@pytest.mark.chaos
@pytest.mark.kafka
def test_a_broker_killed_in_mid_stream_comes_back_and_the_books_are_exact(kafka, stack, httpserver, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(21, feeds.day_script())
    deaths, left, pids = {len(sends) // 3, 2 * len(sends) // 3}, iter(range(len(sends))), list[int]()

    def kill_broker(_send) -> None:
        if next(left) in deaths:
            pids.append(kafka._process.pid)
            kafka.kill()
            kafka.restart()
            if stack.worker.poll() is not None:
                gave_up(stack)
                stack.start()

    stack.feed(sends, kill_broker)
    if stack.worker.poll() is not None:
        gave_up(stack)
        stack.start()
    books.check(stack, httpserver)

    assert len(set(pids)) == 2
    assert kafka._process.pid not in pids


@pytest.mark.chaos
@pytest.mark.kafka
def test_a_posts_topic_made_anew_is_refused(stack, pager) -> None:
    pager()
    stack.start()
    stack.feed(feeds.a_day(22, feeds.day_script(), 3_000))
    stack.wait(stack.settled, 60, "not worked off")
    assert stack.stop() == 0
    admin = KafkaAdminClient(bootstrap_servers=[stack.bootstrap])
    admin.delete_topics(["social.posts.v1"])
    stack.wait(lambda: "social.posts.v1" not in admin.list_topics(), 30, "the topic is still there")
    admin.close()
    stack.worker = None
    made = topic_admin.create([stack.bootstrap], topic_admin.Counts(POSTS, BRAND, 1))
    stack.launch()

    assert made == ["social.posts.v1"]
    assert "recreated" in gave_up(stack)


@pytest.mark.embedded
def test_a_worker_whose_settings_count_other_partitions_than_the_topics_have_is_refused(embedded_stack) -> None:
    embedded_stack.launch(posts_partitions="8")
    reason = gave_up(embedded_stack)

    assert f"social.posts.v1 has {POSTS}, not 8" in reason
    assert "TOCSIN_POSTS_PARTITIONS" in reason


@pytest.mark.chaos
@pytest.mark.kafka
def test_records_that_retention_took_before_they_were_read_are_counted_as_lost_and_said(stack, pager) -> None:
    pager()
    stack.start()
    sends = feeds.a_day(23, feeds.day_script(), 3_000)
    stack.feed(sends[: len(sends) // 2])
    stack.wait(stack.settled, 60, "not worked off")
    assert stack.stop() == 0
    read = len(stack.records("social.posts.v1"))
    stack.feed(sends[len(sends) // 2 :], max_lag=len(sends))
    kept = {row.partition: row.offset for row in stack.records("social.posts.v1")}  # the last record of each partition
    admin = KafkaAdminClient(bootstrap_servers=[stack.bootstrap])
    admin.delete_records({TopicPartition("social.posts.v1", partition): last for partition, last in kept.items()})
    admin.close()
    stack.start()
    stack.wait(stack.settled, 60, "not worked off")
    told = [json.loads(line) for line in stack.log.read_text().splitlines() if "records_lost" in line]
    lost = len(sends) - read - POSTS

    assert lost > 1_000
    assert metric(stack.http, 'tocsin_lost_records_total{stage="listen"}') == lost
    assert sum(line["records"] for line in told) == lost
    assert stack.stop() == 0
