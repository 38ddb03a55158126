"""What every notifier keeps to, present and future: found by discovery, spoken to by a scripted server."""

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from agents.notifiers._base import Delivered, Notifier, NotifierFactory, Refused, Retry
from agents.notifiers._egress import ALLOW
from agents.paging import configured, factories
from pipeline.page_text import QUOTED, page
from schemas.alert import Alert, Page
from schemas.codec import Decoder

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
NOW_MS = 1_795_312_500_000
LARGEST = 512 * 1024
ANYTHING = re.compile(".*")
HOSTILE = "\x1b[2J\u202e\r\n</script>{brand}[bold]%s\x00\ufffd𠮷" + "長" * 50
FACTORIES = factories()
HTTP = [name for name, factory in FACTORIES.items() if any(key.endswith("_url") for key in factory.example)]

every = pytest.mark.parametrize("name", FACTORIES)
every_http = pytest.mark.parametrize("name", HTTP)


@pytest.fixture
def alert() -> Alert:
    decoded = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(decoded, Alert)
    return decoded


@pytest.fixture
def sent(alert: Alert) -> Page:
    return page(alert, 1)


def build(factory: NotifierFactory, options: Mapping[str, str]) -> Notifier:
    notifier = factory.from_settings(options, lambda: NOW_MS)

    assert notifier is not None
    return notifier


def aimed(name: str, url: str) -> tuple[Notifier, dict[str, str]]:
    """The notifier pointed at ``url``, and its settings."""
    example = FACTORIES[name].example
    options = {key: url if key.endswith("_url") else value for key, value in example.items()} | {ALLOW: "127.0.0.1"}
    return build(FACTORIES[name], options), options


def answering(server: HTTPServer, name: str, status: int, headers: Mapping[str, str] | None = None) -> Notifier:
    server.expect_request(ANYTHING).respond_with_data("", status=status, headers=headers or {})
    return aimed(name, server.url_for("/hook"))[0]


async def raw_server(reply: bytes) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


def address(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


def test_there_are_notifiers_for_a_terminal_a_webhook_and_pagerduty():
    assert {"terminal", "webhook", "pagerduty"} <= FACTORIES.keys()


@every
def test_a_notifier_is_named_like_its_module(name: str):
    assert FACTORIES[name].name == name
    assert build(FACTORIES[name], FACTORIES[name].example).name == name


@every
def test_a_notifier_nobody_configured_is_not_there(name: str):
    assert FACTORIES[name].from_settings({}, lambda: NOW_MS) is None
    assert FACTORIES[name].from_settings(dict.fromkeys(FACTORIES[name].example, ""), lambda: NOW_MS) is None


def test_all_examples_together_configure_every_notifier():
    together = {key: value for factory in FACTORIES.values() for key, value in factory.example.items()}

    assert [notifier.name for notifier in configured(together, lambda: NOW_MS)] == list(FACTORIES)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in FACTORIES for key in FACTORIES[name].example])
def test_a_wrong_setting_is_named_and_not_repeated(name: str, key: str):
    options = {**FACTORIES[name].example, key: "b4d s3cret\n"}

    with pytest.raises(ValueError, match=key) as error:
        FACTORIES[name].from_settings(options, lambda: NOW_MS)

    assert "s3cret" not in str(error.value)


@every
async def test_hostile_text_is_delivered_like_any_other(name: str, httpserver: HTTPServer, alert: Alert):
    notifier = answering(httpserver, name, 202)
    posts = tuple(replace(post, text=HOSTILE, url=HOSTILE) for post in alert.evidence)
    hostile = page(replace(alert, brand=HOSTILE, unit=HOSTILE, drivers={HOSTILE: 1.0}, evidence=posts), 1)
    forged = replace(hostile, title=dict.fromkeys(hostile.title, HOSTILE), body=dict.fromkeys(hostile.body, HOSTILE))

    assert isinstance(await notifier.send(hostile), Delivered)
    assert isinstance(await notifier.send(forged), Delivered)


