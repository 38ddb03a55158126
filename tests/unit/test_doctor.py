"""The doctor: content only if a worker could run, and told what to do otherwise."""

from pathlib import Path

import pytest

from agents import clickhouse, topic_admin
from tests.fakes.command_line import CANARY, Run, run_in_process  # noqa: F401  # a fixture


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Kafka and a ClickHouse that are well."""

    class Client:
        server_version = "26.9"

        def close(self) -> None: ...

    monkeypatch.setenv("TOCSIN_CLICKHOUSE", "http://127.0.0.1:1/tocsin")
    monkeypatch.setattr(topic_admin, "check", lambda *_: [])
    monkeypatch.setattr(clickhouse, "connect", lambda _: Client())


@pytest.mark.usefixtures("services")
def test_doctor_is_content_when_all_is_there(run: Run):
    ended = run("doctor")

    assert (ended.status, "✗" in ended.out) == (0, False)
    assert "version 26.9" in ended.out


@pytest.mark.usefixtures("services")
def test_doctor_fails_and_says_what_to_do_when_topics_are_wrong(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(topic_admin, "check", lambda *_: ["social.posts.v1: 3 partitions where the settings say 8"])
    ended = run("doctor")

    assert ended.status == 1
    assert "3 partitions where the settings say 8" in ended.out
    assert "tocsin topics create" in ended.out


@pytest.mark.usefixtures("services")
def test_doctor_goes_on_after_a_failure_and_repeats_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch):
    def refused(_url: str) -> None:
        raise ConnectionError("nobody [/answers] here")

    monkeypatch.setattr(clickhouse, "connect", refused)
    monkeypatch.setenv("TOCSIN_CLICKHOUSE", f"http://user:{CANARY}@127.0.0.1:1/tocsin")
    monkeypatch.setenv("TOCSIN_WATCHLIST", "absent.yaml")
    ended = run("doctor")

    assert ended.status == 1
    assert ended.out.count("✗") == 2
    assert "nobody [/answers] here" in ended.out
    assert "name it in TOCSIN_WATCHLIST" in ended.out
    assert CANARY not in ended.out


@pytest.mark.usefixtures("services")
def test_doctor_names_a_wrong_setting_of_a_notifier_without_its_value(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_SLACK_BOT_TOKEN", CANARY)
    ended = run("doctor")

    assert ended.status == 1
    assert "slack_bot_token: write" in ended.out
    assert CANARY not in ended.out


@pytest.mark.usefixtures("services")
def test_doctor_lists_where_pages_go(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_WECOM_URL", "https://qyapi.example.com/send?key=1")

    assert "pages go to: terminal, wecom" in run("doctor").out


@pytest.mark.usefixtures("services")
def test_doctor_fails_when_pages_go_to_nobody(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_TERMINAL", "off")
    ended = run("doctor")

    assert ended.status == 1
    assert "pages go to: nobody" in ended.out


@pytest.mark.parametrize("place", ["chdb", "not/yet/there"])
def test_doctor_makes_no_embedded_clickhouse_where_there_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
):
    monkeypatch.setattr(topic_admin, "check", lambda *_: [])
    monkeypatch.setenv("TOCSIN_CLICKHOUSE", f"chdb://{tmp_path / place}?database=tocsin")
    (tmp_path / "chdb").mkdir()
    ended = run("doctor")

    assert (ended.status, list(tmp_path.rglob("*"))) == (0, [tmp_path / "chdb"])
    assert f"nothing in {tmp_path / place} yet" in ended.out


@pytest.mark.usefixtures("services")
def test_doctor_says_where_an_embedded_clickhouse_cannot_be_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TOCSIN_CLICKHOUSE", f"chdb://{tmp_path / 'file' / 'chdb'}?database=tocsin")
    ended = run("doctor")

    assert ended.status == 1
    assert f"{tmp_path / 'file'} cannot be written to; start ClickHouse and name it" in ended.out
