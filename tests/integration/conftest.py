"""A real Apache Kafka for the whole session."""

import os
from collections.abc import Iterator

import pytest

from deploy.kafka.broker import KafkaBroker, KafkaUnavailable


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
