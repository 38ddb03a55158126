"""``tocsin route`` and ``tocsin check-config`` with a routing file: who would be told, and what is missing."""

from pathlib import Path

import pytest

from tests.fakes.command_line import CANARY, Run, run_in_process  # noqa: F401  # a fixture

ROUTING = """
receivers:
  - id: desk
    notifier: webhook
    timezone: Asia/Shanghai
    language: zh-Hant
    hours: 09:00-18:00
    settings: {{webhook_url_file: {folder}/url, webhook_secret_file: {folder}/secret}}
  - {{id: log, notifier: terminal}}
routes:
  - id: mobile
    brands: [acme-mobile]
    regions: [taipei]
    steps: [{{notify: [desk]}}, {{after: 15m, notify: [log]}}]
  - {{id: rest, digest: ["08:00"], notify: [log]}}
"""


@pytest.fixture
def routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "routing.yaml"
    file.write_text(ROUTING.format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "url").write_text(f"https://hooks.example.com/{CANARY}\n", encoding="utf-8")
    (tmp_path / "secret").write_text(f"whsec_{CANARY}\n", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_ROUTING", str(file))
    return tmp_path


@pytest.mark.usefixtures("routing")
def test_it_tells_who_is_told_when_by_which_route_and_why(run: Run):
    told = run("route", "--brand", "acme-mobile", "--region", "taipei", "--at", "2026-11-24T11:00+08:00")

    assert told.status == 0
    assert "at once" in told.out
    assert "Tue 11:00 Asia/Shanghai" in told.out
    assert "if nobody acknowledges, at 2026-11-24 03:15 UTC" in told.out
    assert "route mobile: takes it" in told.out


@pytest.mark.usefixtures("routing")
def test_it_says_why_a_route_does_not_take_it_and_who_is_off_duty(run: Run):
    elsewhere = run("route", "--brand", "acme-mobile", "--at", "2026-11-24T11:00+08:00").out
    night = run("route", "--brand", "acme-mobile", "--region", "taipei", "--at", "2026-11-24T03:00+08:00").out

    assert "route mobile: not taken: region is unknown, not taipei" in elsewhere
    assert "in the digest of 2026-11-24 08:00 UTC" in elsewhere
    assert "desk is off duty: Tue 03:00 Asia/Shanghai" in night


def test_without_a_routing_file_every_notifier_is_told(run: Run):
    told = run("route", "--brand", "acme-stay").out

    assert "terminal" in told
    assert "route everyone: takes it" in told


@pytest.mark.usefixtures("routing")
def test_the_configuration_shows_receivers_and_routes_and_no_secret(run: Run):
    shown = run("check-config")

    assert shown.status == 0
    assert "Pages go to: desk, log" in shown.out
    assert "desk at once; log after 15 min" in shown.out
    assert "log in a digest at 08:00" in shown.out
    assert CANARY not in shown.out


def test_a_receiver_without_its_settings_is_named_with_what_it_needs(run: Run, routing: Path):
    (routing / "url").write_text("", encoding="utf-8")
    ended = run("check-config")

    assert ended.status == 2
    assert "receiver desk: webhook needs settings, such as webhook_url, webhook_secret" in ended.err


def test_a_wrong_secret_is_named_and_not_repeated(run: Run, routing: Path):
    (routing / "secret").write_text(f"{CANARY} !", encoding="utf-8")
    ended = run("check-config")

    assert ended.status == 2
    assert "receiver desk: webhook_secret: write whsec_" in ended.err
    assert CANARY not in ended.err + ended.out


def test_a_secret_file_that_is_missing_is_named(run: Run, routing: Path):
    (routing / "url").unlink()
    ended = run("check-config")

    assert ended.status == 2
    assert str(routing / "url") in ended.err
