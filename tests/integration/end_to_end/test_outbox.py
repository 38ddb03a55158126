"""A page stage by itself over a broker: what waits for a target outlives kill -9, and escalations come in time."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from pytest_httpserver import HTTPServer

from agents import embedded_broker
from pipeline.feed import partition_of
from schemas.alert import Delivery, Page
from schemas.codec import Decoder, encode
from schemas.interaction import Tombstone
from schemas.topics import BRAND_LOG, PAGE_STATE, PAGES, TOMBSTONES
from tests.fakes.command_line import WATCHLIST
from tests.fakes.outbox import made
from tests.integration.stack import BRAND, POSTS, Stack

pytestmark = pytest.mark.embedded
ROUTING = """
receivers:
  - {{id: up, notifier: webhook, settings: {{webhook_url_file: {folder}/up}}}}
  - {{id: down, notifier: webhook, settings: {{webhook_url_file: {folder}/down}}}}
  - {{id: chief, notifier: webhook, settings: {{webhook_url_file: {folder}/chief}}}}
routes:
  - {{id: all, steps: [{{notify: [up, down]}}, {{after: 12s, notify: [chief]}}]}}
"""


@pytest.fixture
def stack(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Stack]:
    """Tocsin, not started, with three receivers of which one answers 503."""
    for name in ("up", "down", "chief"):
        (tmp_path / name).write_text(httpserver.url_for(f"/{name}"), encoding="utf-8")
    (tmp_path / "routing.yaml").write_text(ROUTING.format(folder=tmp_path), encoding="utf-8")
    with embedded_broker.running(POSTS, BRAND) as bootstrap:
        built = Stack(bootstrap, tmp_path, WATCHLIST, embedded=True, webhook=httpserver.url_for("/up"))
        built.environment["TOCSIN_ROUTING"] = str(tmp_path / "routing.yaml")
        yield built
        if built.worker and built.worker.poll() is None:
            built.kill()


def answers(server: HTTPServer, **statuses: int) -> None:
    server.clear_all_handlers()
    for name, status in statuses.items():
        server.expect_request(f"/{name}", method="POST").respond_with_data("", status=status)


def accepted(server: HTTPServer) -> Counter[tuple[str, str]]:
    """How often each target took each page."""
    taken = [request for request, reply in server.log if reply.status_code < 300]
    return Counter((request.path[1:], request.headers["webhook-id"]) for request in taken)


def bring(stack: Stack, page: Page) -> None:
    producer = Producer({"bootstrap.servers": stack.bootstrap})
    key = page.brand.encode()
    producer.produce(PAGES.name, encode(page), key, partition_of(key, BRAND))
    producer.flush()


def bury(stack: Stack, subject: str) -> None:
    tombstone = Tombstone(subject=subject, op="delete_post", effective_at=made(1).at, reason="platform")
    producer = Producer({"bootstrap.servers": stack.bootstrap})
    producer.produce(TOMBSTONES.name, encode(tombstone), subject.encode(), partition_of(subject.encode(), POSTS))
    producer.flush()


def kept(stack: Stack) -> bytes:
    """What the outbox holds."""
    last = {record.key: record.value for record in stack.records(PAGE_STATE.name)}
    return b"".join(value for value in last.values() if value)


def told(stack: Stack) -> list[tuple[str, str, str]]:
    """Page, target and status of every delivery on the brand log."""
    decoder: Decoder[Delivery] = Decoder(Delivery)
    found = [decoder.decode(value) for _, _, value, _ in stack.topic(BRAND_LOG.name)]
    return [(one.page_id, one.target, one.status) for one in found if isinstance(one, Delivery)]


def test_each_target_gets_its_page_through_kill_9_and_its_own_outage_and_an_answer_calls_the_rest_off(
    stack: Stack, httpserver: HTTPServer
):
    answers(httpserver, up=202, down=503, chief=202)
    stack.start(stages="page")
    bring(stack, made(1, brand="acme-mobile"))
    stack.wait(lambda: ("i-1", "down", "retrying") in told(stack), 30, "the target that is down was not tried")
    stack.wait(lambda: ("i-1", "up", "delivered") in told(stack), 30, "the target that is up has no page")
    stack.kill()
    answers(httpserver, up=202, down=202, chief=202)
    stack.start(stages="page")
    stack.wait(lambda: accepted(httpserver)["down", "i-1"], 60, "the page was not delivered after the restart")
    stack.wait(lambda: accepted(httpserver)["chief", "i-1"], 30, "nobody acknowledged, and nobody else was told")
    bring(stack, made(2, brand="acme-mobile", incident="other"))
    stack.wait(lambda: accepted(httpserver)["down", "other-2"], 30, "the next page was not delivered")
    bring(stack, made(3, "acknowledge", brand="acme-mobile", incident="other"))
    stack.wait(lambda: ("other-2", "chief", "not_needed") in told(stack), 30, "the escalation was not called off")

    assert accepted(httpserver)["up", "i-1"] == 1
    assert accepted(httpserver)["down", "i-1"] == 1
    assert accepted(httpserver)["chief", "other-2"] == 0


def test_an_escalation_quotes_no_post_that_was_withdrawn_before_it_was_due(stack: Stack, httpserver: HTTPServer):
    answers(httpserver, up=202, down=202, chief=202)
    stack.start(stages="page")
    page = made(1, brand="acme-mobile")
    gone, left = (post.post_uid.encode() for post in page.alert.evidence)
    bring(stack, page)
    stack.wait(lambda: ("i-1", "up", "delivered") in told(stack), 30, "nobody was told at once")
    assert gone in kept(stack)
    bury(stack, f"post:{gone.decode()}")
    stack.wait(lambda: gone not in kept(stack), 30, "the outbox still quotes it")
    stack.kill()
    stack.start(stages="page")
    stack.wait(lambda: accepted(httpserver)["chief", "i-1"], 40, "nobody acknowledged, and nobody else was told")
    said = b"".join(request.get_data() for request, _ in httpserver.log if request.path == "/chief")

    assert left in said
    assert gone not in said
