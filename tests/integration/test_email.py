"""E-mails to a real SMTP server: threads, text and HTML, encryption, and what the server may answer."""

import asyncio
import ssl
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from agents.notifiers.email import Email
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.mail_server import Mailbox, serving
from tests.contract.notifying import charger, quoting

LOGIN = ("responder", "pa55word")
HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(1)></li>"><a href="javascript:alert(1)">x</a>\r\nBcc: a@b.c'
)


class Tags(HTMLParser):
    """All tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def alert() -> Alert:
    return charger()


@pytest.fixture
def sent(alert: Alert) -> Page:
    return page(alert, 1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1 in one file, signed by itself."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", f"{file}.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def email(email_server: str, **options: str) -> Email:
    settings = {
        "email_server": email_server, "email_tls": "none", "email_from": "tocsin@example.com",
        "email_to": "a@example.com, b@example.com", **options,
    }  # fmt: skip
    built = Email.from_settings(settings, lambda: 0)

    assert built is not None
    return built


async def answered(sent: Page, **refusals: str) -> Outcome:
    with serving(Mailbox(refusals)) as address:
        return await email(address).send(sent)


async def test_all_pages_of_an_incident_are_one_thread_that_nothing_answers(alert: Alert):
    mailbox = Mailbox()
    with serving(mailbox) as address:
        await email(address).send(page(alert, 1))
        await email(address).send(page(replace(alert, event="resolved", reason="quiet"), 2))
        await email(address).send(page(replace(alert, alert_id="a2", event="acknowledged", acknowledged_by="Li"), 1))
    first, second, answer = mailbox.messages

    assert first["Message-ID"] == "<incident.5d1f0c3a@example.com>"
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert answer["References"] == first["Message-ID"]
    assert answer["Subject"].startswith("👤 [ACKNOWLEDGED] lumo: Li has it")
    assert second["Message-ID"] not in {first["Message-ID"], None}
    assert {message["Auto-Submitted"] for message in mailbox.messages} == {"auto-generated"}
    assert first["Subject"] == f"🔴 {page(alert, 1).title['en']}"
    assert second["Subject"].startswith("🟢 [RESOLVED]")
    assert (first["Importance"], second["Importance"]) == ("high", "normal")
    assert first["To"] == "a@example.com, b@example.com"
    assert first["Date"].datetime.timestamp() * 1000 == alert.at


async def test_a_repeated_page_is_the_same_e_mail(sent: Page):
    mailbox = Mailbox()
    with serving(mailbox) as address:
        await email(address).send(sent)
        await email(address).send(sent)
    first, second = mailbox.messages

    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()


async def test_text_and_html_say_the_same_in_the_readers_language(sent: Page):
    mailbox = Mailbox()
    with serving(mailbox) as address:
        await email(address, language="zh", console_url="https://tocsin.example.com").send(sent)
    (message,) = mailbox.messages
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))

    for fact in (sent.title["zh"], "充电器刚插上就冒烟了", "最早之一", "https://tocsin.example.com/incidents/5d1f0c3a"):
        assert fact in text
        assert fact in html
    assert message["Content-Language"] == "zh"


async def test_strangers_words_are_neither_html_nor_headers(alert: Alert):
    mailbox = Mailbox()
    hostile = page(replace(quoting(alert, HOSTILE, "javascript:alert(1)"), brand=HOSTILE, incident_id=HOSTILE), 1)
    forged = replace(hostile, title=dict.fromkeys(hostile.title, HOSTILE))
    with serving(mailbox) as address:
        outcomes = [await email(address).send(one) for one in (hostile, forged)]
    tags = [tag for message in mailbox.messages for tag in Tags(message.get_body(("html",)).get_content()).found]

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert {name for name, _ in tags}.isdisjoint({"script", "img", "a"})
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert all(message["Bcc"] is None for message in mailbox.messages)


async def test_links_are_opened_without_telling_where_from(sent: Page):
    mailbox = Mailbox()
    with serving(mailbox) as address:
        await email(address).send(sent)
    links = [
        attributes
        for tag, attributes in Tags(mailbox.messages[0].get_body(("html",)).get_content()).found
        if tag == "a"
    ]

    assert [link["href"] for link in links] == ["https://example.invalid/p/1", "https://example.invalid/p/2"]
    assert all("noopener" in (link["rel"] or "") for link in links)


@pytest.mark.parametrize(("tls", "at_once"), [("starttls", False), ("tls", True)])
async def test_a_password_goes_out_encrypted_to_a_server_that_is_known(
    sent: Page, server_tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch, tls: str, at_once: bool
):
    mailbox = Mailbox(login=LOGIN)
    with serving(mailbox, server_tls, at_once=at_once) as address:
        options = {"email_tls": tls, "email_user": LOGIN[0], "email_password": LOGIN[1]}
        stranger = await email(address, **options).send(sent)
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        known = await email(address, **options).send(sent)
        wrong = await email(address, **options | {"email_password": "another"}).send(sent)

    assert isinstance(stranger, Retry)
    assert known == Delivered("taken for 2 of 2 recipients")
    assert set(mailbox.logins) == {LOGIN, (LOGIN[0], "another")}  # in more than one way
    assert isinstance(wrong, Refused)
    assert "another" not in wrong.detail


async def test_a_server_without_encryption_gets_nothing_if_encryption_is_wanted(sent: Page):
    mailbox = Mailbox()
    with serving(mailbox) as address:
        outcome = await email(address, email_tls="starttls").send(sent)

    assert isinstance(outcome, Retry)
    assert mailbox.contents == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_says_what_passes_and_what_lasts(sent: Page, command: str):
    assert isinstance(await answered(sent, **{command: "451 4.7.1 greylisted"}), Retry)
    assert isinstance(await answered(sent, **{command: "550 5.7.1 not from here"}), Refused)


async def test_one_recipient_that_may_be_taken_later_is_worth_another_try(sent: Page):
    later = {"a@example.com": "550 no such user", "b@example.com": "452 mailbox full"}

    assert isinstance(await answered(sent, **later), Retry)


async def test_how_many_recipients_were_taken_is_told_and_not_who(sent: Page):
    outcome = await answered(sent, **{"a@example.com": "550 no such user a@example.com"})
    refused = await answered(sent, RCPT="550 no such user a@example.com")

    assert outcome == Delivered("taken for 1 of 2 recipients")
    assert refused == Refused("SMTP 550 no such user ***")


@pytest.mark.parametrize(
    "greeting", [b"", b"\x00\xff garbage\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"220 " + b"x" * 100_000]
)
async def test_what_is_no_mail_server_is_a_passing_failure(sent: Page, greeting: bytes):
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        outcome = await email(f"{host}:{port}").send(sent)

    assert isinstance(outcome, Retry)


async def test_a_silent_server_is_given_up_in_time(sent: Page, monkeypatch: pytest.MonkeyPatch):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr("agents.notifiers.email.TIMEOUT_S", 0.05)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        outcome = await email(f"{host}:{port}").send(sent)

    assert isinstance(outcome, Retry)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"email_server": "smtp.example.com"}, "email_server: write host:port"),
        ({"email_tls": "ssl"}, "email_tls: write"),
        ({"email_from": ""}, "email_from: write one address"),
        ({"email_from": "a@example.com,b@example.com"}, "email_from: write one address"),
        ({"email_to": " , "}, "email_to: write addresses"),
        ({"email_to": "a@example.com\r\nBcc: b@example.com"}, "email_to: write addresses"),
        ({"email_user": "responder"}, "email_user, email_password: write both"),
        ({"email_user": "responder", "email_password": "x", "email_tls": "none"}, "email_tls: a password needs"),
    ],
)
def test_a_wrong_setting_is_explained(options: dict[str, str], complaint: str):
    with pytest.raises(ValueError, match=complaint):
        email(**{"email_server": "smtp.example.com:587"} | options)


def test_what_is_private_is_not_shown():
    shown = repr(email("smtp.example.com:587", email_tls="tls", email_user="us3r", email_password="pa55word"))

    assert not any(private in shown for private in ("us3r", "pa55word", "a@example.com"))
