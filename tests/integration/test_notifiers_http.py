"""Notifiers over real sockets: what exactly is sent, and where they refuse to connect."""

import asyncio
import base64
import io
import json
import socket
import time
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from yarl import URL

from agents.address_guard import routable
from agents.notifiers._base import Delivered, Refused, Retry
from agents.notifiers._egress import ALLOW, Egress, Reply
from agents.notifiers.pagerduty import BODY_LENGTH, PagerDuty
from agents.notifiers.terminal import Terminal
from agents.notifiers.webhook import Webhook
from agents.paging import attempt
from pipeline.page_text import page
from pipeline.retry_after import retry_after
from schemas.alert import Alert, Page
from schemas.codec import Decoder
from schemas.vocabulary import AlertEvent

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
NOW_MS = 1_795_312_500_000
SECRET = "whsec_" + base64.b64encode(b"an example, never a secret!!").decode()
KEY = "0123456789abcdef0123456789abcdef"
LOOPBACK = MappingProxyType({ALLOW: "127.0.0.1,localhost"})


@pytest.fixture
def alert() -> Alert:
    decoded = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(decoded, Alert)
    return decoded


@pytest.fixture
def sent(alert: Alert) -> Page:
    return page(alert, 1)


def webhook(url: str, **options: str) -> Webhook:
    settings = {"webhook_url": url, "webhook_secret": SECRET, **options}
    built = Webhook.from_settings(settings, lambda: time.time_ns() // 1_000_000)

    assert built is not None
    return built


def pagerduty(server: HTTPServer, **options: str) -> PagerDuty:
    settings = {"pagerduty_routing_key": KEY, "pagerduty_url": server.url_for("/"), **LOOPBACK, **options}
    built = PagerDuty.from_settings(settings, lambda: NOW_MS)

    assert built is not None
    return built


async def test_a_webhook_is_signed_so_that_the_standard_verifier_accepts_it(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/hook", method="POST").respond_with_data("", status=200)
    outcome = await webhook(httpserver.url_for("/hook"), **LOOPBACK).send(sent)
    request, _ = httpserver.log[0]
    headers, body = dict(request.headers), request.get_data()

    assert outcome == Delivered("HTTP 200")
    assert request.headers["webhook-id"] == sent.page_id
    assert request.headers["content-type"] == "application/json"
    assert Verifier(SECRET).verify(body, headers)["page_id"] == sent.page_id
    assert Decoder[Page](Page).decode(body) == sent


async def test_a_changed_body_or_another_secret_does_not_verify(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/hook").respond_with_data("", status=200)
    await webhook(httpserver.url_for("/hook"), **LOOPBACK).send(sent)
    request, _ = httpserver.log[0]
    headers, body = dict(request.headers), request.get_data()

    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(body.replace(b"lumo", b"limo"), headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET[:-4] + "AAAA").verify(body, headers)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://localhost:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f000001:{port}/",
        "https://0.0.0.0:{port}/",
        "https://10.0.0.1/",
    ],
)
async def test_a_webhook_never_connects_into_the_own_network(httpserver: HTTPServer, sent: Page, url: str):
    outcome = await webhook(url.format(port=httpserver.port)).send(sent)

    assert isinstance(outcome, Refused)
    assert httpserver.log == []


async def test_a_name_that_leads_inside_at_the_moment_of_connecting_is_caught(
    httpserver: HTTPServer, sent: Page, monkeypatch: pytest.MonkeyPatch
):
    real = socket.getaddrinfo

    def rebound(host: str, *rest: object, **options: object) -> object:
        return real("127.0.0.1" if host == "pager.example.com" else host, *rest, **options)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(socket, "getaddrinfo", rebound)

    assert isinstance(await webhook(f"https://pager.example.com:{httpserver.port}/").send(sent), Refused)


@pytest.mark.parametrize(
    "url", ["http://pager.example.com/", "ftp://pager.example.com/", "pager.example.com", "https://"]
)
def test_a_webhook_speaks_https_only(url: str):
    with pytest.raises(ValueError, match="https://"):
        webhook(url)


def test_a_secret_that_is_no_webhook_secret_is_a_wrong_setting():
    for secret in ("", "whsec_", "whsec_?", base64.b64encode(b"no prefix").decode()):
        with pytest.raises(ValueError, match="webhook_secret: write whsec_"):
            webhook("https://pager.example.com/", webhook_secret=secret)


@pytest.mark.parametrize(
    "listed", ["127.0.0.1", "127.0.0.0/8", "other.example, 127.0.0.1:{port}", "::1/128,127.0.0.1/32"]
)
async def test_a_listed_host_may_be_inside_and_speak_http(httpserver: HTTPServer, sent: Page, listed: str):
    httpserver.expect_request("/hook").respond_with_data("", status=204)
    hook = webhook(httpserver.url_for("/hook"), **{ALLOW: listed.format(port=httpserver.port)})

    assert isinstance(await hook.send(sent), Delivered)


async def test_a_listed_range_opens_names_that_lead_there_but_not_http(httpserver: HTTPServer, sent: Page):
    inside = webhook(f"https://localhost:{httpserver.port}/", **{ALLOW: "127.0.0.0/8,::1"})

    assert isinstance(await inside.send(sent), Retry)  # connected; the server does not speak TLS
    with pytest.raises(ValueError, match="https://"):
        webhook(f"http://localhost:{httpserver.port}/", **{ALLOW: "127.0.0.0/8,::1"})


def test_a_listed_host_with_another_port_opens_nothing(httpserver: HTTPServer):
    with pytest.raises(ValueError, match="https://"):
        webhook(httpserver.url_for("/"), **{ALLOW: f"localhost:{httpserver.port},127.0.0.1:{httpserver.port + 1}"})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::101:101", True),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("224.0.0.1", False),
        ("100.64.0.1", False),
        ("fd00::1", False),
        ("::", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_routable(address: str, public: bool):
    assert routable(ip_address(address)) is public


async def test_an_answer_that_never_comes_is_a_passing_failure():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        egress = Egress.to("webhook_url", {"webhook_url": str(url), **LOOPBACK})
        outcome = await Egress(url, egress.allowed, timeout_s=0.05).post(b"{}", {})

    assert outcome == Retry(None, "no answer within 0.05 s")


async def test_of_an_endless_reply_only_the_beginning_is_read(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("x" * 5_000_000, status=400)
    egress = Egress.to("webhook_url", {"webhook_url": httpserver.url_for("/"), **LOOPBACK})
    reply = await egress.post(b"{}", {})

    assert isinstance(reply, Reply)
    assert 0 < len(reply.text) <= 64 * 1024


async def test_pagerduty_gets_an_event_it_can_group_show_and_link(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/v2/enqueue", method="POST").respond_with_json({"status": "success"}, status=202)
    outcome = await pagerduty(httpserver, language="zh").send(sent)
    event = json.loads(httpserver.log[0][0].get_data())
    payload = event.pop("payload")
    details = payload.pop("custom_details")

    assert outcome == Delivered("HTTP 202")
    assert event == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "5d1f0c3a/critical",
        "client": "Tocsin",
        "links": [
            {"href": "https://example.invalid/p/1", "text": "first"},
            {"href": "https://example.invalid/p/2", "text": "most_negative"},
        ],
    }
    assert payload == {
        "summary": sent.title["zh"],
        "source": "tocsin:lumo",
        "severity": "critical",
        "timestamp": "2026-11-22T01:55:00.000+00:00",
        "component": "lumo",
        "group": "social",
        "class": "complaint_volume, mention_burst",
    }
    assert details["page"] == sent.body["zh"]
    assert details["observed"] == "4.2 complaints per minute"


def events(httpserver: HTTPServer) -> list[dict[str, object]]:
    return [json.loads(request.get_data()) for request, _ in httpserver.log]


@pytest.mark.parametrize(("event", "action"), [("resolved", "resolve"), ("acknowledged", "acknowledge")])
async def test_pagerduty_hears_an_answer_by_the_dedup_keys_of_all_that_may_have_rung(
    httpserver: HTTPServer, alert: Alert, event: AlertEvent, action: str
):
    httpserver.expect_request("/v2/enqueue").respond_with_data("", status=202)
    await pagerduty(httpserver).send(page(replace(alert, event=event, severity="error"), 2))

    assert events(httpserver) == [
        {"routing_key": KEY, "event_action": action, "dedup_key": "5d1f0c3a/error"},
        {"routing_key": KEY, "event_action": action, "dedup_key": "5d1f0c3a/warning"},
    ]


async def test_what_gets_worse_rings_at_pagerduty_although_it_was_acknowledged_there(
    httpserver: HTTPServer, alert: Alert
):
    """PagerDuty notifies nobody of a trigger whose incident somebody has acknowledged."""
    httpserver.expect_request("/v2/enqueue").respond_with_data("", status=202)
    for number, (severity, reason) in enumerate([("warning", "first"), ("critical", "escalated")], 1):
        await pagerduty(httpserver).send(page(replace(alert, severity=severity, reason=reason), number))

    assert [(event["event_action"], event["dedup_key"]) for event in events(httpserver)] == [
        ("trigger", "5d1f0c3a/warning"), ("trigger", "5d1f0c3a/critical"),
        ("resolve", "5d1f0c3a/warning"), ("resolve", "5d1f0c3a/error"),
    ]  # fmt: skip


async def test_a_page_of_several_events_is_delivered_when_pagerduty_has_all(httpserver: HTTPServer, alert: Alert):
    httpserver.expect_ordered_request("/v2/enqueue").respond_with_data("", status=202)
    httpserver.expect_ordered_request("/v2/enqueue").respond_with_data("", status=500)
    resolved = page(replace(alert, event="resolved", severity="error"), 2)

    assert isinstance(await pagerduty(httpserver).send(resolved), Retry)


async def test_a_login_page_in_the_way_is_not_pagerduty(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/v2/enqueue").respond_with_data("<html>please log in", status=200)

    assert isinstance(await pagerduty(httpserver).send(sent), Retry)


async def test_what_pagerduty_says_against_an_event_is_told_without_the_key(httpserver: HTTPServer, sent: Page):
    said = {"status": "invalid event", "errors": [f"no such key {KEY}"]}
    httpserver.expect_request("/v2/enqueue").respond_with_json(said, status=400)
    outcome = await pagerduty(httpserver).send(sent)

    assert isinstance(outcome, Refused)
    assert "no such key ***" in outcome.detail


async def test_the_longest_body_still_fits_an_event(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/v2/enqueue").respond_with_data("", status=202)
    await pagerduty(httpserver).send(replace(sent, body={"en": "\x01" * 2 * BODY_LENGTH, "zh": ""}))

    assert len(httpserver.log[0][0].get_data()) <= 512 * 1024


async def test_pagerduty_is_reached_in_the_united_states_unless_told_otherwise():
    built = PagerDuty.from_settings({"pagerduty_routing_key": KEY}, lambda: NOW_MS)

    assert built is not None
    assert str(built.egress.url) == "https://events.pagerduty.com/v2/enqueue"


async def test_a_page_gets_through_a_target_that_is_busy_broken_and_back(httpserver: HTTPServer, sent: Page):
    httpserver.expect_ordered_request("/v2/enqueue").respond_with_data("", status=429, headers={"Retry-After": "30"})
    httpserver.expect_ordered_request("/v2/enqueue").respond_with_data("", status=500)
    httpserver.expect_ordered_request("/v2/enqueue").respond_with_data("", status=202)
    target = pagerduty(httpserver)
    outcomes = [await attempt(target, sent, 5.0) for _ in range(3)]
    events = {request.get_data() for request, _ in httpserver.log}

    assert outcomes == [Retry(30.0, "HTTP 429"), Retry(None, "HTTP 500"), Delivered("HTTP 202")]
    assert len(events) == 1


async def test_a_terminal_gets_a_frame_without_colour_codes_when_it_is_a_file(
    sent: Page, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    await Terminal(stream, "en").send(sent)
    written = stream.getvalue()

    assert "\x1b" not in written
    assert sent.title["en"] in " ".join(written.split())  # folded between words
    assert all(line in written for line in sent.body["en"].splitlines())


async def test_a_terminal_gets_colours_but_no_codes_of_a_strangers_when_it_is_one(
    sent: Page, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Tty()
    await Terminal(stream, "en").send(replace(sent, body={"en": "a\x1b[2Jb", "zh": ""}))

    assert "\x1b[" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


async def test_a_terminal_that_knows_no_chinese_gets_question_marks(sent: Page):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    outcome = await Terminal(stream, "zh").send(sent)

    assert isinstance(outcome, Delivered)
    assert b"lumo?" in raw.getvalue()


async def test_a_closed_terminal_is_a_passing_failure(sent: Page):
    stream = io.StringIO()
    stream.close()

    assert isinstance(await Terminal(stream).send(sent), Retry)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 9 ", 9.0),
        ("-1", None),
        ("soon", None),
        ("1e9", None),
        ("99999999999", 300.0),
        ("9" * 5_000, None),
        ("Sun, 22 Nov 2026 01:56:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 01:56:00 -0000", 60.0),
        ("Sun, 22 Nov 2020 00:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_bounds(header: str | None, seconds: float | None):
    assert retry_after(header, NOW_MS) == seconds
