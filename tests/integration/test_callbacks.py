"""``tocsin callbacks`` as a process: what is acknowledged in PagerDuty is a command on the brand log."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from confluent_kafka import Producer

from agents import embedded_broker
from agents.embedded import free_address
from pipeline.feed import partition_of
from schemas.codec import Decoder, encode
from schemas.command import Command
from schemas.topics import BRAND_LOG, PAGES
from tests.contract.callback_examples import BRAND, EXAMPLES, INCIDENT, SECRET
from tests.fakes.command_line import WATCHLIST
from tests.fakes.outbox import made
from tests.integration.stack import BRAND as PARTITIONS
from tests.integration.stack import Stack

pytestmark = pytest.mark.embedded


def post(address: str) -> int:
    """An acknowledgement, as PagerDuty sends it; 0 while nobody listens."""
    now, example = int(time.time()), EXAMPLES["pagerduty"]
    body = example.body(now)
    request = urllib.request.Request(f"http://{address}/callbacks/pagerduty", body, example.signed(body, now))
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_an_acknowledgement_in_pagerduty_is_a_command_about_the_brand_of_the_incident(tmp_path):
    with embedded_broker.running(1, PARTITIONS) as bootstrap:
        producer, partition = Producer({"bootstrap.servers": bootstrap}), partition_of(BRAND.encode(), PARTITIONS)
        page = made(1, incident=INCIDENT, brand=BRAND)
        producer.produce(PAGES.name, encode(page), BRAND.encode(), partition)
        producer.flush()
        stack, address = Stack(bootstrap, tmp_path, WATCHLIST, embedded=True), free_address()
        environment = {**os.environ, **stack.environment, "TOCSIN_PAGERDUTY_WEBHOOK_SECRET": SECRET}
        command = [sys.executable, "-m", "agents", "callbacks", "--listen", address]
        with stack.log.open("wb") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as serving:
            stack.worker = serving
            stack.wait(lambda: post(address) == 200, 60, "the acknowledgement was not taken")
            again = post(address)
            serving.terminate()
        decoder: Decoder[Command] = Decoder(Command)
        found = [decoder.decode(value) for _, _, value, _ in stack.topic(BRAND_LOG.name)]

        assert again == 200
        assert [(one.kind, one.brand, one.target, one.by) for one in found if isinstance(one, Command)] == [
            ("ack", BRAND, INCIDENT, "Ann (pagerduty)")
        ]
        assert serving.returncode == 0
        assert SECRET not in stack.log.read_text()
