"""What hostile and broken sources can do to a collector: nothing but to be named and asked again later."""

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from yarl import URL

from agents.collectors._base import Interrupted, Payload
from agents.collectors.bluesky import MESSAGE_CAP, Jetstream
from agents.collectors.mastodon import EVENT_CAP, Timeline
from agents.collectors.rss import DOCUMENT_CAP, Feed
from agents.metrics import Metrics
from pipeline.adapting import LONGEST
from tests.fakes.raw_log import RawLog, collecting, eventually
from tests.fakes.sources import bluesky, imap, mastodon, rss
from tests.fakes.sources._base import LOOPBACK

QUIET_S = 0.3


class Sink:
    """An outlet that remembers."""

    def __init__(self) -> None:
        self.payloads: list[Payload] = []
        self.refused: list[str] = []

    async def put(self, payload: Payload) -> "asyncio.Future[None]":
        """Take it."""
        self.payloads.append(payload)
        return asyncio.get_running_loop().create_future()

    def reached(self, cursor: str) -> None:
        """A cursor without a payload."""

    def heard(self) -> None:
        """A sign of life."""

    def refuse(self, reason: str, detail: str) -> None:  # noqa: ARG002  # as an Outlet has it
        """Remember why."""
        self.refused.append(reason)


async def interruption(collected: Awaitable[None], seconds: float = 20) -> Interrupted:
    async with asyncio.timeout(seconds):
        with pytest.raises(Interrupted) as caught:
            await collected
    return caught.value


async def raw_server(
    answer: Callable[[asyncio.StreamWriter], Awaitable[None]], after: bytes = b"\r\n\r\n"
) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(after)
        await answer(writer)

    return await asyncio.start_server(serve, "127.0.0.1", 0)


def address(server: asyncio.Server, scheme: str = "http") -> URL:
    return URL(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed")


async def trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
    try:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)
    except ConnectionError:
        pass


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
    except ConnectionError:
        pass


def streams(url: URL) -> list[tuple[str, Jetstream | Timeline | Feed]]:
    return [
        ("bluesky", Jetstream(url.with_scheme("ws" if url.scheme == "http" else "wss"), allowed=LOOPBACK)),
        ("mastodon", Timeline(url.origin(), allowed=LOOPBACK, quiet_s=5)),
        ("rss", Feed(url, 1, LOOPBACK)),
    ]


KINDS = ["bluesky", "mastodon", "rss"]


def stream(kind: str, url: URL) -> Jetstream | Timeline | Feed:
    return dict(streams(url))[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "reason"), [(401, "refused"), (404, "refused"), (410, "refused"), (418, "status"), (503, "status")]
)
async def test_a_status_that_says_no_is_named(kind: str, status: int, reason: str, httpserver: HTTPServer):
    httpserver.expect_request("/feed").respond_with_data("", status=status)
    httpserver.expect_request("/api/v1/streaming/public").respond_with_data("", status=status)
    why = await interruption(stream(kind, URL(httpserver.url_for("/feed"))).collect(None, Sink()))

    assert why.reason == reason
    assert str(status) in why.detail


@pytest.mark.parametrize("kind", KINDS)
async def test_the_own_network_is_out_of_reach_unless_it_is_allowed(kind: str, httpserver: HTTPServer):
    closed = replace(stream(kind, URL(httpserver.url_for("/feed"))), allowed=())
    why = await interruption(closed.collect(None, Sink()))

    assert why.reason == "forbidden_address"
    assert httpserver.log == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_without_tls_where_it_is_expected_is_named(kind: str):
    async with await raw_server(endless, after=b"\x16") as server:
        why = await interruption(stream(kind, address(server, "https")).collect(None, Sink()))

    assert why.reason in {"tls", "unreachable"}


async def test_a_redirect_into_the_own_network_is_not_followed(httpserver: HTTPServer):
    httpserver.expect_request("/feed").respond_with_data("", 302, {"Location": "http://10.1.2.3/secrets"})
    why = await interruption(stream("rss", URL(httpserver.url_for("/feed"))).collect(None, Sink()))

    assert why.reason == "forbidden_address"


