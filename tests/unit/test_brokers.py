"""How Kafka is spoken to: what clients are told, and what is checked before a word is said."""

import re
import ssl
from pathlib import Path

import pytest
import trustme

from agents.brokers import Brokers, Security, connection

AGENTS = Path(__file__).parents[2] / "agents"
CLIENT = re.compile(r"\b(?:AIO)?Kafka(?:Consumer|Producer|AdminClient)\(\s*(\S*)")


@pytest.mark.parametrize("bootstrap", ["a:1,b:2", ["a:1", "b:2"], Brokers("a:1,b:2", Security())])
def test_without_security_clients_are_told_the_servers_alone(bootstrap: str):
    assert connection(bootstrap) == {"bootstrap_servers": ["a:1", "b:2"]}


def test_a_password_goes_with_tls_that_checks_certificate_and_host():
    told = connection(Brokers("a:1", Security("sasl_ssl", mechanism="SCRAM-SHA-512", user="me", password="pw")))
    context = told.pop("ssl_context")

    assert told == {
        "bootstrap_servers": ["a:1"], "security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me", "sasl_plain_password": "pw",
    }  # fmt: skip
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_our_certificate_is_shown_and_only_authorities_of_the_file_are_believed(tmp_path: Path):
    authority, (ca, ours) = trustme.CA(), (tmp_path / "ca.pem", tmp_path / "ours.pem")
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert("worker").private_key_and_cert_chain_pem.write_to_path(ours)
    context = connection(Brokers("a:1", Security("ssl", ca=str(ca), cert=str(ours))))["ssl_context"]

    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("name", ["ca", "cert"])
def test_a_file_that_is_missing_or_none_is_an_error_before_anything_is_sent(tmp_path: Path, name: str):
    (tmp_path / "none.pem").write_text("none", encoding="utf-8")
    for file in ("absent.pem", "none.pem"):
        with pytest.raises(OSError, match=file):
            connection(Brokers("a:1", Security("ssl", **{name: str(tmp_path / file)})))


def test_every_client_of_ours_is_told_how_kafka_is_spoken_to():
    opened = [
        (path.name, match[1]) for path in AGENTS.rglob("*.py") for match in CLIENT.finditer(path.read_text("utf-8"))
    ]

    assert len(opened) >= 9
    assert [one for one in opened if not one[1].startswith("**connection(")] == []
