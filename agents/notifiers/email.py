"""Pages by e-mail, through a mail server of the operator's: STARTTLS or TLS, one thread for each incident."""

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Self

import aiosmtplib

from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from pipeline.page_mail import mail
from pipeline.quoting import clip
from schemas.alert import Page

TIMEOUT_S = 10.0  # for each command
SAID_LENGTH = 200  # of what a server says
LASTING = range(500, 600)  # RFC 5321, 4.2.1

_SERVER = re.compile(r"([\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[\w-]+(\.[\w-]+)*", re.ASCII)
_TLS = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class Email:
    """Certificates are checked against the machine's authorities. A password never goes out without TLS."""

    name: ClassVar[str] = "email"
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "email_server": "smtp.example.com:587",
            "email_tls": "starttls",
            "email_from": "tocsin@example.com",
            "email_to": "on-call@example.com, press@example.com",
        }
    )

    host: str
    port: int
    tls: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    audience: Audience
    authorities: ssl.SSLContext | None = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:  # noqa: ARG003  # every notifier is built alike
        """On if there is an ``email_server``; then ``email_from`` and ``email_to`` are needed as well."""
        if not options.get("email_server"):
            return None
        server, tls = _SERVER.fullmatch(options["email_server"]), options.get("email_tls") or _TLS[0]
        if not server:
            raise ValueError("email_server: write host:port, such as smtp.example.com:587")
        if tls not in _TLS:
            raise ValueError('email_tls: write "starttls" (port 587), "tls" (port 465) or "none"')
        user, password = options.get("email_user", ""), options.get("email_password", "")
        if bool(user) != bool(password):
            raise ValueError("email_user, email_password: write both, or none if the server asks for none")
        if password and tls == "none":
            raise ValueError('email_tls: a password needs "starttls" or "tls"')
        return cls(
            server[1].strip("[]"), int(server[2]), tls, user, password,
            _addresses("email_from", options.get("email_from", ""), most=1)[0],
            _addresses("email_to", options.get("email_to", "")),
            Audience.from_settings(options),
            None if tls == "none" else ssl.create_default_context(),
        )  # fmt: skip

    async def send(self, page: Page) -> Outcome:
        """One e-mail to all recipients; delivered means that the server has it for one of them at least."""
        message = mail(page, self.audience.message(page), self.audience.language, self.sender, self.recipients)
        try:
            refused, _ = await aiosmtplib.send(
                message, hostname=self.host, port=self.port,
                use_tls=self.tls == "tls", start_tls=self.tls == "starttls",
                username=self.user or None, password=self.password or None, timeout=TIMEOUT_S,
                tls_context=self.authorities, local_hostname=socket.gethostname(),
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = min(error.recipients, key=lambda recipient: recipient.code)  # one that may be taken later, if any
            return self._said(first.code, first.message)
        except aiosmtplib.SMTPResponseException as error:
            return self._said(error.code, error.message)
        except aiosmtplib.SMTPException as error:
            return Retry(None, self._public(f"{type(error).__name__}: {error.message}"))
        except OSError as error:
            return Retry(None, type(error).__name__)
        return Delivered(f"taken for {len(self.recipients) - len(refused)} of {len(self.recipients)} recipients")

    def _said(self, code: int, text: str) -> Outcome:
        detail = self._public(f"SMTP {code} {text}")
        return Refused(detail) if code in LASTING else Retry(None, detail)

    def _public(self, text: str) -> str:
        for private in filter(None, (self.password, self.user, *self.recipients)):
            text = text.replace(private, "***")
        return clip(text, SAID_LENGTH)


def _addresses(option: str, given: str, most: int = 100) -> tuple[str, ...]:
    addresses = tuple(filter(None, map(str.strip, given.split(","))))
    if not 0 < len(addresses) <= most or not all(_ADDRESS.fullmatch(one) for one in addresses):
        raise ValueError(f"{option}: write {'one address' if most == 1 else 'addresses'} such as on-call@example.com")
    return addresses


NOTIFIER = Email
