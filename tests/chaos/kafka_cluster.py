"""Three real brokers that are also the controllers, each of which may be killed or stopped and come back."""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiokafka.errors
import kafka.errors
from aiokafka.admin import AIOKafkaAdminClient
from kafka import KafkaAdminClient

from deploy.kafka.broker import HOST, KafkaBroker, Node, free_ports
from schemas.topics import TOPICS

SIZE = 3


class KafkaCluster:
    """The brokers by id. Their data are in ``folder`` and stay when one is stopped or killed."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(2 * SIZE)
        controllers = dict(enumerate(ports[:SIZE], 1))
        self.brokers = {
            number: KafkaBroker(folder / str(number), port, Node(number, controllers))
            for number, port in enumerate(ports[SIZE:], 1)
        }
        self.bootstrap = ",".join(f"{HOST}:{port}" for port in ports[SIZE:])

    @property
    def running(self) -> str:
        """The bootstrap addresses of those that run: a client may look for the others for half a minute."""
        return ",".join(f"{HOST}:{broker.port}" for broker in self.brokers.values() if broker._process)

    def start(self, *numbers: int) -> None:
        """Start some brokers side by side, or all; none answers before more than half of all run."""
        started = [self.brokers[number] for number in numbers or self.brokers]
        with ThreadPoolExecutor(len(started)) as pool:
            list(pool.map(KafkaBroker.start, started))

    def kill(self) -> None:
        """End all."""
        for broker in self.brokers.values():
            broker.kill()

    def coordinator(self, group: str) -> int:
        """The broker that leads a consumer group now.

        Raises:
            ConnectionError: the broker that was asked is gone, or knows no leader.
        """

        async def ask() -> int:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.running)
            try:
                await admin.start()
                return await admin.find_coordinator(group)
            finally:
                await admin.close()

        with _gone():
            return asyncio.run(ask())

    def leaders(self) -> dict[tuple[str, int], int]:
        """The leader of each partition of Tocsin's topics; raises as ``coordinator`` does."""
        return {place: partition["leader_id"] for place, partition in self._partitions().items()}

    def fewest_in_sync(self) -> int:
        """Replicas in sync of the partition that has the fewest; raises as ``coordinator`` does."""
        return min(len(partition["isr_nodes"]) for partition in self._partitions().values())

    def _partitions(self) -> dict[tuple[str, int], dict]:
        with _gone(), contextlib.closing(KafkaAdminClient(bootstrap_servers=self.running)) as admin:
            topics = admin.describe_topics([topic.name for topic in TOPICS])
        return {
            (topic["name"], partition["partition_index"]): partition
            for topic in topics
            for partition in topic["partitions"]
        }


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except (kafka.errors.KafkaError, aiokafka.errors.KafkaError) as error:
        raise ConnectionError(str(error)) from error
