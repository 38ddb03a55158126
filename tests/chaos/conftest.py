"""A whole Tocsin over a broker that may itself be killed, for the tests of faults."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from agents import embedded_broker, topic_admin
from deploy.kafka.broker import KafkaBroker
from tests.chaos.kafka_cluster import SIZE, KafkaCluster
from tests.chaos.truth import WATCHLIST
from tests.integration.conftest import real_kafka  # noqa: F401  # a fixture
from tests.integration.stack import BRAND, POSTS, SOURCES, Stack


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> Iterator[KafkaBroker]:
    """A fresh real broker with all topics."""
    request.getfixturevalue("real_kafka")  # says plainly what is missing
    with KafkaBroker() as broker:
        topic_admin.create([broker.start()], topic_admin.Counts(POSTS, BRAND, 1, SOURCES))
        yield broker


@pytest.fixture
def stack(kafka: KafkaBroker, tmp_path: Path, httpserver: HTTPServer) -> Iterator[Stack]:
    """Tocsin over ``kafka``, not started; its pages go to ``httpserver``. The worker ends with the test."""
    yield from _stack(f"127.0.0.1:{kafka.port}", tmp_path, httpserver, embedded=False)


@pytest.fixture
def embedded_stack(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Stack]:
    """The same over the embedded broker."""
    with embedded_broker.running(POSTS, BRAND, SOURCES) as bootstrap:
        yield from _stack(bootstrap, tmp_path, httpserver, embedded=True)


@pytest.fixture
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KafkaCluster]:
    """Three fresh real brokers, each with all topics."""
    request.getfixturevalue("real_kafka")  # says plainly what is missing
    made = KafkaCluster(tmp_path / "brokers")
    try:
        made.start()
        topic_admin.create(made.bootstrap.split(","), topic_admin.Counts(POSTS, BRAND, SIZE))
        yield made
    finally:
        made.kill()


@pytest.fixture
def cluster_stack(cluster: KafkaCluster, tmp_path: Path, httpserver: HTTPServer) -> Iterator[Stack]:
    """The same over ``cluster``."""
    yield from _stack(cluster.bootstrap, tmp_path, httpserver, embedded=False)


def _stack(bootstrap: str, folder: Path, httpserver: HTTPServer, *, embedded: bool) -> Iterator[Stack]:
    made = Stack(bootstrap, folder, WATCHLIST, embedded=embedded, webhook=httpserver.url_for("/page"))
    try:
        yield made
    finally:
        if made.worker and made.worker.poll() is None:
            made.kill()


@pytest.fixture
def pager(httpserver: HTTPServer) -> Callable[..., None]:
    """Scripts the statuses with which the pager answers before it says 202 for good."""

    def script(*statuses: int) -> None:
        for status in statuses:
            httpserver.expect_oneshot_request("/page", method="POST").respond_with_data("", status=status)
        httpserver.expect_request("/page", method="POST").respond_with_json({}, status=202)

    return script
