"""The application of a WeCom company over real sockets: its token, its messages, and the card that answers."""

import json

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Delivered, Retry
from agents.notifiers._egress import ALLOW
from agents.notifiers.wecom_app import WeComApp
from pipeline.page_text import page
from schemas.alert import Page
from tests.contract.notifying import NOW_MS, charger

TOKEN, MESSAGES = "/cgi-bin/gettoken", "/cgi-bin/message/send"
SENT = {"errcode": 0, "errmsg": "ok", "msgid": "m1"}


@pytest.fixture
def sent() -> Page:
    return page(charger(), 1)


def application(server: HTTPServer, **more: str) -> WeComApp:
    options = {**WeComApp.example, "wecom_api_url": server.url_for("/cgi-bin"), ALLOW: "127.0.0.1", **more}
    made = WeComApp.from_settings(options, lambda: NOW_MS)

    assert made is not None
    return made


def giving(server: HTTPServer, *tokens: str) -> None:
    for token in tokens:
        answer = {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7_200}
        server.expect_oneshot_request(TOKEN, "GET").respond_with_json(answer)


def told(server: HTTPServer) -> list[tuple[str, dict[str, object]]]:
    """Token and message of each request."""
    requests = [request for request, _ in server.log if request.path == MESSAGES]
    return [(request.args["access_token"], json.loads(request.get_data())) for request in requests]


async def test_a_message_goes_to_the_members_with_a_token_that_is_asked_for_once(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES, "POST").respond_with_json(SENT)
    made = application(httpserver)
    outcomes = [await made.send(sent), await made.send(sent)]
    (asked,) = [request.args.to_dict() for request, _ in httpserver.log if request.path == TOKEN]
    first, again = told(httpserver)

    assert outcomes == [Delivered("code 0 ok")] * 2
    assert asked == {"corpid": WeComApp.example["wecom_corp_id"], "corpsecret": WeComApp.example["wecom_app_secret"]}
    assert first == again
    assert (first[0], first[1]["touser"], first[1]["agentid"]) == ("t-1", "@all", 1_000_002)
    assert first[1]["enable_duplicate_check"] == 1
    assert sent.title["en"].removeprefix("[CRITICAL] ")[:20] in first[1]["markdown"]["content"]


async def test_a_card_with_buttons_follows_a_page_that_can_be_answered(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES).respond_with_json(SENT)
    made = application(httpserver, wecom_buttons="on", language="zh-Hant", console_url="https://tocsin.example.com")
    await made.send(sent)
    await made.send(page(replace(charger(), event="resolved", reason="quiet"), 2))
    cards = [body["template_card"] for _, body in told(httpserver) if body["msgtype"] == "template_card"]

    assert [body["msgtype"] for _, body in told(httpserver)] == ["markdown", "template_card", "markdown"]
    assert cards[0]["task_id"] == f"{sent.dedup_key}@{sent.page_id}"
    assert [(one["text"], one["key"]) for one in cards[0]["button_list"]] == [
        ("確認", "tocsin_ack"), ("結案", "tocsin_resolve"),
    ]  # fmt: skip
    assert cards[0]["card_action"] == {"type": 1, "url": f"https://tocsin.example.com/incidents/{sent.dedup_key}"}
    assert len(cards[0]["main_title"]["title"]) <= 36


async def test_a_card_that_did_not_get_there_is_sent_again_with_its_text(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1")
    for answer in (SENT, {"errcode": -1, "errmsg": "system busy"}):
        httpserver.expect_ordered_request(MESSAGES).respond_with_json(answer)

    assert isinstance(await application(httpserver, wecom_buttons="on").send(sent), Retry)


async def test_a_token_that_is_gone_is_replaced_with_the_next_attempt(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1", "t-2")
    httpserver.expect_oneshot_request(MESSAGES).respond_with_json({"errcode": 42001, "errmsg": "expired: t-1"})
    httpserver.expect_oneshot_request(MESSAGES).respond_with_json(SENT)
    made = application(httpserver)

    assert await made.send(sent) == Retry(None, "code 42001 expired: ***")
    assert isinstance(await made.send(sent), Delivered)
    assert [token for token, _ in told(httpserver)] == ["t-1", "t-2"]


async def test_an_incident_whose_name_no_card_may_have_is_told_without_one(httpserver: HTTPServer):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES).respond_with_json(SENT)
    await application(httpserver, wecom_buttons="on").send(page(replace(charger(), incident_id="a b/" + "c" * 99), 1))

    assert [body["msgtype"] for _, body in told(httpserver)] == ["markdown"]
