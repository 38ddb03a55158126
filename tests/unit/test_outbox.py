"""Rules of the outbox: the order of the log, and no output lost without the process ending."""

import asyncio

import pytest

from agents.outbox import PENDING, Outbox
from pipeline.stage import Output
from tests.fakes.faust_world import Ending, GaveUp, Producer, breathe


def outputs(*names: str) -> list[Output]:
    return [Output("out", 0, None, name.encode()) for name in names]


class Sending(Outbox):
    """An outbox on a producer of the test."""

    def __init__(self) -> None:
        self.producer, self.ending = Producer(), Ending()
        self.producer.automatic = False
        super().__init__(lambda output: self.producer.send(*output[:1], None, output.value, 0, None, None), self.ending)


async def test_outputs_leave_in_the_order_they_were_put_whoever_sends():
    outbox = Sending()
    outbox.producer.gate.clear()
    outbox.put(outputs("a", "b"))
    first = asyncio.create_task(outbox.send())
    await breathe()
    outbox.put(outputs("c"))
    second = asyncio.create_task(outbox.send())
    outbox.put(outputs("d"))
    outbox.producer.gate.set()
    await asyncio.gather(first, second)

    assert outbox.producer.values("out") == [b"a", b"b", b"c", b"d"]


async def test_settle_waits_for_every_acknowledgement_and_for_another_sender():
    outbox = Sending()
    outbox.producer.gate.clear()
    outbox.put(outputs("a", "b"))
    sending = asyncio.create_task(outbox.send())
    await breathe()
    settling = asyncio.create_task(outbox.settle())
    outbox.producer.gate.set()
    await breathe()
    await outbox.producer.acknowledge(1)

    assert not settling.done()
    assert not outbox.idle
    await outbox.producer.acknowledge()

    assert settling.done()
    assert outbox.idle
    await sending


async def test_a_send_that_raises_ends_the_process():
    outbox = Sending()
    outbox.producer.refusal = OSError("down")
    outbox.put(outputs("a", "b"))

    with pytest.raises(GaveUp, match=r"a send of 1 bytes to out/0 failed.*down"):
        await outbox.send()
    assert outbox.producer.sent == []


@pytest.mark.parametrize("fate", ["failed", "cancelled"])
async def test_a_send_that_is_not_acknowledged_ends_the_process(fate: str):
    outbox = Sending()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    outbox.put(outputs("a"))
    await outbox.send()
    (future,) = outbox.producer.waiting
    if fate == "failed":
        future.set_exception(OSError("down"))
    else:
        future.cancel()
    await breathe()

    assert len(outbox.ending.reasons) == 1
    assert outbox.ending.reasons[0].startswith("a send of 1 bytes to out/0 ")
    assert fate in outbox.ending.reasons[0]


async def test_an_output_whose_sender_is_cancelled_is_sent_by_the_next():
    outbox = Sending()
    outbox.producer.gate.clear()
    outbox.put(outputs("a", "b"))
    sending = asyncio.create_task(outbox.send())
    await breathe()
    sending.cancel()
    await breathe()
    outbox.producer.gate.set()
    await outbox.send()

    assert outbox.producer.values("out") == [b"a", b"b"]


async def test_whoever_fills_it_waits_while_too_much_is_unacknowledged():
    outbox = Sending()
    outbox.put(outputs(*"a" * PENDING))
    await outbox.send()
    await asyncio.wait_for(outbox.make_room(), 1)
    outbox.put(outputs("one more"))
    await outbox.send()
    waiting = asyncio.create_task(outbox.make_room())
    await breathe()

    assert not waiting.done()
    await outbox.producer.acknowledge()

    assert waiting.done()