async def test_redirects_of_a_feed_are_followed_but_not_for_ever(httpserver: HTTPServer):
    httpserver.expect_request("/feed").respond_with_data("", 301, {"Location": "/feed"})
    why = await interruption(stream("rss", URL(httpserver.url_for("/feed"))).collect(None, Sink()))

    assert why.reason == "unreachable"
    assert "TooManyRedirects" in why.detail


async def test_a_token_is_carried_to_nobody_else(httpserver: HTTPServer):
    httpserver.expect_request("/elsewhere").respond_with_data("")
    httpserver.expect_request("/api/v1/streaming/public").respond_with_data("", 302, {"Location": "/elsewhere"})
    timeline = Timeline(URL(httpserver.url_for("/")).origin(), token="secret-token", allowed=LOOPBACK)
    why = await interruption(timeline.collect(None, Sink()))

    assert why.reason == "status"
    assert [request.path for request, _ in httpserver.log] == ["/api/v1/streaming/public"]
    assert "secret-token" not in f"{why} {timeline!r}"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_does_not_inflate(encoding: str, httpserver: HTTPServer):
    bomb = (gzip.compress if encoding == "gzip" else zlib.compress)(b"\0" * (DOCUMENT_CAP * 8))
    httpserver.expect_request("/feed").respond_with_data(bomb, headers={"content-encoding": encoding})
    why = await interruption(stream("rss", URL(httpserver.url_for("/feed"))).collect(None, Sink()))

    assert why.reason == "too_long"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"no gzip", "gzip", "malformed"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip", "unreachable"),
        (b"x", "br", "malformed"),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_named(
    body: bytes, encoding: str, reason: str, httpserver: HTTPServer
):
    httpserver.expect_request("/feed").respond_with_data(body, headers={"content-encoding": encoding})

    assert (await interruption(stream("rss", URL(httpserver.url_for("/feed"))).collect(None, Sink()))).reason == reason


async def test_a_feed_without_end_is_left():
    async with await raw_server(endless) as server:
        why = await interruption(stream("rss", address(server)).collect(None, Sink()))

    assert why.reason == "too_long"


async def test_a_feed_that_trickles_is_left():
    async with await raw_server(trickle) as server:
        feed = Feed(address(server), 1, LOOPBACK, exchange_s=QUIET_S)

        assert (await interruption(feed.collect(None, Sink()))).reason == "timeout"


async def test_a_feed_says_when_it_wants_to_be_asked_again(httpserver: HTTPServer):
    httpserver.expect_request("/feed").respond_with_data("", 429, {"Retry-After": "120"})
    why = await interruption(stream("rss", URL(httpserver.url_for("/feed"))).collect(None, Sink()))

    assert (why.reason, why.after_s) == ("status", 120)


async def test_a_feed_that_knows_no_etag_is_collected_only_when_it_changes():
    async with rss.open_source(1) as source:
        source.tagged = False
        log = RawLog()
        async with collecting(replace(source.stream(), every_s=0.001), log):
            await eventually(lambda: source.visits >= 5)

        assert log.values == [rss.feed(0)]


async def test_an_event_that_is_too_long_is_left_out_and_the_next_is_not():
    async with mastodon.open_source(2) as source:
        long = b"event: update\ndata: " + b"x" * (EVENT_CAP + 10)
        source.raw = long + b"\n\n" + mastodon.block("update", mastodon.status(0))
        log, metrics = RawLog(), Metrics()
        async with collecting(source.stream(), log, metrics=metrics):
            await eventually(lambda: any(b"event: update" in value for value in log.values))

    refused = metrics.registry.get_sample_value(
        "tocsin_collect_refused_payloads_total", {"source": "source", "reason": "too_long"}
    )
    assert refused == 1
    assert all(len(value) < EVENT_CAP for value in log.values)


