"""The bot of a Feishu application over real sockets: its token, its cards, and what it does when a token is gone."""

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Delivered, Refused, Retry
from agents.notifiers._egress import ALLOW
from agents.notifiers.feishu_bot import FeishuBot
from pipeline.page_text import page
from schemas.alert import Page
from tests.contract.notifying import NOW_MS, charger

TOKEN = "/open-apis/auth/v3/tenant_access_token/internal"
MESSAGES = "/open-apis/im/v1/messages"
SENT = {"code": 0, "msg": "success", "data": {"message_id": "om_1"}}


@pytest.fixture
def sent() -> Page:
    return page(charger(), 1)


def bot(server: HTTPServer, now_ms: Callable[[], int] = lambda: NOW_MS, **more: str) -> FeishuBot:
    options = {**FeishuBot.example, "feishu_api_url": server.url_for("/open-apis"), ALLOW: "127.0.0.1", **more}
    made = FeishuBot.from_settings(options, now_ms)

    assert made is not None
    return made


def giving(server: HTTPServer, *tokens: str) -> None:
    for token in tokens:
        answer = {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7_200}
        server.expect_oneshot_request(TOKEN, "POST").respond_with_json(answer)


def asked(server: HTTPServer, path: str) -> list[tuple[str, dict[str, str]]]:
    """Authorization and body of the requests to a path."""
    requests = [request for request, _ in server.log if request.path == path]
    return [(request.headers.get("Authorization", ""), json.loads(request.get_data())) for request in requests]


async def test_a_card_goes_to_the_chat_with_a_token_that_is_asked_for_once(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES, "POST", query_string="receive_id_type=chat_id").respond_with_json(SENT)
    made = bot(httpserver)
    outcomes = [await made.send(sent), await made.send(sent)]
    (_, credentials), *others = asked(httpserver, TOKEN)
    (authorization, body), again = asked(httpserver, MESSAGES)

    assert outcomes == [Delivered("code 0 success")] * 2
    assert credentials == {name: FeishuBot.example[f"feishu_{name}"] for name in ("app_id", "app_secret")}
    assert others == []
    assert authorization == "Bearer t-1"
    assert (authorization, body) == again
    assert (body["receive_id"], body["msg_type"]) == (FeishuBot.example["feishu_chat_id"], "interactive")
    assert body["uuid"] == sent.page_id
    assert json.loads(body["content"])["header"]["template"] == "red"


async def test_buttons_stand_on_the_card_if_somebody_listens(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1", "t-2")
    httpserver.expect_request(MESSAGES).respond_with_json(SENT)
    for buttons in ("off", "on"):
        await bot(httpserver, feishu_buttons=buttons, language="zh-Hant").send(sent)
    plain, pressable = [json.loads(body["content"])["elements"] for _, body in asked(httpserver, MESSAGES)]

    assert plain == pressable[:-1]
    assert [one["text"]["content"] for one in pressable[-1]["actions"]] == ["確認", "結案"]
    assert {one["value"]["incident"] for one in pressable[-1]["actions"]} == {sent.dedup_key}


async def test_a_token_that_is_gone_is_replaced_with_the_next_attempt(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1", "t-2")
    refusal = {"code": 99991663, "msg": "Invalid access token t-1"}
    httpserver.expect_oneshot_request(MESSAGES).respond_with_json(refusal, status=400)
    httpserver.expect_oneshot_request(MESSAGES).respond_with_json(SENT)
    made = bot(httpserver)

    assert await made.send(sent) == Retry(None, "HTTP 400 code 99991663 Invalid access token ***")
    assert isinstance(await made.send(sent), Delivered)
    assert [authorization for authorization, _ in asked(httpserver, MESSAGES)] == ["Bearer t-1", "Bearer t-2"]


async def test_a_token_is_not_used_in_its_last_minutes(httpserver: HTTPServer, sent: Page):
    giving(httpserver, "t-1", "t-2")
    httpserver.expect_request(MESSAGES).respond_with_json(SENT)
    clock = [NOW_MS]
    made = bot(httpserver, lambda: clock[0])
    for later_s in (0, 6_899, 6_900):
        clock[0] = NOW_MS + later_s * 1_000
        await made.send(sent)

    assert [authorization[-3:] for authorization, _ in asked(httpserver, MESSAGES)] == ["t-1", "t-1", "t-2"]


@pytest.mark.parametrize(("code", "status", "kind"), [(230002, 400, Refused), (99991400, 400, Retry), (99, 500, Retry)])
async def test_what_is_said_of_a_message_is_judged(
    httpserver: HTTPServer, sent: Page, code: int, status: int, kind: type
):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES).respond_with_json({"code": code, "msg": "why"}, status=status)

    assert isinstance(await bot(httpserver).send(sent), kind)


async def test_the_largest_page_fits_with_its_buttons(httpserver: HTTPServer):
    giving(httpserver, "t-1")
    httpserver.expect_request(MESSAGES).respond_with_json(SENT)
    alert = charger()
    posts = tuple(replace(alert.evidence[0], text='"' * 250 + "長" * 249, offset=number) for number in range(10))
    await bot(httpserver, feishu_buttons="on").send(page(replace(alert, evidence=posts), 1))
    (request,) = [request for request, _ in httpserver.log if request.path == MESSAGES]

    assert 5_000 < len(request.get_data()) <= 30_000
    assert json.loads(json.loads(request.get_data())["content"])["elements"][-1]["tag"] == "action"
