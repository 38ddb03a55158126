"""The real broker that the other integration tests stand on."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from deploy.kafka import broker as script
from deploy.kafka.broker import HOST, KafkaBroker, KafkaFailed, KafkaUnavailable, Node, answers, free_ports
from tests.chaos.tcp_proxy import TcpProxy

pytestmark = pytest.mark.kafka


def write(address: str, topic: str, value: bytes) -> None:
    with KafkaAdminClient(bootstrap_servers=address) as admin:
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    producer = KafkaProducer(bootstrap_servers=address)
    producer.send(topic, value).get(timeout=20)
    producer.close()


def read(address: str, topic: str) -> bytes:
    consumer = KafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
    value: bytes = next(consumer).value
    consumer.close()
    return value


def test_what_was_acknowledged_survives_a_kill(real_kafka: str, tmp_path: Path) -> None:
    with KafkaBroker(tmp_path / "broker") as broker:
        address = broker.start()
        write(address, "survivors", b"still here")
        broker.kill()
        again = broker.restart()

        assert again == address != real_kafka
        assert read(again, "survivors") == b"still here"


def test_run_prints_its_address_when_it_answers_and_ends_on_sigterm(real_kafka: str) -> None:
    command = [sys.executable, script.__file__, "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        address = run.stdout.readline().strip()
        port = int(address.rpartition(":")[2])
        served = answers(port)
        run.send_signal(signal.SIGTERM)
        code = run.wait(30)

    assert address != real_kafka
    assert served
    assert code == 0
    assert not answers(port)


def test_a_taken_port_is_named(real_kafka: str) -> None:
    taken = int(real_kafka.rpartition(":")[2])

    with KafkaBroker(port=taken) as second, pytest.raises(KafkaFailed, match=f"port {taken} is taken"):
        second.start()


def test_without_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with KafkaBroker() as broker, pytest.raises(KafkaUnavailable, match="apt install openjdk-17"):
        broker.start()


@pytest.mark.usefixtures("real_kafka")
def test_a_broker_that_does_not_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "meta.properties").write_text("version=1\ncluster.id=another\nnode.id=7\n")

    with KafkaBroker(tmp_path) as broker, pytest.raises(KafkaFailed, match="Stored node id 7"):
        broker.start()


@pytest.mark.usefixtures("real_kafka")
def test_brokers_of_one_cluster_keep_each_others_records(tmp_path: Path) -> None:
    ports = free_ports(4)
    controllers = dict(enumerate(ports[:2], 1))
    both = [KafkaBroker(tmp_path / str(number), ports[number + 1], Node(number, controllers)) for number in controllers]
    with both[0], both[1], ThreadPoolExecutor(2) as pool:
        addresses = list(pool.map(KafkaBroker.start, both))
        with KafkaAdminClient(bootstrap_servers=addresses[0]) as admin:
            deadline = time.monotonic() + 60
            while len(admin.describe_cluster()["brokers"]) < len(both):  # who answers is not yet a member
                assert time.monotonic() < deadline
            admin.create_topics([NewTopic("shared", num_partitions=2, replication_factor=2)])
            described: dict = {"partitions": []}
            while len(described["partitions"]) < len(both):  # the broker asked may not have heard of it yet
                assert time.monotonic() < deadline
                (described,) = admin.describe_topics(["shared"])
        both[0].kill()  # alone it could not end in order
        leaders = {partition["leader_id"] for partition in described["partitions"]}
        kept = [set(partition["isr_nodes"]) for partition in described["partitions"]]

    assert leaders == {1, 2}
    assert kept == [{1, 2}, {1, 2}]


@pytest.mark.usefixtures("real_kafka")
def test_who_comes_by_the_door_is_told_to_call_the_proxy_before_it(tmp_path: Path) -> None:
    with TcpProxy(free_ports(1)[0]) as proxy, KafkaBroker(tmp_path, door=(proxy.target, proxy.port)) as broker:
        direct = broker.start()
        told = {}
        for address in (direct, f"{HOST}:{proxy.port}"):
            with KafkaAdminClient(bootstrap_servers=address) as admin:
                told[address] = [f"{one['host']}:{one['port']}" for one in admin.describe_cluster()["brokers"]]

    assert told == {address: [address] for address in told}
    assert len(told) == 2
