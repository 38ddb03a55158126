"""The embedded broker: the catalogue's topics on real TCP, in a process that ends with its parent."""

import os
import signal
import subprocess
import sys
import time

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents import embedded_broker
from agents.feeding import EMBEDDED_API
from schemas.topics import POSTS, TOPICS

pytestmark = pytest.mark.embedded


def test_every_topic_is_there_with_the_partitions_of_its_family_and_keeps_what_it_is_told():
    with embedded_broker.running(4, 3) as address:
        producer = KafkaProducer(bootstrap_servers=address, api_version=EMBEDDED_API)
        producer.send(POSTS.name, b"value", key=b"key", partition=3).get(timeout=10)
        producer.close()
        consumer = KafkaConsumer(bootstrap_servers=address, api_version=EMBEDDED_API, auto_offset_reset="earliest")
        counts = [len(consumer.partitions_for_topic(topic.name) or ()) for topic in TOPICS]
        consumer.assign([TopicPartition(POSTS.name, 3)])
        consumer.seek_to_beginning()
        record = next(consumer)
        consumer.close()

    assert counts == [3 if topic.family == "brand" else 4 for topic in TOPICS]
    assert (record.key, record.value, record.offset) == (b"key", b"value", 0)


def started(program: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_it_ends_when_its_parent_is_killed():
    program = (
        "import os, sys, time\n"
        "from agents import embedded_broker as e\n"
        "with e.running(1, 1) as address:\n"
        "    children = open(f'/proc/self/task/{os.getpid()}/children').read().strip()\n"
        "    print(children, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with started(program) as parent:
        assert parent.stdout is not None
        broker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    deadline = time.monotonic() + 10
    while alive(broker) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not alive(broker)


def alive(process: int) -> bool:
    """Whether it runs; a zombie that nobody waited for does not."""
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:  # noqa: PTH123  # a kernel file
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_leaving_the_context_ends_it():
    with embedded_broker.running(1, 1) as address:
        port = int(address.rpartition(":")[2])
    busy = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False).stdout

    assert f":{port} " not in busy


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    program = "import sys; sys.modules['confluent_kafka'] = None; from agents import embedded_broker as e; e.main()"
    with started(program, "topic:1") as process:
        code = process.wait(20)

    assert code == 1
    assert capfd.readouterr().err.strip() == (
        "tocsin: the embedded broker needs confluent-kafka: pip install 'tocsin[embedded]'"
    )
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (
        pytest.raises(embedded_broker.NotStarted, match="did not start; its exit status is 1"),
        embedded_broker.running(1, 1),
    ):
        pass
