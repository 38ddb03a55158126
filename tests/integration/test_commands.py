"""Commands from the command line to the brand log and back: acknowledged by a broker, decided by a worker."""

import threading
from collections.abc import Iterator
from typing import Self

import msgspec
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents.feeding import EMBEDDED_API, producer
from pipeline.feed import partition_of
from pipeline.watch import Watch
from pipeline.watchlist import parse
from schemas.command import Command
from schemas.topics import BRAND_LOG
from tests.fakes.command_line import WATCHLIST, Run, run_in_process  # noqa: F401  # a fixture
from tests.integration.stack import BRAND

pytestmark = pytest.mark.embedded
BRAND_ID = "acme-mobile"


class Log:
    """The brand log of a broker, and what the watch stage would answer."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._stages = [Watch(number, parse(WATCHLIST.read_text("utf-8"), "w.yaml")) for number in range(BRAND)]
        self._stop = threading.Event()
        self._worker = threading.Thread(target=self._work)

    def commands(self) -> list[tuple[int, Command]]:
        """Partition and command of everything on it."""
        consumer, tps = self._consumer()
        ends, found = consumer.end_offsets(tps), []
        while any(consumer.position(tp) < end for tp, end in ends.items()):
            for tp, records in consumer.poll(200).items():
                found += [(tp.partition, msgspec.json.decode(record.value, type=Command)) for record in records]
        consumer.close()
        return sorted(found, key=lambda item: item[0])

    def _consumer(self) -> tuple[KafkaConsumer, list[TopicPartition]]:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap, api_version=EMBEDDED_API, group_id=None)
        tps = [TopicPartition(BRAND_LOG.name, number) for number in range(BRAND)]
        consumer.assign(tps)
        consumer.seek_to_beginning(*tps)
        return consumer, tps

    def _work(self) -> None:
        (consumer, _), sender = self._consumer(), producer([self._bootstrap], EMBEDDED_API)
        while not self._stop.is_set():
            for tp, records in consumer.poll(50).items():
                for output in self._stages[tp.partition].apply(records):
                    self._send(sender, output)
        consumer.close()
        sender.close()

    @staticmethod
    def _send(sender: KafkaProducer, output) -> None:
        sender.send(output.topic, output.value, key=output.key, partition=output.partition).get(10)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stop.set()
        self._worker.join()


@pytest.fixture
def log(broker: tuple[str, bool], monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The log of a broker that the commands are told of, answered by the stage itself."""
    monkeypatch.setenv("TOCSIN_KAFKA", broker[0])
    monkeypatch.setenv("TOCSIN_EMBEDDED_BROKER", "true")
    with Log(broker[0]) as answering:
        yield answering


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_silence_stands_on_the_brands_partition_and_the_worker_says_what_it_did(log: Log, run: Run) -> None:
    ended = run("silence", BRAND_ID, "--for", "2h", "--by", "Mei", "--reason", "known", "--facet", "language:en")
    ((partition, command),) = log.commands()
    again = run("silence", BRAND_ID, "--for", "2h", "--by", "Li", "--id", command.command_id, "--wait", "1")

    assert (ended.status, ended.err) == (0, "")
    assert (partition, command.by, command.text) == (partition_of(BRAND_ID.encode(), BRAND), "Mei", "known")
    assert command.matcher.facets == ("language:en",)
    assert "Mei silenced acme-mobile until 2" in ended.out
    assert f"(silence {command.command_id})" in ended.out
    assert (again.status, "have not answered within 1 s" in again.out) == (0, True)


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_silence_of_every_brand_stands_on_every_partition_and_is_lifted_there(log: Log, run: Run) -> None:
    given = run("silence", "--all", "--for", "1d", "--by", "Mei")
    lifted = run("unsilence", "--all", "--by", "Mei")
    again = run("unsilence", "--all", "--by", "Mei")

    assert [partition for partition, one in log.commands() if one.kind == "silence"] == list(range(BRAND))
    assert (given.status, given.out.count("social.brand-log.v1/")) == (0, BRAND)
    assert (lifted.status, "Mei lifted silences of every brand" in lifted.out) == (0, True)
    assert (again.status, "ignored: there is no such silence of every brand" in again.out) == (1, True)


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
@pytest.mark.parametrize("command", ["ack", "resolve", "note"])
def test_an_answer_without_an_open_incident_is_ignored_and_says_so(log: Log, run: Run, command: str) -> None:
    ended = run(command, BRAND_ID, *(["hello"] if command == "note" else []), "--by", "Mei")

    assert ended.status == 1
    assert f"{command} by Mei was ignored: no incident of acme-mobile is open." in ended.out
    assert len(log.commands()) == 1