async def test_an_event_that_trickles_is_left():
    async with await raw_server(trickle) as server:
        timeline = Timeline(address(server).origin(), allowed=LOOPBACK, quiet_s=QUIET_S)

        assert (await interruption(timeline.collect(None, Sink()))).reason == "timeout"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"{", b"[]", b'{"id": 5}', b'{"id": "x"}', b'{"id": "9' + b"9" * 30 + b'"}']
)
async def test_an_event_that_is_broken_is_collected_and_moves_no_cursor(data: bytes):
    async with mastodon.open_source(2) as source:
        source.raw, source.there = mastodon.block("update", data) + b":thump\n\n", 0
        log = RawLog()
        async with collecting(source.stream(), log) as delivery:
            await eventually(lambda: bool(log.values))

            assert delivery.position is None
    assert data in log.values[0]


@pytest.mark.parametrize("page", [b"{", b"{}", b'[{"id": "1"', b"[" * 100_000])
async def test_a_page_that_is_broken_is_named(page: bytes):
    async with mastodon.open_source(2) as source:
        source.pages = page

        assert (await interruption(source.stream().collect(None, Sink()))).reason == "malformed"


async def test_more_than_is_asked_for_afterwards_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agents.collectors.mastodon.PAGES", 2)
    log = RawLog()
    with capture_logs() as said:
        async with mastodon.open_source(40) as source, collecting(source.stream(), log):
            await eventually(lambda: source.there == len(source.ids) and len(log.values) > 20)
        missed = [line["cursor"] for line in said if line["event"] == "collect_gap"]

    assert missed == [mastodon.identifier(13)]


async def test_a_page_that_goes_nowhere_is_asked_for_once():
    async with mastodon.open_source(2) as source:
        source.pages = b'[{"id": "1"}]'
        source.raw = b":)\n\n"
        sink = Sink()
        task = asyncio.create_task(source.stream().collect(None, sink))
        await eventually(lambda: bool(sink.payloads))
        await asyncio.sleep(0)
        task.cancel()

    assert [request.path for request in source.requests].count("/api/v1/timelines/public") == 1


async def test_a_message_that_is_too_long_ends_the_connection():
    async with bluesky.open_source(0) as source:
        source.frames = ["x" * (MESSAGE_CAP + 2)]

        assert (await interruption(source.stream().collect(None, Sink()))).reason == "too_long"


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xfe", b"", b"{", b"null", b"[]", b'{"time_us": 1e400}', b'{"time_us": -1}', b'{"time_us": "1"}',
        b'{"did": 5}', b'{"time_us": 99999999999999999}', b'{"commit": {"rkey": "\\ud800"}}', b'{"a":' * 50_000,
    ],
)  # fmt: skip
async def test_a_message_that_is_broken_is_collected_as_it_is_and_moves_no_cursor(frame: bytes):
    async with bluesky.open_source(0) as source:
        source.frames = [frame]
        log = RawLog()
        async with collecting(replace(source.stream(), since_ms=None), log) as delivery:
            await eventually(lambda: bool(log.values))

            assert log.values[0] == frame
            assert delivery.position is None


async def test_a_server_that_says_nothing_is_left():
    async with bluesky.open_source(0) as source:
        quiet = replace(source.stream(), quiet_s=QUIET_S)

        assert (await interruption(quiet.collect(None, Sink()))).reason == "timeout"


