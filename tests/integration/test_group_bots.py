"""The group bots of Feishu, DingTalk and WeCom over real sockets: what exactly they are sent."""

import json

import pytest
from pytest_httpserver import HTTPServer

from agents.notifiers import _signing
from agents.notifiers._base import Delivered, Retry
from pipeline.page_text import page
from schemas.alert import Page
from tests.contract.notifying import NOW_MS, accepting, aimed, charger
from tests.contract.targets import TARGETS

SECRET = "a/secret+of=letters"


@pytest.fixture
def sent() -> Page:
    return page(charger(), 1)


async def test_dingtalk_finds_time_and_signature_in_the_query_beside_the_token(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/robot/send").respond_with_json({"errcode": 0})
    robot, _ = aimed("dingtalk", httpserver.url_for("/robot/send?access_token=t0ken"), dingtalk_secret=SECRET)
    outcome = await robot.send(sent)
    request, _ = httpserver.log[0]

    assert isinstance(outcome, Delivered)
    assert request.args.to_dict() == {
        "access_token": "t0ken",
        "timestamp": str(NOW_MS),
        "sign": _signing.dingtalk(SECRET, NOW_MS),
    }


async def test_feishu_finds_time_and_signature_in_the_body(httpserver: HTTPServer, sent: Page):
    await accepting(httpserver, "feishu").send(sent)
    body = json.loads(httpserver.log[0][0].get_data())

    assert body["timestamp"] == str(NOW_MS // 1000)
    assert body["sign"] == _signing.feishu("an-example-never-a-secret", NOW_MS // 1000)
    assert body["card"]["header"]["template"] == "red"


async def test_a_bot_without_a_secret_does_not_sign(httpserver: HTTPServer, sent: Page):
    httpserver.expect_request("/hook").respond_with_json({"code": 0, "errcode": 0})
    for name in ("feishu", "dingtalk"):
        await aimed(name, httpserver.url_for("/hook"), **{f"{name}_secret": ""})[0].send(sent)
    told = [(request.args.to_dict(), "sign" in json.loads(request.get_data())) for request, _ in httpserver.log]

    assert told == [({}, False), ({}, False)]


async def test_a_page_whose_posts_dingtalk_does_not_pass_on_goes_out_without_them(httpserver: HTTPServer, sent: Page):
    httpserver.expect_ordered_request("/hook").respond_with_json({"errcode": 430102, "errmsg": "unsuitable words"})
    httpserver.expect_ordered_request("/hook").respond_with_json({"errcode": 0, "errmsg": "ok"})
    outcome = await aimed("dingtalk", httpserver.url_for("/hook"))[0].send(sent)
    whole, bare = [json.loads(request.get_data())["markdown"]["text"] for request, _ in httpserver.log]

    assert isinstance(outcome, Delivered)
    assert sent.alert.evidence[0].text in whole
    assert sent.alert.evidence[0].text not in bare
    assert sent.dedup_key in bare
    assert "Posts that are not shown here: 2" in bare


async def test_feishu_says_in_a_header_of_its_own_when_there_may_be_more(httpserver: HTTPServer, sent: Page):
    wait = {"x-ogw-ratelimit-reset": "9"}
    httpserver.expect_request("/hook").respond_with_json({"code": 9499, "msg": "too many"}, status=429, headers=wait)
    outcome = await aimed("feishu", httpserver.url_for("/hook"))[0].send(sent)

    assert outcome == Retry(9.0, "code 9499 too many")


@pytest.mark.parametrize("name", ["feishu", "dingtalk", "wecom"])
async def test_chinese_readers_get_chinese_and_a_link_to_the_incident(name: str, httpserver: HTTPServer, sent: Page):
    status, body = TARGETS[name].accepted
    httpserver.expect_request("/hook").respond_with_data(body, status=status)
    bot, _ = aimed(name, httpserver.url_for("/hook"), language="zh", console_url="https://tocsin.example.com")
    await bot.send(sent)
    told = httpserver.log[0][0].get_data().decode()

    assert sent.title["zh"].removeprefix("【危急】") in told
    assert "最早之一" in told
    assert "(https://tocsin.example.com/incidents/5d1f0c3a)" in told
    assert "(https://example.invalid/p/1)" in told
