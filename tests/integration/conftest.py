"""Brokers, embedded and real, a whole Tocsin over one of them, and an Alertmanager."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from agents import embedded_broker, topic_admin
from deploy.kafka.broker import KafkaBroker, KafkaUnavailable
from tests.integration.alertmanager_server import AlertmanagerServer, AlertmanagerUnavailable
from tests.integration.stack import BRAND, POSTS, SOURCES, Stack


@pytest.fixture(scope="session")
def real_kafka() -> Iterator[str]:
    """Bootstrap address of a broker of its own. Where Java or Maven is missing: a skip, and a failure if CI=true."""
    with KafkaBroker() as broker:
        try:
            address = broker.start()
        except KafkaUnavailable as missing:
            refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            refuse(str(missing))
        yield address


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Iterator[tuple[str, bool]]:
    """A fresh broker with all topics: its address, and whether it is the embedded one."""
    if request.param == "embedded":
        with embedded_broker.running(POSTS, BRAND, SOURCES) as bootstrap:
            yield bootstrap, True
    else:
        request.getfixturevalue("real_kafka")  # says plainly what is missing
        with KafkaBroker() as fresh:
            bootstrap = fresh.start()
            topic_admin.create([bootstrap], topic_admin.Counts(POSTS, BRAND, 1, SOURCES))
            yield bootstrap, False


@pytest.fixture
def stack(broker, tmp_path: Path, httpserver: HTTPServer) -> Iterator[Callable[[Path], Stack]]:
    """Makes a Stack over the fresh broker for a watch list; its worker ends with the test."""
    httpserver.expect_request("/page", method="POST").respond_with_json({}, status=202)
    with ExitStack() as cleanup:

        def make(watchlist: Path) -> Stack:
            bootstrap, embedded = broker
            made = Stack(bootstrap, tmp_path, watchlist, embedded=embedded, webhook=httpserver.url_for("/page"))
            cleanup.callback(lambda: made.worker and made.worker.poll() is None and made.kill())
            return made

        yield make


@pytest.fixture
def alertmanager(tmp_path: Path, httpserver: HTTPServer) -> Iterator[AlertmanagerServer]:
    """A real one that tells ``httpserver``. Where it is not installed: a skip, and a failure if CI=true."""
    httpserver.expect_request("/responders").respond_with_data("")
    try:
        made = AlertmanagerServer(tmp_path, httpserver.url_for("/responders"))
    except AlertmanagerUnavailable as missing:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(str(missing))
    with made:
        yield made
