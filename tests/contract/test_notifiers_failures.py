"""How every notifier that speaks HTTP takes failures, wherever a target says them, and that none tells a secret."""

import asyncio
import dataclasses
from http import HTTPStatus

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from agents.notifier_settings import NotifierSettings
from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from pipeline.dispatch.settling import DETAIL_LENGTH
from schemas.alert import Page
from tests.contract.notifying import ANYTHING, HTTP, aimed, answering
from tests.contract.targets import TARGETS

KINDS = {"refused": Refused, "retry": Retry}
FAILURES = [(name, number) for name in HTTP for number in range(len(TARGETS[name].failures))]
SPEAKING = [name for name in HTTP if name != "webhook"]  # there any success is one: nobody knows whose endpoint it is
URL_PARTS = ("s3cret-path", "s3cret-key")

every_http = pytest.mark.parametrize("name", HTTP)
every_speaking = pytest.mark.parametrize("name", SPEAKING)


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
async def test_a_body_that_breaks_off_takes_no_status_back(name: str, sent: Page):
    server = await raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
    async with server:
        outcome = await aimed(name, address(server))[0].send(sent)

    assert isinstance(outcome, Retry if name in SPEAKING else Delivered)


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
