"""The command line: quick to answer, plain about what is wrong, and the same answer twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents import cli
from schemas.alert import Alert
from schemas.author import Author
from schemas.codec import Decoder, encode
from schemas.post import SocialPost
from schemas.topics import TOPICS
from tests.fakes.command_line import CANARY, WATCHLIST, Run, run_in_process  # noqa: F401  # a fixture

COMMANDS = [
    "demo", "worker", "topics create", "topics check", "topics list", "migrate", "check-config", "feed", "replay",
    "adapt", "collect bluesky", "collect http", "collect imap", "collect mastodon", "collect rss", "detect",
    "influence", "cascades", "doctor", "drill", "verify", "classify", "train", "console",
    "dlq list", "dlq show", "dlq replay", "backtest", "rules show", "rules apply", "rules end-shadow",
    "ack", "silence", "unsilence", "maintenance", "resolve", "note", "why", "tail", "route", "callbacks", "erase",
]  # fmt: skip
SLOW = ("faust", "kafka", "aiokafka", "chdb", "clickhouse_connect", "aiohttp", "ahocorasick_rs", "numba", "torch")
QUIET_MINUTES = 7 * 60  # what the detectors learn from
START = 1_704_103_200_000  # replay takes its append times from the clock, so this must be past


def complaints(folder: Path) -> Path:
    """Seven quiet hours of one brand, then a charger that burns people, as JSONL."""
    quiet = [(minute * 60_000, "Acme Mobile works") for minute in range(QUIET_MINUTES)]
    burned = "My Acme PowerCube exploded and burned my hand"
    crisis = [(QUIET_MINUTES * 60_000 + number * 2_000, burned) for number in range(60)]
    file = folder / "posts.jsonl"
    file.write_bytes(b"\n".join(
        encode(SocialPost(
            post_uid=f"x:{number}", platform="x", channel="microblog", text=text, event_time=START + after,
            author=Author(author_key=f"author-{number}"),
        ))
        for number, (after, text) in enumerate(quiet + crisis)
    ))  # fmt: skip
    return file


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_for(run: Run, command: str):
    ended = run(*command.split(), "--help")

    assert ended.status == 0
    assert f"tocsin {command} [OPTIONS]" in ended.out


def test_every_command_is_listed_here(run: Run):
    names = {
        command.name or command.callback.__name__.replace("_", "-")
        for command in cli.app.registered_commands
        if command.callback
    }

    assert names | {"topics", "dlq", "rules", "collect"} == {command.split()[0] for command in COMMANDS}
    assert run("nonsense").status == 2


def test_help_does_not_wait_for_faust_kafka_or_clickhouse():
    code = f"import sys, agents.cli; print([name for name in {SLOW} if name in sys.modules])"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert asked.stdout.strip() == "[]"


def test_training_without_its_extra_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("agents.cli.train.find_spec", lambda _name: None)
    ended = run("train", str(tmp_path))

    assert ended.status == 2
    assert "pip install 'tocsin[train]'" in ended.err


def test_check_config_shows_settings_brands_and_who_is_paged(run: Run):
    ended = run("check-config")

    assert (ended.status, ended.err) == (0, "")
    assert "TOCSIN_CHECKPOINT_S" in ended.out
    assert "[stage: ]point[:nth]" in ended.out  # no markup
    assert "acme-mobile (Acme Mobile)" in ended.out
    assert "Pages go to: terminal" in ended.out


def test_check_config_names_file_and_line_of_what_is_wrong(run: Run, tmp_path: Path):
    file = tmp_path / "wrong.yaml"
    file.write_text("brands:\n  - id: acme\n    name: Acme\n    aliases: [Acme]\n    colour: red\n", encoding="utf-8")
    ended = run("check-config", str(file))

    assert ended.status == 2
    assert f"tocsin: {file}:5: " in ended.err
    assert "Traceback" not in ended.err


def test_check_config_shows_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_CLICKHOUSE", f"http://user:{CANARY}@db:8123/tocsin")
    monkeypatch.setenv("TOCSIN_WEBHOOK_URL", f"https://example.com/{CANARY}")
    monkeypatch.setenv("TOCSIN_WEBHOOK_SECRET", f"whsec_{CANARY}")
    monkeypatch.setenv("TOCSIN_PAGERDUTY_ROUTING_KEY", CANARY)
    ended = run("check-config")

    assert CANARY not in ended.out + ended.err
    assert "**********" in ended.out


def test_check_config_refuses_what_a_notifier_cannot_use(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_WEBHOOK_URL", "https://example.com/hook")
    monkeypatch.setenv("TOCSIN_WEBHOOK_SECRET", f"not a secret {CANARY}")
    ended = run("check-config")

    assert ended.status == 2
    assert ended.err.startswith("tocsin: notifiers: ")
    assert CANARY not in ended.out + ended.err


@pytest.mark.parametrize(
    ("command", "variables", "said"),
    [
        ("check-config", {"TOCSIN_REPLICATION": "0"}, "TOCSIN_REPLICATION: Input should be greater"),
        ("check-config", {"TOCSIN_KAFAK": CANARY}, "TOCSIN_KAFAK: no such setting"),
        ("check-config", {"TOCSIN_WATCHLIST": "absent.yaml"}, "absent.yaml"),
        ("check-config", {"TOCSIN_WEBHOOK_SECRET_FILE": "absent"}, "absent"),
        ("replay absent.jsonl", {}, "absent.jsonl"),
        ("replay . ", {}, "Is a directory"),
        ("replay posts.csv --platform twitter", {}, "--platform twitter: known are x, weibo"),
        ("replay posts.csv --channel sms", {}, "--channel sms: known are microblog"),
        ("replay posts.csv --zone Mars/Olympus", {}, "--zone: "),
        ("replay posts.csv --topic rumours", {}, "--topic rumours: known are"),
        ("replay posts.csv", {}, "no column for the text"),
        ("feed posts.csv", {}, "no column for the text"),
        ("worker --stages lissen", {}, "TOCSIN_STAGES: "),
        ("migrate", {"TOCSIN_RETENTION_DAYS": "signal=9"}, "TOCSIN_RETENTION_DAYS: "),
        ("erase --author a --platform twitter", {}, "--platform twitter: known are x, weibo"),
        ("erase --author a --platform x", {}, "TOCSIN_PSEUDONYM_KEY: without it nobody knows"),
        ("erase --author a --reason fun", {}, "--reason fun: known are platform, gdpr, pipl, operator"),
        ("erase --author " + "a" * 257, {}, "--author: an account or an author key has 1 to 256 characters"),
        ("ack acme-mobil", {}, "no such brand: 'acme-mobil'; did you mean 'acme-mobile'?"),
        ("ack nobody", {}, "ack: no such brand: 'nobody'; known are acme-mobile"),
        ("ack acme-mobile --by \x1b[31mroot", {}, "--by has line breaks or control characters"),
        ("note acme-mobile " + "x" * 1_001, {}, "the text has 1001 characters; write at most 1000"),
        ("silence acme-mobile", {}, "write how long: --for 2h, or --until with a time"),
        ("silence acme-mobile --for 2h --until 2100-01-01", {}, "write how long: --for 2h, or --until with a time"),
        ("silence --for 2h", {}, "name a brand, or write --all"),
        ("silence acme-mobile --all --for 2h", {}, "name a brand, or write --all"),
        ("silence acme-mobile --for soon", {}, "--for: not a span: 'soon'; write 30m, 2h or 1d"),
        ("silence acme-mobile --until 2020-01-01", {}, "its end is past, or not after its beginning"),
        ("silence acme-mobile --for 31d", {}, "it ends more than 30 days from now"),
        ("silence acme-mobile --for 2h --severity bad", {}, "silence: Invalid enum value 'bad'"),
        ("silence acme-mobile --for 2h --detector mention_brust", {}, "did you mean 'mention_burst'?"),
        ("silence acme-mobile --for 2h --facet product:x", {}, "--facet 'product:x': "),
        ("maintenance --all --from 2020-01-01 --for 2h", {}, "its end is past"),
        ("why acme-mobile noon", {}, "TIME: not a time: 'noon'"),
        ("why acme-mobile -15x", {}, "TIME: not a time: '-15x'"),
        ("why acme-mobile -15m --log posts.csv", {}, "posts.csv: "),
        ("why acme-mobile -15m --log kafka --clickhouse http://x/", {}, "--clickhouse or --log, one of the two"),
        ("why acme-mobile -15m", {"TOCSIN_CLICKHOUSE": f"http://user:{CANARY}@127.0.0.1:1"}, "--log kafka"),
        ("why acme-mobile -15m", {"TOCSIN_CLICKHOUSE": "chdb:///absent"}, "no embedded ClickHouse in the directory"),
        ("route --brand acme", {}, "--brand 'acme': write 'acme-stay'"),
        ("route --brand acme-stay --severity high", {}, "--severity 'high': known are critical, error"),
        ("route --brand acme-stay --region taipei", {}, "--region 'taipei': there is none"),
        ("route --brand acme-stay --at soon", {}, "--at: not a time: 'soon'"),
        ("route --brand acme-stay", {"TOCSIN_ROUTING": "posts.csv"}, "posts.csv:1: "),
        ("check-config", {"TOCSIN_ROUTING": "absent.yaml"}, "absent.yaml"),
        ("callbacks", {}, "nothing to serve: set TOCSIN_DINGTALK_APP_SECRET or "),
        ("callbacks --listen here", {}, "--listen: write host:port"),
        ("dlq list --topic social.posts", {}, "--topic social.posts: known are social.posts.v1"),
        ("dlq list --reason bad", {}, "--reason bad: known are empty, invalid_json"),
        ("dlq list --since yesterday", {}, "--since: not a time: 'yesterday'"),
        ("dlq show social.posts.v1", {}, "write TOPIC/PARTITION/OFFSET"),
        ("dlq replay --topic social.brand-log.v1", {}, "cannot be replayed: totals that came later"),
        ("dlq replay --topic social.signals.v1", {}, "only social.posts.v1, social.pages.v1 can be replayed"),
        ("backtest --rules absent.yaml", {}, "absent.yaml"),
        ("backtest --rules posts.csv", {}, "posts.csv:1: "),
        ("backtest --rules LIST --from soon --minutes", {}, "--from: not a time: 'soon'"),
        ("backtest --rules LIST --from 1h --to 2h --minutes", {}, "--from is not before --to"),
        ("backtest --rules LIST --posts none.jsonl", {}, "none.jsonl"),
        ("backtest --rules LIST --posts empty.jsonl", {}, "no post lies in that span"),
        ("backtest --rules other.yaml --minutes", {}, "brands, words or buckets differ"),
        ("rules apply absent.yaml", {}, "absent.yaml"),
        ("rules apply posts.csv", {}, "posts.csv:1: "),
        ("rules apply --reason " + "long" * 300 + " posts.csv", {}, "posts.csv:1: "),
        ("migrate", {"TOCSIN_CLICKHOUSE": f"sqlite://{CANARY}"}, "TOCSIN_CLICKHOUSE: a ClickHouse URL is"),
        ("migrate", {"TOCSIN_CLICKHOUSE": f"http://user:{CANARY}@127.0.0.1:1"}, "TOCSIN_CLICKHOUSE: "),
    ],
)
def test_what_a_user_can_mend_is_said_in_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, variables: dict[str, str], said: str
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posts.csv").write_text("a,b\n", encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "other.yaml").write_text("brands: [{id: other, aliases: [other]}]", encoding="utf-8")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ended = run(*command.replace("LIST", str(WATCHLIST)).split())

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert ended.err.startswith("tocsin: ")
    assert said in ended.err
    assert CANARY not in ended.err


def test_replay_prints_the_same_alerts_each_time(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TOCSIN_POSTS_PARTITIONS", "1")
    monkeypatch.setenv("TOCSIN_BRAND_PARTITIONS", "1")
    file = str(complaints(tmp_path))
    first, second = (run("replay", file, "--settle", "5") for _time in range(2))
    alerts = [Decoder[Alert](Alert).decode(line.encode()) for line in first.out.splitlines()]

    assert first == second
    assert [alert.event for alert in alerts if isinstance(alert, Alert)][:1] == ["opened"]
    assert {alert.brand for alert in alerts if isinstance(alert, Alert)} == {"acme-mobile"}


def test_why_answers_from_a_file_and_knows_the_brands(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TOCSIN_POSTS_PARTITIONS", "1")
    monkeypatch.setenv("TOCSIN_BRAND_PARTITIONS", "1")
    file = str(complaints(tmp_path))
    paged, early, later, misspelt = (
        run("why", brand, moment, "--log", file)
        for brand, moment in (
            ("acme-mobile", "2024-01-01T18:00+01:00"), ("acme-mobile", "2024-01-01T10:01:30"),
            ("acme-mobile", "2024-01-09"), ("acme-mobil", "2024-01-01T10:01"),
        )
    )  # fmt: skip

    assert "Paged: first page of incident " in paged.out
    assert early.out.splitlines()[1].startswith("Seen: posts 1, negative")
    assert "not closed yet" in later.out
    assert (misspelt.status, "did you mean 'acme-mobile'?" in misspelt.err) == (2, True)


def test_topics_list_shows_the_whole_catalogue(run: Run):
    shown = run("topics", "list").out

    assert [topic.name for topic in TOPICS if topic.name not in shown] == []
