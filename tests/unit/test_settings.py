"""Settings: every variable arrives, what is wrong is named, and no secret is ever shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from agents.settings import Settings, complaint, load

CANARY = "whsec_Y2FuYXJ5"
OTHER = {
    "kafka": "kafka-1:9092,kafka-2:9092", "group": "other", "stages": "listen, watch", "watchlist": "/etc/watch.yaml",
    "shadow_rules": "/etc/shadow.yaml", "routing": "/etc/routing.yaml",
    "clickhouse": "http://user:password@db:8123/other", "http": "0.0.0.0:1", "clickhouse_http": "127.0.0.1:2",
    "posts_partitions": "64", "brand_partitions": "12", "replication": "3", "checkpoint_s": "5.5",
    "watch_checkpoint_s": "1.5", "session_s": "30", "stuck_s": "90", "embedded_broker": "true", "log_level": "DEBUG",
    "webhook_url": "https://example.invalid/hook", "webhook_secret": CANARY, "webhook_allow_private": "10.0.0.0/8",
    "pagerduty_routing_key": "key", "pagerduty_url": "https://events.eu.pagerduty.com", "terminal": "off",
    "language": "zh", "text_weights": "clean", "crash_at": "outputs queued", "console_url": "https://tocsin.example.com",
    "runbook_url": "https://wiki.example.com/runbooks",
    "feishu_url": "https://example.invalid/feishu", "feishu_secret": "feishu", "feishu_app_id": "cli_1",
    "feishu_app_secret": CANARY, "feishu_chat_id": "oc_1", "feishu_api_url": "https://open.larksuite.com/open-apis",
    "feishu_buttons": "on", "wecom_corp_id": "ww01", "wecom_app_secret": CANARY, "wecom_app_agent": "1",
    "wecom_app_to": "@all", "wecom_api_url": "https://wecom.example.com/cgi-bin", "wecom_buttons": "on", "wecom_url": "https://example.invalid/w",
    "alertmanager_url": "https://example.invalid/am", "dingtalk_url": "https://example.invalid/ding",
    "dingtalk_secret": "SEC", "slack_webhook_url": "https://example.invalid/slack", "slack_bot_token": "xoxb-1",
    "email_server": "smtp.example.com:465", "email_tls": "tls", "email_user": "us3r", "email_password": "pa55word",
    "email_from": "a@example.com", "email_to": "b@example.com", "apprise_urls": "ntfys://ntfy.example.com/topic",
    "slack_bot_channel": "C1", "slack_buttons": "on", "slack_api_url": "https://slack-gov.com/api", "teams_url": "https://example.invalid/t",
    "pseudonym_key": CANARY, "pseudonym_key_id": "2026", "sources": "bluesky, email", "influence_seeds": "/etc/seeds",
    "kafka_security": "sasl_ssl", "kafka_sasl_mechanism": "PLAIN", "kafka_user": "us3r", "kafka_password": CANARY,
    "kafka_ca": "/etc/ca.pem", "kafka_cert": "/etc/us.pem", "kafka_key": "/etc/us.key", "kafka_key_password": CANARY,
    "mastodon_token": CANARY, "imap_password": CANARY, "receiver_secret": CANARY,
    "pagerduty_webhook_secret": CANARY, "slack_signing_secret": CANARY, "dingtalk_app_secret": CANARY,
    "feishu_encrypt_key": CANARY, "wecom_callback_secret": CANARY, "callback_secret": CANARY,
    "retention_days": "signals=90",
    "console_listen": "0.0.0.0:3", "console_clickhouse": "http://reader:password@db:8123/other",
    "console_users": f"mei:respond:{CANARY}-and-longer", "console_proxy_header": "X-User",
    "console_proxies": "10.0.0.1/32", "console_proxy_roles": "*:respond", "console_workers": "worker:8321",
}  # fmt: skip
KAFKA = {name: value for name, value in OTHER.items() if name.startswith("kafka_")}
NEEDED = ("pseudonym_key", "console_proxy_header", "console_proxies")  # without which some settings are refused
SECRETS = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]


def environ(**values: str) -> dict[str, str]:
    return {f"TOCSIN_{name.upper()}": value for name, value in values.items()}


def refusal(**values: str) -> str:
    with pytest.raises(ValidationError) as caught:
        load(environ(**values))
    return complaint(caught.value)


def test_every_setting_can_be_given_and_differs_from_its_default():
    given, default = load(environ(**OTHER)), load({})
    unchanged = [name for name in Settings.model_fields if getattr(given, name) == getattr(default, name)]

    assert unchanged == []


def test_variables_of_others_are_not_ours():
    assert load({"PATH": "/bin", "TOCSINX": "1"}) == Settings()


def test_stages_are_a_list_with_commas():
    assert load(environ(stages="listen, watch,")).stages == ("listen", "watch")


@pytest.mark.parametrize("name", OTHER)
def test_any_setting_may_stand_in_a_file_whose_last_newline_does_not_count(tmp_path: Path, name: str):
    file = tmp_path / "value"
    file.write_text(OTHER[name] + "\n", encoding="utf-8")
    others = environ(**{other: OTHER[other] for other in NEEDED}, **KAFKA)
    others.pop(f"TOCSIN_{name.upper()}", None)
    from_file = load({**others, f"TOCSIN_{name.upper()}_FILE": str(file)})

    assert from_file == load(others | environ(**{name: OTHER[name]}))


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="absent"):
        load({"TOCSIN_WEBHOOK_SECRET_FILE": str(tmp_path / "absent")})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("posts_partitions", "0"), ("posts_partitions", "many"), ("brand_partitions", "2000"), ("replication", "0"),
        ("checkpoint_s", "0"), ("watch_checkpoint_s", "-1"), ("session_s", "5"), ("stuck_s", "0"),
        ("embedded_broker", "perhaps"), ("stages", "listen,lissen"), ("stages", ","), ("log_level", "LOUD"),
        ("console_listen", "0.0.0.0:8324"), ("console_listen", "8324"), ("console_users", "mei:respond:short"),
        ("console_users", "mei:owner:0123456789abcdef"), ("console_proxies", "10.0.0.1/32"),
        ("console_proxy_roles", "mei"), ("console_proxies", "somewhere"),
        ("terminal", "yes"), ("language", "fr"), ("http", "8321"), ("clickhouse_http", "localhost"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_one_line_that_names_its_variable(name: str, value: str):
    said = refusal(**{name: value})

    assert said.startswith(f"TOCSIN_{name.upper()}: ")
    assert "\n" not in said


def test_all_that_is_wrong_is_named_at_once():
    assert refusal(replication="0", kafak="x:1").split("; ") == [
        "TOCSIN_REPLICATION: Input should be greater than or equal to 1",
        "TOCSIN_KAFAK: no such setting",
    ]


def test_a_stage_that_does_not_exist_is_told_those_that_do():
    assert "known are adapt, forget, listen, endorse, influence, spread, watch, store, page" in refusal(stages="lissen")


def test_a_secret_is_not_repeated_even_if_its_variable_is_misspelt():
    with pytest.raises(ValidationError) as caught:
        load(environ(webhook_secert=CANARY))

    assert CANARY not in str(caught.value) + repr(caught.value) + complaint(caught.value)


def test_what_may_hold_a_password_or_key_is_a_secret():
    assert SECRETS == [
        "console_clickhouse", "console_users",
        "webhook_url", "webhook_secret", "pagerduty_routing_key", "alertmanager_url", "slack_webhook_url",
        "slack_bot_token", "teams_url", "feishu_url", "feishu_secret", "feishu_app_secret",
        "dingtalk_url", "dingtalk_secret", "wecom_url", "wecom_app_secret", "email_user", "email_password",
        "apprise_urls", "kafka_user", "kafka_password", "kafka_key_password", "clickhouse", "pseudonym_key",
        "mastodon_token", "imap_password", "receiver_secret", "pagerduty_webhook_secret", "slack_signing_secret",
        "dingtalk_app_secret", "feishu_encrypt_key", "wecom_callback_secret", "callback_secret",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_shown_by_no_ordinary_means(name: str):
    given = OTHER[name] if CANARY in OTHER[name] else CANARY
    settings = load(environ(**KAFKA | {name: given}))
    shown = [str(settings), repr(settings), str(settings.model_dump()), settings.model_dump_json(), f"{settings!r:>9}"]

    assert not any(CANARY in text for text in shown)
    assert CANARY not in repr(settings.brokers) + repr(settings.brokers.security)
    assert getattr(settings, name).get_secret_value() == given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"kafka_security": "sasl_ssl", "kafka_user": "me"},
            "TOCSIN_KAFKA_SECURITY=sasl_ssl needs TOCSIN_KAFKA_PASSWORD",
        ),
        ({"kafka_password": CANARY}, "TOCSIN_KAFKA_PASSWORD: of no use with TOCSIN_KAFKA_SECURITY=plaintext"),
        ({"kafka_ca": "/ca.pem"}, "TOCSIN_KAFKA_CA: of no use with TOCSIN_KAFKA_SECURITY=plaintext"),
        ({"kafka_security": "ssl", "kafka_user": "me"}, "TOCSIN_KAFKA_USER: of no use with TOCSIN_KAFKA_SECURITY=ssl"),
        ({"kafka_security": "ssl", "kafka_key": "/us.key"}, "TOCSIN_KAFKA_KEY: of no use without TOCSIN_KAFKA_CERT"),
        ({"kafka_security": "sasl_plaintext"}, "TOCSIN_KAFKA_SECURITY: "),
    ],
)
def test_kafka_is_told_all_it_needs_and_nothing_that_would_go_unused(given: dict[str, str], said: str):
    assert said in refusal(**given)
    assert CANARY not in refusal(**given)


def test_notifiers_get_their_secrets_in_the_clear():
    options = load(environ(**OTHER)).notifier_options()

    assert {name: options[name] for name in options} == {name: OTHER[name] for name in options}
    assert options["webhook_secret"] == CANARY


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_crash_point_that_does_not_exist_is_refused():
    assert "a crash point is [stage: ]point[:nth]" in refusal(crash_at="after lunch")


def test_a_source_that_does_not_exist_is_told_those_that_do():
    assert "known are activitystreams, bluesky, " in refusal(sources="blusky", pseudonym_key=CANARY)


def test_nobody_adapts_a_source_without_a_secret_for_its_pseudonyms():
    assert "TOCSIN_PSEUDONYM_KEY" in refusal(sources="bluesky")
    assert load(environ(sources="bluesky,email,bluesky", pseudonym_key=CANARY)).sources == ("bluesky", "email")
