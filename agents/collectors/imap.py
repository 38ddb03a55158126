"""A mailbox by IMAP (RFC 3501): every message as it came, and nothing is marked as seen.

The cursor is UIDVALIDITY and the UID of the last message. Under another UIDVALIDITY the server has numbered its
messages anew, and all of them are collected again: they are one post each.
"""

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import structlog
import typer

from agents.cli.complaint import Complaint
from agents.collectors import _options
from agents.collectors._base import LATER_S, Interrupted, Outlet, Payload
from agents.collectors._imap_client import Found, Mailbox, NotLetInError, TooLongError
from agents.settings import load
from pipeline.adapting import LONGEST

PORT = 993
COMMAND_S = 60.0  # for the whole answer to a command
WINDOW = 20_000  # UIDs that are asked for at once
CHUNK = 200  # messages that are described at once
HEADERS_CAP = 64 << 10  # bytes in which a Message-ID is looked for
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inbox:
    """One mailbox of one account, looked at every ``every_s`` seconds."""

    host: str
    user: str
    password: str = field(repr=False)
    mailbox: str = "INBOX"
    port: int = PORT
    every_s: float = 30.0
    since_ms: int | None = None
    secure: bool = True
    command_s: float = COMMAND_S

    @property
    def name(self) -> str:
        """Account and mailbox."""
        return f"{self.user}@{self.host}/{self.mailbox}"

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:
        """Message after message, the oldest first; keyed by Message-ID."""
        mailbox = Mailbox()
        try:
            await self._call(self._connect, mailbox)
            while True:
                await self._call(mailbox.examine, self.mailbox)
                outlet.heard()
                last = await self._last(mailbox, cursor)
                async for found in self._news(mailbox, last):
                    last = found.uid
                    await self._take(mailbox, found, outlet)
                cursor = f"{mailbox.validity}:{last}"
                outlet.reached(cursor)
                await asyncio.sleep(self.every_s)
        finally:
            mailbox.close()

    def _connect(self, mailbox: Mailbox) -> None:
        mailbox.connect(self.host, self.port, self.user, self.password, secure=self.secure)

    async def _last(self, mailbox: Mailbox, cursor: str | None) -> int:
        """The UID behind which to begin."""
        if cursor is not None:
            validity, _, uid = cursor.partition(":")
            if int(validity) == mailbox.validity:
                return int(uid or 0)
            _log.warning("mailbox_renumbered", source="email", stream=self.name)
            return 0
        if self.since_ms is None:
            return mailbox.next_uid - 1
        day = datetime.fromtimestamp(self.since_ms / 1000, UTC).date()
        for first in range(1, mailbox.next_uid, WINDOW):  # imaplib reads no line of more than 1 MB
            if uids := await self._call(mailbox.uids_since, day, first, min(first + WINDOW, mailbox.next_uid) - 1):
                return min(uids) - 1
        return mailbox.next_uid - 1

    async def _news(self, mailbox: Mailbox, last: int) -> AsyncIterator[Found]:
        """What is behind ``last``, in order, described."""
        for first in range(last + 1, mailbox.next_uid, WINDOW):
            uids = await self._call(mailbox.uids, first, min(first + WINDOW, mailbox.next_uid) - 1)
            for start in range(0, len(uids), CHUNK):
                for found in await self._call(mailbox.describe, uids[start : start + CHUNK]):
                    if found.uid > last:
                        last = found.uid
                        yield found

    async def _take(self, mailbox: Mailbox, found: Found, outlet: Outlet) -> None:
        cursor = f"{mailbox.validity}:{found.uid}"
        if found.size > LONGEST:
            outlet.refuse("too_long", f"UID {found.uid}: {found.size:,} bytes")
            outlet.reached(cursor)
            return
        message = await self._call(mailbox.message, found.uid)
        if message:  # else it was removed meanwhile
            named = _MESSAGE_ID.search(message, 0, HEADERS_CAP)
            key = named[1] if named else f"{self.name}/{cursor}".encode()
            await outlet.put(Payload(key, message, cursor, found.received_at))

    async def _call(self, command: Callable[..., T], *arguments: object) -> T:
        """A blocking command in a thread; its failures by their kind."""
        try:
            async with asyncio.timeout(self.command_s):
                return await asyncio.to_thread(command, *arguments)
        except NotLetInError as error:
            raise Interrupted("refused", str(error), LATER_S) from error
        except TooLongError as error:
            raise Interrupted("too_long", str(error), LATER_S) from error
        except TimeoutError as error:
            raise Interrupted("timeout", f"no whole answer within {self.command_s:g} s") from error
        except ssl.SSLError as error:
            raise Interrupted("tls", f"{type(error).__name__}: {error}"[:300], LATER_S) from error
        except (imaplib.IMAP4.error, ValueError) as error:
            broken = "socket error" in str(error)  # imaplib tells the end of a connection so
            raise Interrupted(
                "unreachable" if broken else "malformed", f"{type(error).__name__}: {error}"[:300]
            ) from error
        except OSError as error:
            raise Interrupted("unreachable", f"{type(error).__name__}: {error}"[:300]) from error


def collect(
    host: Annotated[str, typer.Argument(metavar="HOST", help="The IMAP server, such as imap.example.com.")],
    user: Annotated[str, typer.Option(metavar="NAME", help="The account.")],
    mailbox: Annotated[list[str] | None, typer.Option(help="Default INBOX; may repeat.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TLS from the first byte on.")] = PORT,
    every: Annotated[float, typer.Option(min=5, help="Seconds between two looks.")] = 30,
    plain: Annotated[bool, typer.Option("--plain", help="Without TLS; for a proxy on this machine only.")] = False,
    start: _options.From = "", since: _options.Since = "", rate: _options.Rate = 100,
    http: _options.Http = _options.HTTP,
) -> None:  # fmt: skip
    """Collect the mails of a mailbox, for example of complaints@. Nothing there is changed or marked as seen.

    They go to social.raw.email.v1 as they come; a worker with TOCSIN_SOURCES=email adapts them. The password is in
    TOCSIN_IMAP_PASSWORD (or _FILE); where there is two-factor authentication, make an app password.

      tocsin collect imap imap.example.com --user complaints@example.com --since 7d

      tocsin collect imap imap.example.com --user me --mailbox INBOX --mailbox Support
    """
    settings = load()
    password = settings.imap_password.get_secret_value()
    if not password:
        raise Complaint("set TOCSIN_IMAP_PASSWORD, or TOCSIN_IMAP_PASSWORD_FILE to a file that holds it")
    if plain and host not in LOOPBACK:
        raise Complaint("--plain: the password would travel in the clear; it is for 127.0.0.1 only")
    if start and not re.fullmatch(r"\d{1,20}:\d{1,20}", start):
        raise Complaint("--from: write UIDVALIDITY:UID, as progress shows them")
    begin = _options.since_ms(since)
    streams = [
        Inbox(host, user, password, one, port, every, begin, secure=not plain) for one in mailbox or ["INBOX"]
    ]  # fmt: skip
    _options.run(settings, "email", streams, start, rate, http)


COLLECTOR = collect
