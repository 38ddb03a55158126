"""The receiver of webhooks: who is let in, and that 2xx means that Kafka has it."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from standardwebhooks import Webhook

from agents.collectors.http import Receiver
from agents.embedded import free_address
from pipeline.adapting import LONGEST
from pipeline.webhook_signature import key_of
from tests.fakes.raw_log import RawLog, collecting, eventually

SECRET = "whsec_" + "dGhpcyBpcyBubyBzZWNyZXQgYXQgYWxs"
OTHER = "whsec_" + "b3RoZXIgc2VjcmV0IHRoYXQgaXMgbG9uZw=="
BODY = b'{"id": "7", "text": "\xe6\xbc\x8f\xe6\xb0\xb4"}'


def signed(body: bytes = BODY, secret: str = SECRET, age_s: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


@contextlib.asynccontextmanager
async def receiving(log: RawLog, **how: object) -> AsyncIterator[str]:
    """A receiver; its URL."""
    receiver = Receiver(free_address(), key_of(SECRET), **how)
    async with collecting(receiver, log):
        await eventually_open(receiver.address)
        yield f"http://{receiver.address}/any/path"


async def eventually_open(address: str) -> None:
    host, _, port = address.rpartition(":")
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return
            await asyncio.sleep(0.01)


async def post(url: str, body: bytes = BODY, headers: dict[str, str] | None = None) -> int:
    async with ClientSession() as client, client.post(url, data=body, headers=headers) as reply:
        return reply.status


async def test_what_is_signed_is_kept_as_it_came():
    log = RawLog()
    async with receiving(log) as url:
        assert await post(url, headers=signed()) == 202

    assert log.records == [(b"msg_1", BODY)]


@pytest.mark.parametrize(
    "headers",
    [
        {}, signed(secret=OTHER), signed(b"{}"), signed(age_s=400), signed(age_s=-40_000),
        signed() | {"webhook-id": "msg_2"}, signed() | {"webhook-timestamp": "9" * 400},
        signed() | {"webhook-timestamp": "-1"}, signed() | {"webhook-signature": "v1,\udcff"},
        signed() | {"webhook-signature": "v1a,x v2,y " * 500},
    ],
)  # fmt: skip
async def test_what_is_not_signed_by_us_now_is_refused(headers: dict[str, str]):
    log = RawLog()
    async with receiving(log) as url:
        try:
            status = await post(url, headers=headers)
        except UnicodeEncodeError:
            pytest.skip("the client cannot send it")

    assert status in {400, 401}
    assert log.records == []


async def test_nothing_is_confirmed_before_it_is_acknowledged():
    log = RawLog()
    log.holding = True
    async with receiving(log) as url:
        asked = asyncio.create_task(post(url, headers=signed()))
        await eventually(lambda: bool(log.held))

        assert not asked.done()

        log.acknowledge()

        assert await asked == 202


async def test_what_is_not_acknowledged_in_time_is_to_be_sent_again():
    log = RawLog()
    log.holding = True
    async with receiving(log, acknowledged_s=0.1) as url:
        assert await post(url, headers=signed()) == 503


async def test_whoever_is_being_answered_is_answered_before_the_end():
    log = RawLog()
    log.holding = True
    async with receiving(log) as url:
        asked = asyncio.create_task(post(url, headers=signed()))
        await eventually(lambda: bool(log.held))
        asyncio.get_running_loop().call_later(0.2, log.acknowledge)

    assert await asked == 202


async def test_one_header_may_hold_the_signature():
    log, digest = RawLog(), hmac.new(key_of(SECRET), BODY, "sha256").hexdigest()
    async with receiving(log, header="X-Hub-Signature-256", key_field="id") as url:
        assert await post(url, headers={"x-hub-signature-256": f"sha256={digest}"}) == 202
        assert await post(url, headers={"x-hub-signature-256": digest.upper()}) == 202
        assert await post(url, headers={"x-hub-signature-256": f"sha256={'0' * 64}"}) == 401
        assert await post(url) == 401

    assert log.records == [(b"7", BODY)] * 2


async def test_bodies_that_are_too_long_compressed_or_empty_are_refused():
    log = RawLog()
    async with receiving(log) as url:
        long = b"x" * (LONGEST + 1)

        assert await post(url, long, signed(long)) == 413
        assert await post(url, headers=signed() | {"content-encoding": "gzip"}) == 415
        assert await post(url, b" ", signed(b" ")) == 400

    assert log.records == []


async def test_a_body_that_trickles_is_left():
    log = RawLog()
    async with receiving(log, body_s=0.2) as url:
        host, _, port = url.split("/")[2].rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx")
        line = await reader.readline()
        writer.close()

    assert line.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("secret", ["", "brief", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_refused_without_repeating_it(secret: str):
    with pytest.raises(ValueError, match=r"base64|16 bytes") as error:
        key_of(secret)

    assert not secret or secret not in str(error.value)


async def test_an_address_that_is_taken_is_named():
    async with receiving(RawLog()) as url:
        taken = Receiver(url.split("/")[2], key_of(SECRET))
        with pytest.raises(Exception, match="in use"):
            await taken.collect(None, None)
