"""A whole worker and the commands over a real Kafka with TLS and passwords; what is secret is seen nowhere."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from agents import topic_admin
from agents.brokers import Brokers, Security
from agents.feeding import producer
from deploy.kafka.broker import KafkaBroker, Secured, free_ports
from schemas.codec import encode
from schemas.topics import ALERTS
from tests.contract.notifying import charger
from tests.fakes.command_line import CANARY, WATCHLIST, Run, run_in_process  # noqa: F401  # a fixture
from tests.integration.stack import BRAND, POSTS, Stack

pytestmark = [pytest.mark.kafka, pytest.mark.embedded]
MECHANISM = "SCRAM-SHA-512"
HOOKS = ("WEBHOOK_URL", "SLACK_WEBHOOK_URL", "TEAMS_URL", "FEISHU_URL", "DINGTALK_URL", "WECOM_URL")
CANARIES = {
    **{f"TOCSIN_{name}": f"https://example.com/{CANARY}" for name in HOOKS},
    "TOCSIN_WEBHOOK_SECRET": f"whsec_{CANARY}{CANARY}", "TOCSIN_FEISHU_SECRET": CANARY,
    "TOCSIN_ALERTMANAGER_URL": f"https://user:{CANARY}@example.com", "TOCSIN_PSEUDONYM_KEY": CANARY,
    "TOCSIN_MASTODON_TOKEN": CANARY,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, the certificate of a broker at 127.0.0.1 with its key, and an authority that nobody trusts."""
    made = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (made / "broker.pem").write_bytes(pem + chain)
    authority.cert_pem.write_to_path(made / "ca.pem")
    trustme.CA().cert_pem.write_to_path(made / "other.pem")
    return made


@pytest.fixture(scope="module")
def kafka(real_kafka: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The plain and the secured address of one broker with all topics; made by the worker's own user."""
    assert real_kafka
    (port,) = free_ports(1)
    with KafkaBroker(secured=Secured(port, folder / "broker.pem", "tocsin", CANARY)) as broker:
        plain, secured = broker.start(), f"127.0.0.1:{port}"
        told = Security("sasl_ssl", ca=str(folder / "ca.pem"), mechanism=MECHANISM, user="tocsin", password=CANARY)
        topic_admin.create(Brokers(secured, told), topic_admin.Counts(POSTS, BRAND, 1))
        yield plain, secured


@pytest.fixture
def variables(kafka: tuple[str, str], folder: Path) -> dict[str, str]:
    """What a worker is told, the password in a file."""
    (folder / "password").write_text(f"{CANARY}\n", encoding="utf-8")
    return {
        "TOCSIN_KAFKA": kafka[1], "TOCSIN_KAFKA_SECURITY": "sasl_ssl", "TOCSIN_KAFKA_CA": str(folder / "ca.pem"),
        "TOCSIN_KAFKA_USER": "tocsin", "TOCSIN_KAFKA_PASSWORD_FILE": str(folder / "password"),
        "TOCSIN_POSTS_PARTITIONS": str(POSTS), "TOCSIN_BRAND_PARTITIONS": str(BRAND),
    }  # fmt: skip


@pytest.fixture
def told(variables: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, which knows the broker."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return run


def test_a_worker_owns_its_partitions_over_tls_and_shows_no_secret(
    kafka: tuple[str, str], variables: dict[str, str], tmp_path: Path
) -> None:
    stack = Stack(kafka[1], tmp_path, WATCHLIST, embedded=False)
    stack.environment |= variables | CANARIES
    try:
        stack.start()
        assert stack.worker is not None
        process = Path("/proc", str(stack.worker.pid), "cmdline")
        seen = process.read_bytes().decode() if process.exists() else ""
        for path in ("metrics", "healthz", "readyz"):
            seen += urllib.request.urlopen(f"http://{stack.http}/{path}", timeout=5).read().decode()
    finally:
        status = stack.stop()

    assert status == 0
    assert "tocsin_lag_records" in seen
    assert CANARY not in seen + stack.log.read_text(encoding="utf-8")


def test_commands_read_and_write_over_tls(kafka: tuple[str, str], told: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, now = producer([kafka[0]], None), int(time.time() * 1000)
    for age_s in (7200, 60):
        sender.send(ALERTS.name, encode(charger()), partition=0, timestamp_ms=now - age_s * 1000)
    sender.close()
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    recent = told("tail", "--since", "1h", "--no-follow")
    checked, listed, shown = told("topics", "check"), told("dlq", "list"), told("check-config")

    assert [one.status for one in (recent, checked, listed, shown)] == [0] * 4
    assert recent.out.count("[social.alerts.v1/0/") == 1
    assert CANARY not in "".join(one.out + one.err for one in (recent, checked, listed, shown))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("authority", "CERTIFICATE_VERIFY_FAILED"),
        ("host", "Hostname mismatch"),
        ("file", "absent.pem: [Errno 2] No such"),
    ],
)
def test_who_is_not_proven_is_not_spoken_to_and_the_doctor_says_why(
    kafka: tuple[str, str], folder: Path, told: Run, monkeypatch: pytest.MonkeyPatch, wrong: str, reason: str
) -> None:
    name, value = {
        "authority": ("TOCSIN_KAFKA_CA", str(folder / "other.pem")),
        "host": ("TOCSIN_KAFKA", kafka[1].replace("127.0.0.1", "localhost")),
        "file": ("TOCSIN_KAFKA_CA", str(folder / "absent.pem")),
    }[wrong]
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOCSIN_CLICKHOUSE", "http://127.0.0.1:1/tocsin")
    ended, looked = told("tail", "--no-follow"), told("doctor")

    assert (ended.status, ended.err.count("\n"), looked.status) == (2, 1, 1)
    assert reason in " ".join(looked.out.split())
    assert CANARY not in ended.err + looked.out


def test_who_has_another_password_is_refused(
    folder: Path, told: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "other").write_text("another", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_KAFKA_PASSWORD_FILE", str(folder / "other"))
    ended = told("tail", "--no-follow")

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "AuthenticationFailed" in caplog.text
    assert "another" not in ended.err + caplog.text
