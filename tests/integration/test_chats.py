"""Slack and Microsoft Teams over real sockets: threads, and what the messages hold."""

import json
from typing import Any

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers import slack_bot
from agents.notifiers._base import Delivered, Refused, Retry
from agents.notifiers.teams import Teams
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.notifying import accepting, aimed, charger, quoting

POST = "/hook/chat.postMessage"


@pytest.fixture
def alert() -> Alert:
    return charger()


@pytest.fixture
def sent(alert: Alert) -> Page:
    return page(alert, 1)


def bot(server: HTTPServer) -> slack_bot.SlackBot:
    built, _ = aimed("slack_bot", server.url_for("/hook"))

    assert isinstance(built, slack_bot.SlackBot)
    return built


def posted(server: HTTPServer) -> list[dict[str, Any]]:
    return [json.loads(request.get_data()) for request, _ in server.log]


async def test_later_pages_of_an_incident_are_replies_and_the_channel_sees_those_that_ring(
    httpserver: HTTPServer, alert: Alert
):
    for ts in ("1.0", "2.0", "3.0", "4.0"):
        httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": ts})
    slack = bot(httpserver)
    outcomes = [
        await slack.send(page(alert, 1)),
        await slack.send(page(replace(alert, alert_id="a2", event="acknowledged", acknowledged_by="Li"), 1)),
        await slack.send(page(replace(alert, event="resolved", reason="quiet"), 2)),
        await slack.send(page(replace(alert, incident_id="another"), 1)),
    ]
    threads = [(body.get("thread_ts"), body.get("reply_broadcast")) for body in posted(httpserver)]

    assert outcomes == [Delivered("HTTP 200")] * 4
    assert threads == [(None, None), ("1.0", False), ("1.0", True), (None, None)]
    assert {body["channel"] for body in posted(httpserver)} == {"C0123456789"}
    assert httpserver.log[0][0].headers["authorization"] == "Bearer xoxb-an-example-never-a-token"


async def test_a_page_that_comes_again_is_not_posted_again(httpserver: HTTPServer, sent: Page):
    slack = accepting(httpserver, "slack_bot")

    assert await slack.send(sent) == Delivered("HTTP 200")
    assert await slack.send(sent) == Delivered("posted before")
    assert len(httpserver.log) == 1


async def test_a_thread_that_somebody_deleted_is_begun_anew(httpserver: HTTPServer, alert: Alert):
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": "1.0"})
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": False, "error": "thread_not_found"})
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": "3.0"})
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": "4.0"})
    slack = bot(httpserver)
    outcomes = [await slack.send(page(alert, number)) for number in (1, 2, 3)]

    assert outcomes == [Delivered("HTTP 200")] * 3
    assert [body.get("thread_ts") for body in posted(httpserver)] == [None, "1.0", None, "3.0"]


async def test_a_reply_that_failed_is_tried_in_its_thread_again(httpserver: HTTPServer, alert: Alert):
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": "1.0"})
    busy = {"status": 429, "headers": {"Retry-After": "3"}}
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": False, "error": "ratelimited"}, **busy)
    httpserver.expect_ordered_request(POST).respond_with_json({"ok": True, "ts": "3.0"})
    slack = bot(httpserver)
    outcomes = [await slack.send(page(alert, number)) for number in (1, 2, 2)]

    assert outcomes == [Delivered("HTTP 200"), Retry(3.0, "HTTP 429 ratelimited"), Delivered("HTTP 200")]
    assert [body.get("thread_ts") for body in posted(httpserver)] == [None, "1.0", "1.0"]


async def test_only_so_many_threads_are_remembered(
    httpserver: HTTPServer, alert: Alert, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(slack_bot, "THREADS", 2)
    httpserver.expect_request(POST).respond_with_json({"ok": True, "ts": "1.0"})
    slack = bot(httpserver)
    for incident in ("a", "b", "a", "c"):
        await slack.send(page(replace(alert, incident_id=incident), len(httpserver.log)))

    assert list(slack.threads) == ["a", "c"]


async def test_a_slack_message_shows_severity_posts_and_links(httpserver: HTTPServer, sent: Page):
    await accepting(httpserver, "slack").send(sent)
    (message,) = posted(httpserver)
    header, facts, heading, post, link, *_ = message["blocks"]

    assert message["text"] == f"🔴 {sent.title['en']}"
    assert header["text"] == {"type": "plain_text", "text": f"🔴 {sent.title['en']}", "emoji": False}
    assert facts["text"]["text"].startswith("What: complaint volume")
    assert heading["text"]["text"] == "Posts:"
    assert "among the first" in post["text"]["text"]
    assert "充电器刚插上就冒烟了" in post["text"]["text"]
    assert link["elements"][0]["text"] == "<https://example.invalid/p/1|Open the post>"


async def test_the_blocks_of_the_largest_page_stay_below_what_slack_takes(httpserver: HTTPServer, alert: Alert):
    await accepting(httpserver, "slack").send(
        page(quoting(alert, "長" * 499, "https://example.invalid/" + "a" * 200), 1)
    )
    (message,) = posted(httpserver)

    assert len(json.dumps(message["blocks"], ensure_ascii=False).encode()) <= 13_000
    assert len(message["blocks"]) <= 50


async def test_a_card_shows_severity_posts_and_links_and_turns_green(httpserver: HTTPServer, alert: Alert):
    httpserver.expect_request("/hook").respond_with_data("", status=202)
    teams, _ = aimed("teams", httpserver.url_for("/hook"), console_url="https://tocsin.example.com")
    await teams.send(page(alert, 1))
    await teams.send(page(replace(alert, event="resolved", reason="quiet"), 2))
    burning, over = [body["attachments"][0]["content"] for body in posted(httpserver)]
    post = next(item for item in burning["body"] if len(item.get("items", ())) == 3)

    assert (burning["body"][0]["style"], over["body"][0]["style"]) == ("attention", "good")
    assert burning["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open the incident", "url": "https://tocsin.example.com/incidents/5d1f0c3a"}
    ]
    assert "充电器刚插上就冒烟了" in post["items"][1]["inlines"][0]["text"]
    assert post["items"][2]["inlines"][0]["selectAction"]["url"] == "https://example.invalid/p/1"


async def test_a_workflow_that_forbids_says_why(httpserver: HTTPServer, sent: Page):
    said = {"error": {"code": "WorkflowNotFound", "message": "no such workflow"}}
    httpserver.expect_request("/hook").respond_with_json(said, status=404)
    outcome = await aimed("teams", httpserver.url_for("/hook"))[0].send(sent)

    assert outcome == Refused("HTTP 404 WorkflowNotFound: no such workflow")


def test_a_retired_connector_is_a_wrong_setting():
    with pytest.raises(ValueError, match="connectors are retired"):
        Teams.from_settings({"teams_url": "https://contoso.webhook.office.com/webhookb2/x"}, lambda: 0)
