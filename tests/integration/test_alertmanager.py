"""Pages to a real Alertmanager: repeated, updated, escalated and resolved, seen through its API and its receiver."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Delivered, Retry
from agents.notifiers._egress import ALLOW
from agents.notifiers.alertmanager import HOLD_MS, Alertmanager
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.notifying import answering, charger
from tests.integration.alertmanager_server import AlertmanagerServer

MINUTE_MS = 60_000
HOSTILE = "</script>{{ .Labels }}\n\x00\u202e长" * 20


@pytest.fixture
def alert() -> Alert:
    """An incident of the last half hour: a real Alertmanager has a clock of its own."""
    at = time.time_ns() // 1_000_000 // MINUTE_MS * MINUTE_MS
    return replace(charger(), at=at, since=at - 35 * MINUTE_MS, started=at - 30 * MINUTE_MS, severity="error")


def notifier(address: str) -> Alertmanager:
    settings = {
        "alertmanager_url": f"http://{address}/",
        "console_url": "https://tocsin.example.com",
        ALLOW: "127.0.0.1",
    }
    built = Alertmanager.from_settings(settings, lambda: time.time_ns() // 1_000_000)

    assert built is not None
    return built


def deliver(alertmanager: AlertmanagerServer, sent: Page) -> None:
    outcome = asyncio.run(notifier(alertmanager.address).send(sent))

    assert outcome == Delivered("HTTP 200")


def told(receiver: HTTPServer) -> list[dict[str, Any]]:
    """What Alertmanager told the responders, in order."""
    return [json.loads(request.get_data()) for request, _ in receiver.log]


def severities(alertmanager: AlertmanagerServer) -> list[str]:
    return [one["labels"]["severity"] for one in alertmanager.alerts()]


def milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def test_an_incident_burns_once_however_often_it_is_told_and_then_is_over(
    alertmanager: AlertmanagerServer, httpserver: HTTPServer, alert: Alert
):
    deliver(alertmanager, page(alert, 1))
    deliver(alertmanager, page(alert, 1))
    alertmanager.wait(lambda: len(told(httpserver)) == 1, "nobody was told")
    (burning,) = alertmanager.alerts()
    deliver(alertmanager, page(replace(alert, event="resolved", reason="quiet"), 2))
    alertmanager.wait(lambda: told(httpserver)[-1]["status"] == "resolved", "nobody was told that it is over")
    first, *rest = told(httpserver)

    assert burning["labels"] == {
        "alertname": "TocsinIncident", "brand": "lumo", "incident": "5d1f0c3a", "severity": "error",
    }  # fmt: skip
    assert burning["annotations"]["summary"].startswith("[ERROR] lumo: 4.2 complaints per minute")
    assert "充电器刚插上就冒烟了" in burning["annotations"]["description"]
    assert burning["generatorURL"] == "https://tocsin.example.com/incidents/5d1f0c3a"
    assert milliseconds(burning["startsAt"]) == alert.since
    assert milliseconds(burning["endsAt"]) == alert.at + HOLD_MS
    assert (first["status"], len(first["alerts"])) == ("firing", 1)
    assert [one["status"] for one in rest] == ["resolved"]
    assert severities(alertmanager) == []


def test_an_incident_that_gets_worse_is_one_graver_alert(
    alertmanager: AlertmanagerServer, httpserver: HTTPServer, alert: Alert
):
    worse = replace(alert, event="escalated", reason="escalated", severity="critical", at=alert.at + 1)
    deliver(alertmanager, page(alert, 1))
    alertmanager.wait(lambda: len(told(httpserver)) == 1, "nobody was told")
    deliver(alertmanager, page(worse, 2))
    alertmanager.wait(lambda: severities(alertmanager) == ["critical"], "the graver alert does not burn alone")
    alertmanager.wait(lambda: len(told(httpserver)) == 2, "nobody was told that it got worse")
    statuses = {one["labels"]["severity"]: one["status"] for one in told(httpserver)[1]["alerts"]}
    deliver(alertmanager, page(replace(worse, event="resolved", reason="quiet", at=alert.at + 2), 3))
    alertmanager.wait(lambda: severities(alertmanager) == [], "it still burns")

    assert statuses["critical"] == "firing"
    assert statuses["error"] == "resolved"


def test_an_acknowledged_alert_burns_on_and_says_who_has_it(alertmanager: AlertmanagerServer, alert: Alert):
    deliver(alertmanager, page(alert, 1))
    deliver(alertmanager, page(replace(alert, alert_id="a2", event="acknowledged", acknowledged_by="Li"), 1))
    (burning,) = alertmanager.alerts()

    assert burning["annotations"]["summary"].startswith("[ACKNOWLEDGED] lumo: Li has it")


def test_a_reminder_renews_the_alert_without_another_one_even_if_posts_are_ahead_of_the_clock(
    alertmanager: AlertmanagerServer, httpserver: HTTPServer, alert: Alert
):
    deliver(alertmanager, page(alert, 1))
    alertmanager.wait(lambda: len(told(httpserver)) == 1, "nobody was told")
    deliver(alertmanager, page(replace(alert, reason="unacknowledged", at=alert.at + MINUTE_MS), 2))
    (burning,) = alertmanager.alerts()

    assert "NOT ACKNOWLEDGED" in burning["annotations"]["summary"]
    assert milliseconds(burning["endsAt"]) == alert.at + MINUTE_MS + HOLD_MS


def test_names_that_nobody_expects_are_taken(alertmanager: AlertmanagerServer, alert: Alert):
    deliver(alertmanager, page(replace(alert, brand=HOSTILE, incident_id="a/b?c\n", since=alert.at + MINUTE_MS), 1))
    (burning,) = alertmanager.alerts()

    assert burning["labels"]["brand"].startswith("</script>{{ .Labels }} \ufffd\ufffd长")


async def test_a_login_page_in_the_way_is_not_alertmanager(httpserver: HTTPServer, alert: Alert):
    proxy = answering(httpserver, "alertmanager", 200, body="<html>please log in")

    assert isinstance(await proxy.send(page(alert, 1)), Retry)


async def test_a_password_in_the_url_is_sent_and_not_shown(httpserver: HTTPServer, alert: Alert):
    httpserver.expect_request("/api/v2/alerts").respond_with_data("")
    guarded = notifier(f"responder:pa55word@127.0.0.1:{httpserver.port}")
    outcome = await guarded.send(page(alert, 1))
    request, _ = httpserver.log[0]

    assert outcome == Delivered("HTTP 200")
    assert request.authorization is not None
    assert (request.authorization.username, request.authorization.password) == ("responder", "pa55word")
    assert "pa55word" not in repr(guarded)
