"""What every notifier that speaks HTTP keeps to, against a scripted server: failures, secrets, sizes, markup."""

import asyncio
import dataclasses
from http import HTTPStatus

import pytest
from msgspec.structs import replace
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from agents.notifier_settings import NotifierSettings
from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from agents.paging import DETAIL_LENGTH
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.notifying import ANYTHING, HTTP, accepting, aimed, answering, charger, quoting
from tests.contract.targets import TARGETS

KINDS = {"refused": Refused, "retry": Retry}
FAILURES = [(name, number) for name in HTTP for number in range(len(TARGETS[name].failures))]
SPEAKING = [name for name in HTTP if name != "webhook"]  # there any success is one: nobody knows whose endpoint it is
TEXTS = ('"' * 250 + "長" * 249, "長" * 499, "a\U0001f468" * 249, "&<>@*_" * 83, "\\" * 499)
LONG_LINK = "https://example.invalid/" + "a" * 1_900
INJECTED = (
    "<!channel> <!here> <@U024BE7LH> <https://evil.invalid|bank> <at id=all></at> <at user_id='all'>x</at> @all "
    "[click](https://evil.invalid) ![pixel](https://evil.invalid/p.png) <font color='warning'>x</font> **bold** "
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </div> `code` \u202e"
)

URL_PARTS = ("s3cret-path", "s3cret-key")

every_http = pytest.mark.parametrize("name", HTTP)
every_speaking = pytest.mark.parametrize("name", SPEAKING)


@pytest.fixture
def alert() -> Alert:
    return charger()


@pytest.fixture
def sent(alert: Alert) -> Page:
    return page(alert, 1)


async def raw_server(reply: bytes) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


def address(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


def secret(setting: str) -> bool:
    return NotifierSettings.model_fields[setting].annotation is SecretStr


def bodies(server: HTTPServer) -> list[bytes]:
    return [request.get_data() for request, _ in server.log]


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
    for key, value in options.items():
        assert not secret(key) or value not in told


@every_http
async def test_no_answer_in_time_is_a_passing_failure(name: str, sent: Page):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        notifier, _ = aimed(name, address(server))
        hasty = dataclasses.replace(notifier, egress=dataclasses.replace(notifier.egress, timeout_s=0.05))  # type: ignore[type-var, attr-defined]  # all that speak HTTP have one
        outcome = await hasty.send(sent)

    assert outcome == Retry(None, "no answer within 0.05 s")


@pytest.mark.parametrize(("name", "number"), FAILURES)
async def test_a_failure_is_one_wherever_the_target_says_it(name: str, httpserver: HTTPServer, sent: Page, number: int):
    status, body, kind, after_s = TARGETS[name].failures[number]
    outcome: Outcome = await answering(httpserver, name, status, body=body).send(sent)

    assert isinstance(outcome, KINDS[kind])
    assert getattr(outcome, "after_s", None) == after_s


@every_speaking
@pytest.mark.parametrize("body", ["<html>please log in", "[]", "{}", "null", "\x00", "[" * 200_000, "x" * 3_000_000])
async def test_a_success_that_the_target_does_not_speak_of_is_none(
    name: str, httpserver: HTTPServer, sent: Page, body: str
):
    assert isinstance(await answering(httpserver, name, 200, body=body).send(sent), Retry)


@every_http
async def test_a_huge_refusal_is_told_in_short(name: str, httpserver: HTTPServer, sent: Page):
    outcome = await answering(httpserver, name, 400, body="x" * 3_000_000).send(sent)

    assert isinstance(outcome, Refused)
    assert len(outcome.detail) <= DETAIL_LENGTH


@every_http
async def test_a_page_that_is_sent_again_is_the_same_page(name: str, httpserver: HTTPServer, sent: Page):
    notifier = accepting(httpserver, name)
    outcomes = [await notifier.send(sent), await notifier.send(sent)]
    first, *again = bodies(httpserver)

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert set(again) <= {first}


@every_http
async def test_every_page_of_an_incident_names_it(name: str, httpserver: HTTPServer, alert: Alert):
    notifier = accepting(httpserver, name)
    await notifier.send(page(alert, 1))
    await notifier.send(page(replace(alert, event="resolved", reason="quiet"), 2))

    assert all(alert.incident_id.encode() in body for body in bodies(httpserver))


@every_http
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_no_explanation_of_the_target_gives_a_secret_away(
    name: str, httpserver: HTTPServer, sent: Page, status: int, nested: bool
):
    notifier, options = aimed(name, httpserver.url_for("/{}?key={}".format(*URL_PARTS)))
    hidden = [key for key in options if secret(key)]
    secrets = [*map(options.get, hidden), *(part for key in hidden if key.endswith("_url") for part in URL_PARTS)]
    echo = " ".join([*options.values(), *URL_PARTS])
    told = {"code": 7, "errcode": 7, "msg": echo, "errmsg": echo, "ok": False, "errors": [echo]}
    told["error"] = {"code": echo, "message": echo} if nested else echo
    httpserver.expect_request(ANYTHING).respond_with_json(told, status=status)
    detail = (await notifier.send(sent)).detail

    assert secrets
    assert not any(part in detail for part in secrets)


@every_http
@pytest.mark.parametrize("text", TEXTS)
async def test_the_largest_page_fits_and_is_not_cut_within_a_character(
    name: str, httpserver: HTTPServer, alert: Alert, text: str
):
    target = TARGETS[name]
    outcome = await accepting(httpserver, name).send(page(quoting(alert, text, LONG_LINK), 1))
    sizes = [target.size(body) for body in bodies(httpserver)]

    assert isinstance(outcome, Delivered)
    assert 500 < max(sizes) <= target.largest
    assert all("\ufffd" not in body.decode() for body in bodies(httpserver))


@every_http
async def test_markup_in_strangers_words_is_not_obeyed(name: str, httpserver: HTTPServer, alert: Alert):
    target = TARGETS[name]
    hostile = replace(quoting(alert, INJECTED, "https://a.invalid/)[click](b"), brand=INJECTED)
    await accepting(httpserver, name).send(page(hostile, 1))
    parsed = [text for body in bodies(httpserver) for text in target.parsed(body)]
    obeyed = [live for live in target.live if any(live in text for text in parsed)]

    assert obeyed == []
    assert bool(parsed) == bool(target.live)


@every_speaking  # a webhook gets the record as it is
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.invalid/"])
async def test_only_web_links_can_be_clicked(name: str, httpserver: HTTPServer, alert: Alert, url: str):
    await accepting(httpserver, name).send(page(quoting(alert, "words", url), 1))

    assert all(url.encode() not in body for body in bodies(httpserver))
