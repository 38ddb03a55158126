"""Pages through Apprise to a local server: what goes out, what a failure is, and what is not shown or logged."""

import json
import logging
import sys
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Delivered, Retry
from agents.notifiers.apprise import Apprise
from pipeline.page_text import page
from schemas.alert import Page
from tests.contract.notifying import charger, quoting

INJECTED = "@all <!channel> [click](https://evil.invalid) {{ body }} **bold**"


@pytest.fixture
def sent() -> Page:
    return page(charger(), 1)


def apprise(urls: str) -> Apprise:
    built = Apprise.from_settings({"apprise_urls": urls, "console_url": "https://tocsin.example.com"}, lambda: 0)

    assert built is not None
    return built


def json_service(server: HTTPServer, path: str) -> str:
    return f"json://us3r:pa55word@127.0.0.1:{server.port}/{path}"


async def test_every_service_gets_title_text_and_kind(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/a").respond_with_data("")
    httpserver.expect_request("/b").respond_with_data("")
    outcome = await apprise(f"{json_service(httpserver, 'a')} {json_service(httpserver, 'b')}").send(sent)
    bodies = [json.loads(request.get_data()) for request, _ in httpserver.log]

    assert outcome == Delivered("taken")
    assert len(bodies) == 2
    for body in bodies:
        assert body["title"].startswith("🔴 ［CRITICAL］ lumo: 4.2 complaints per minute")
        assert "充电器刚插上就冒烟了" in body["message"]
        assert "https://tocsin.example.com/incidents/5d1f0c3a" in body["message"]
        assert body["type"] == "failure"


@pytest.mark.parametrize("status", [302, 400, 429, 500])
async def test_what_one_service_does_not_take_is_tried_again(httpserver: HTTPServer, sent: Page, status: int):
    httpserver.expect_request("/a").respond_with_data("")
    httpserver.expect_request("/b").respond_with_data("", status=status, headers={"Location": "/a"})
    outcome = await apprise(f"{json_service(httpserver, 'a')} {json_service(httpserver, 'b')}").send(sent)

    assert outcome == Retry(None, "a service did not take it")
    assert len(httpserver.log) == 2


async def test_strangers_words_have_no_markup_and_are_no_template(httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("")
    await apprise(json_service(httpserver, "a")).send(page(quoting(charger(), INJECTED, ""), 1))
    message = json.loads(httpserver.log[0][0].get_data())["message"]

    assert not any(live in message for live in ("@all", "<!", "[click]", "**"))
    assert "{{ body }}" in message


async def test_the_shortest_service_decides_how_much_is_told(httpserver: HTTPServer):
    httpserver.expect_request("/a").respond_with_data("")
    telling = apprise(json_service(httpserver, "a"))
    telegram = apprise(f"{json_service(httpserver, 'a')} tgram://123456789:abcdefg_hijklmnop/12315544/")
    await replace(telling, room=telegram.room).send(page(quoting(charger(), "長" * 499, ""), 1))
    told = json.loads(httpserver.log[0][0].get_data())

    assert telling.room > telegram.room
    assert 1_000 < len(told["title"]) + len(told["message"]) <= 4_096  # what Telegram takes


async def test_neither_repr_nor_log_has_an_address(
    httpserver: HTTPServer, sent: Page, caplog: pytest.LogCaptureFixture
):
    httpserver.expect_request("/a").respond_with_data("no us3r pa55word", status=401)
    telling = apprise(json_service(httpserver, "a"))
    with caplog.at_level(logging.DEBUG):
        outcome = await telling.send(sent)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("apprise")]

    assert isinstance(outcome, Retry)
    assert said == []
    assert not any(private in f"{telling!r} {outcome}" for private in ("us3r", "pa55word"))


def test_a_url_that_apprise_does_not_know_is_counted_and_not_repeated():
    with pytest.raises(ValueError, match="apprise_urls: number 2") as error:
        apprise("ntfys://ntfy.example.com/topic s3cret://x")

    assert "s3cret" not in str(error.value)


def test_without_the_extra_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ValueError, match=r'pip install "tocsin\[apprise\]"'):
        apprise("ntfys://ntfy.example.com/topic")
