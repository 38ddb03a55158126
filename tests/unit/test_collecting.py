"""Rules of the way to Kafka: no cursor passes what is not acknowledged, and nothing moves after a failure."""

import asyncio

import pytest
from aiokafka.errors import MessageSizeTooLargeError

from agents.checkpoints import Latest
from agents.collecting import cursors, process
from agents.collecting.cursors import Cursors
from agents.collecting.delivery import Acknowledgement, Delivery
from agents.collecting.process import Collecting, Running
from agents.collectors._base import Outlet, Payload
from agents.metrics import Metrics
from agents.settings import Settings
from pipeline.feed import partition_of
from pipeline.rate_limit import RateLimit
from schemas.topics import COLLECT_STATE


class Broker:
    """Acknowledges when and in which order a test says."""

    def __init__(self) -> None:
        self.futures: list[Acknowledgement] = []

    async def append(self, key: bytes, value: bytes) -> Acknowledgement:  # noqa: ARG002  # only when matters
        """Promise it."""
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


async def settle() -> None:
    """Let callbacks run."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def delivering(broker: Broker, cursors_: str) -> Delivery:
    delivery = Delivery("source", None, broker.append, RateLimit(0), Metrics())
    for cursor in cursors_:
        await delivery.put(Payload(b"key", b"value", cursor))
    return delivery


async def test_the_cursor_waits_for_the_first_that_is_not_acknowledged():
    broker = Broker()
    delivery = await delivering(broker, "abc")
    seen = []
    for number in (2, 0, 1):
        broker.futures[number].set_result("record")
        await settle()
        seen.append(delivery.safe)

    assert seen == [None, "a", "c"]
    assert delivery.position == "c"


async def test_a_cursor_without_a_payload_waits_for_those_before_it():
    broker = Broker()
    delivery = await delivering(broker, "a")
    delivery.reached("b")
    await settle()

    assert delivery.safe is None

    broker.futures[0].set_result("record")
    await delivery.settled()

    assert delivery.safe == "b"


@pytest.mark.parametrize("later", [False, True])
async def test_after_a_failure_no_cursor_moves_again(later: bool):
    broker = Broker()
    delivery = await delivering(broker, "abc")
    broker.futures[0].set_result("record")
    broker.futures[1].set_exception(RuntimeError("refused"))
    await settle()
    if later:
        await delivery.put(Payload(b"key", b"value", "d"))
    for future in broker.futures[2:]:
        future.set_result("record")
    await settle()

    assert delivery.safe == "a"
    assert isinstance(delivery.failed.result(), RuntimeError)


async def test_a_payload_without_a_cursor_leaves_it_where_it_is():
    broker = Broker()
    delivery = await delivering(broker, "a")
    await delivery.put(Payload(b"key", b"value"))
    for future in broker.futures:
        future.set_result("record")
    await delivery.settled()

    assert (delivery.safe, delivery.position) == ("a", "a")


async def test_a_cursor_is_written_once_and_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    sent: list[tuple[str, int, bytes, bytes]] = []

    async def send(*record: object) -> None:
        sent.append(record)

    kept = Cursors("rss", 4)
    for position in (None, "1", "1", "2"):
        await kept.save("https://news.example/feed", position, send)

    assert [record[0] for record in sent] == [COLLECT_STATE.name] * 2
    assert {record[2] for record in sent} == {b"rss/https://news.example/feed"}
    assert {record[1] for record in sent} == {partition_of(b"rss/https://news.example/feed", 4)}

    async def read_latest(_bootstrap: str, _topic: str, partitions: list[int]) -> dict[int, Latest]:
        assert partitions == [sent[-1][1]]

        return {partitions[0]: Latest({sent[-1][2].decode(): sent[-1][3]}, {})}

    monkeypatch.setattr(cursors, "read_latest", read_latest)

    assert await Cursors("rss", 4).read("", ["https://news.example/feed"]) == {"https://news.example/feed": "2"}


async def test_a_cursor_that_cannot_be_read_is_no_reason_to_begin_anywhere(monkeypatch: pytest.MonkeyPatch):
    async def read_latest(_bootstrap: str, _topic: str, partitions: list[int]) -> dict[int, Latest]:
        return {partitions[0]: Latest({"rss/s": b"{"}, {})}

    monkeypatch.setattr(cursors, "read_latest", read_latest)

    with pytest.raises(cursors.CursorUnreadable, match="--from"):
        await Cursors("rss", 4).read("", ["s"])


class Refusing:
    """A producer whose broker takes nothing."""

    async def send(self, *_: object, **__: object) -> Acknowledgement:
        """Promise it, and break the promise."""
        future: Acknowledgement = asyncio.get_running_loop().create_future()
        future.set_exception(MessageSizeTooLargeError("too large"))
        return future


class One:
    """A stream of one payload."""

    name = "one"

    async def collect(self, _cursor: str | None, outlet: Outlet) -> None:
        """Put it, then wait."""
        await outlet.put(Payload(b"key", b"value", "1"))
        await asyncio.Event().wait()


async def test_what_kafka_refuses_ends_the_process_instead_of_being_passed_over():
    running = Collecting(Settings(), "rss", [One()], Running())

    with pytest.raises(MessageSizeTooLargeError):
        await asyncio.wait_for(running._collect(Refusing(), {}, asyncio.Event()), 10)

    assert running._deliveries["one"].safe is None


async def test_an_address_of_the_metrics_that_is_taken_is_named():
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    taken = f"127.0.0.1:{other.sockets[0].getsockname()[1]}"
    async with other:
        with pytest.raises(OSError, match=f"--http {taken}: .*choose another port"):
            await Collecting(Settings(), "rss", [One()], Running(http=taken))._serve()


def test_what_has_nothing_to_do_with_that_address_is_not_blamed_on_it(monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []

    async def silent(*_: object) -> None:
        raise TimeoutError("Kafka acknowledged nothing for 15 s")

    monkeypatch.setattr(process, "_until_told", silent)
    monkeypatch.setattr(process, "give_up", lambda reason, _event: told.append(reason))
    monkeypatch.setattr(process.logs, "configure", lambda _level: None)
    process.main(Settings(), "rss", [One()], Running(http="127.0.0.1:8322"))

    assert told == ["TimeoutError: Kafka acknowledged nothing for 15 s"]