@every
async def test_an_incident_is_resolved_as_it_was_triggered(name: str, httpserver: HTTPServer, alert: Alert):
    notifier = answering(httpserver, name, 202)

    assert isinstance(await notifier.send(page(alert, 1)), Delivered)
    assert isinstance(await notifier.send(page(replace(alert, event="resolved", reason="quiet"), 2)), Delivered)


@every_http
async def test_busy_targets_are_tried_again_when_they_say(name: str, httpserver: HTTPServer, sent: Page):
    notifier = answering(httpserver, name, 429, {"Retry-After": "7"})
    outcome = await notifier.send(sent)

    assert isinstance(outcome, Retry)
    assert outcome.after_s == 7


@every_http
async def test_a_date_to_retry_after_is_understood(name: str, httpserver: HTTPServer, sent: Page):
    notifier = answering(httpserver, name, 503, {"Retry-After": "Sun, 22 Nov 2026 01:55:30 GMT"})
    outcome = await notifier.send(sent)

    assert isinstance(outcome, Retry)
    assert outcome.after_s == 30


@every_http
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
async def test_passing_failures_are_tried_again(name: str, httpserver: HTTPServer, sent: Page, status: int):
    assert isinstance(await answering(httpserver, name, status).send(sent), Retry)


@every_http
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
async def test_lasting_failures_are_not_tried_again(name: str, httpserver: HTTPServer, sent: Page, status: int):
    assert isinstance(await answering(httpserver, name, status).send(sent), Refused)


@every_http
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(name: str, httpserver: HTTPServer, sent: Page, status: int):
    httpserver.expect_request("/elsewhere").respond_with_data("", status=HTTPStatus.ACCEPTED)
    notifier = answering(httpserver, name, status, {"Location": httpserver.url_for("/elsewhere")})

    assert isinstance(await notifier.send(sent), Refused)
    assert [request.path for request, _ in httpserver.log if request.path == "/elsewhere"] == []


@every_http
@pytest.mark.parametrize("reply", [b"", b"\x00\xff garbage\r\n\r\n", b"HTTP/1.1 200", b"HTTP/1.1 abc OK\r\n\r\n"])
async def test_an_answer_that_is_not_http_is_a_passing_failure(name: str, sent: Page, reply: bytes):
    server = await raw_server(reply)
    async with server:
        outcome = await aimed(name, address(server))[0].send(sent)

    assert isinstance(outcome, Retry)


@every_http
async def test_a_refused_connection_is_a_passing_failure(name: str, sent: Page):
    server = await raw_server(b"")
    url = address(server)
    server.close()
    await server.wait_closed()

    assert isinstance(await aimed(name, url)[0].send(sent), Retry)


@every_http
async def test_no_outcome_or_repr_holds_a_secret_even_if_the_target_repeats_the_request(
    name: str, httpserver: HTTPServer, sent: Page
):
    def echo(request: Request) -> Response:
        return Response(f"{request.url} {request.headers} {request.get_data(as_text=True)}"[-5_000:], status=400)

    httpserver.expect_request(ANYTHING).respond_with_handler(echo)
    notifier, options = aimed(name, httpserver.url_for("/s3cret-path?key=s3cret-key"))
    told = f"{await notifier.send(sent)} {notifier!r} {notifier}"

    assert "s3cret" not in told
    for key, secret in options.items():
        assert key in {ALLOW, "language"} or secret not in told


@every_http
async def test_the_largest_page_fits_an_event(name: str, httpserver: HTTPServer, alert: Alert):
    text, url = '"' * 250 + "長" * 250, "https://example.invalid/" + "a" * 1_900
    posts = tuple(replace(alert.evidence[0], text=text, url=url, offset=n) for n in range(QUOTED))
    notifier = answering(httpserver, name, 202)
    outcome = await notifier.send(page(replace(alert, evidence=posts), 1))
    sizes = [len(request.get_data()) for request, _ in httpserver.log]

    assert isinstance(outcome, Delivered)
    assert 5_000 < max(sizes) <= LARGEST
