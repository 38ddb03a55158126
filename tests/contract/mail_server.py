"""A real SMTP server on this machine that keeps what it is given and refuses as it is told to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from agents.embedded import free_address

OK = "250 OK"


class Mailbox:
    """``refusals`` has the answers that are not OK, by command or recipient; ``login`` who may come in."""

    def __init__(self, refusals: dict[str, str] | None = None, login: tuple[str, str] | None = None) -> None:
        self.refusals, self.login = refusals or {}, login
        self.contents: list[bytes] = []
        self.logins: list[tuple[str, str]] = []

    @property
    def messages(self) -> list[EmailMessage]:
        """What was delivered."""
        return [message_from_bytes(content, policy=policy.default) for content in self.contents]

    async def handle_MAIL(self, _s: SMTP, _c: Session, envelope: Envelope, sender: str, _options: object) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a sender, or refuse."""
        envelope.mail_from = sender
        return self.refusals.get("MAIL", OK)

    async def handle_RCPT(self, _s: SMTP, _c: Session, envelope: Envelope, address: str, _options: object) -> str:  # noqa: N802  # same
        """Take a recipient, or refuse."""
        refusal = self.refusals.get("RCPT") or self.refusals.get(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or OK

    async def handle_DATA(self, _s: SMTP, _c: Session, envelope: Envelope) -> str:  # noqa: N802  # same
        """Take an e-mail, or refuse."""
        if "DATA" not in self.refusals:
            assert isinstance(envelope.content, bytes)
            self.contents.append(envelope.content)
        return self.refusals.get("DATA", OK)

    def authenticate(self, _s: SMTP, _c: Session, _e: Envelope, _how: str, given: object) -> AuthResult:
        """Whether somebody may come in."""
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.logins[-1] == self.login, handled=False)


@contextmanager
def serving(mailbox: Mailbox, tls: ssl.SSLContext | None = None, *, at_once: bool = False) -> Iterator[str]:
    """The address of a server for ``mailbox``; with ``tls`` it demands STARTTLS, or speaks TLS ``at_once``."""
    host, _, port = free_address().rpartition(":")
    encryption = {"ssl_context": tls} if at_once else {"tls_context": tls, "require_starttls": tls is not None}
    login = {"authenticator": mailbox.authenticate, "auth_required": True} if mailbox.login else {}
    login |= {"auth_require_tls": not at_once}  # it knows of STARTTLS only
    server = Controller(mailbox, hostname=host, port=int(port), **encryption, **login)
    server.start()
    try:
        yield f"{host}:{port}"
    finally:
        server.stop()