@pytest.mark.parametrize("kind", ["bluesky", "mastodon"])
async def test_a_server_that_takes_the_request_and_never_answers_is_left(kind: str):
    async def never(writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    server = await raw_server(never)
    async with server:
        asked = replace(stream(kind, address(server)), quiet_s=QUIET_S)

        assert (await interruption(asked.collect(None, Sink()))).reason == "timeout"


async def test_what_no_adapter_would_read_is_left_out_and_passed():
    class Long:
        name = "long"

        async def collect(self, cursor, outlet) -> None:  # noqa: ARG002  # as a Stream has it
            """One payload that is too long, and one that is not."""
            await outlet.put(Payload(b"a", b"x" * (LONGEST + 1), "1"))
            await outlet.put(Payload(b"b", b"y", "2"))
            await asyncio.Event().wait()

    log = RawLog()
    async with collecting(Long(), log) as delivery:
        await eventually(lambda: delivery.safe == "2")

    assert log.values == [b"y"]


async def test_another_server_is_asked_from_a_little_earlier_on():
    async with bluesky.open_source(3) as source:
        for host in ("127.0.0.1", "elsewhere.example"):
            task = asyncio.create_task(source.stream().collect(f"{bluesky.BEGIN_US} {host}", Sink()))
            asked = len(source.asked)
            await eventually(lambda asked=asked: len(source.asked) > asked)
            task.cancel()

    assert int(source.asked[0]["cursor"]) - int(source.asked[1]["cursor"]) == 5_000_000


async def test_a_wrong_password_is_refused_and_not_told():
    async with imap.open_source(1) as source:
        source.denies = True
        inbox = replace(source.stream(), password="s3cret")
        why = await interruption(inbox.collect(None, Sink()))

    assert why.reason == "refused"
    assert "s3cret" not in f"{why} {inbox!r}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"* CAPABILITY IMAP4rev1\r\n* OK {99999999999}\r\n", "too_long"),
        (b"x" * 1_100_000 + b"\r\n", "malformed"),
        (b"\xff\xfe\r\n", "malformed"),
        (b"* BYE\r\n", "malformed"),
    ],
)
async def test_an_imap_server_that_breaks_its_protocol_is_named(answer: bytes, reason: str):
    async with imap.open_source(1) as source:
        source.answer = answer
        why = await interruption(replace(source.stream(), command_s=5).collect(None, Sink()))

    assert why.reason == reason


async def test_an_imap_server_that_trickles_is_left():
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"*")
                await writer.drain()
                await asyncio.sleep(0.01)

    async with imap.open_source(1) as source, await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        inbox = replace(source.stream(), port=server.sockets[0].getsockname()[1], command_s=QUIET_S)

        assert (await interruption(inbox.collect(None, Sink()))).reason == "timeout"


async def test_a_mail_that_is_too_long_is_left_out_and_the_others_are_not():
    async with imap.open_source(3) as source:
        source.sizes[6] = LONGEST + 1
        log = RawLog()
        async with collecting(source.stream(), log) as delivery:
            await eventually(lambda: delivery.safe == "7:9")

    assert log.values == [imap.mail(0), imap.mail(2)]


async def test_a_mailbox_that_is_numbered_anew_is_collected_again():
    async with imap.open_source(3) as source:
        source.validity = 8
        log = RawLog()
        async with collecting(source.stream(), log, "7:9") as delivery:
            await eventually(lambda: delivery.safe == "8:9")

        assert log.values == [imap.mail(number) for number in range(3)]
        assert all(
            command.startswith(("CAP", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH")) for command in source.commands
        )


async def test_a_mailbox_of_many_years_is_looked_through_window_by_window():
    async with imap.open_source(0) as source:
        source.mails = dict.fromkeys(range(100_000, 300_000), imap.mail(1))
        log = RawLog()
        async with collecting(source.stream(), log, rate=1) as delivery:
            await eventually(lambda: delivery.position == "7:100000")

    assert log.records == [(b"<mail-1@example.invalid>", imap.mail(1))]


async def test_without_a_cursor_a_mailbox_begins_with_the_next_mail():
    async with imap.open_source(3) as source:
        log = RawLog()
        async with collecting(replace(source.stream(), since_ms=None), log) as delivery:
            await eventually(lambda: delivery.safe == "7:9")
            source.mails[20] = imap.mail(20)
            await eventually(lambda: delivery.safe == "7:20")

    assert log.records == [(b"<mail-20@example.invalid>", imap.mail(20))]
