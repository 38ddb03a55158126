"""IMAP4rev1 (RFC 3501) by the standard library, bounded: no answer fills the memory, and no server holds a thread.

The calls block: they belong into a thread. ``close`` may be called from another one and ends them.
"""

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

ANSWER_CAP = 32 << 20  # bytes of all that answers one command
SOCKET_S = 30.0

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"UID (\d{1,12})")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class TooLongError(Exception):
    """The server answers a command with more than is read."""


class NotLetInError(Exception):
    """The server does not let us in. The text is for operators."""


class Found(NamedTuple):
    """A message of the mailbox."""

    uid: int
    size: int
    received_at: int | None  # ms since 1970


class _Client(imaplib.IMAP4):
    """Without TLS. ``sockets`` gets the socket before the server has said a word."""

    def __init__(self, sockets: list[socket.socket], *where: Any, **how: Any) -> None:  # noqa: ANN401  # of imaplib
        self._sockets, self.budget = sockets, ANSWER_CAP
        super().__init__(*where, **how)

    def open(self, *where: Any, **how: Any) -> None:  # noqa: ANN401  # of imaplib
        """Connect."""
        super().open(*where, **how)
        self._sockets.append(self.sock)

    def read(self, size: int) -> bytes:
        """A literal."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """A line."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise TooLongError(f"more than {ANSWER_CAP:,} bytes")


class _SecureClient(_Client, imaplib.IMAP4_SSL):
    """With TLS from the first byte on."""


class Mailbox:
    """A mailbox, opened for reading only: nothing is marked as seen."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._client: _Client | None = None
        self.validity = 0  # UIDVALIDITY: under another one, UIDs mean other messages
        self.next_uid = 0

    def connect(self, host: str, port: int, user: str, password: str, *, secure: bool) -> None:
        """Connect and log in.

        Raises:
            NotLetInError: user or password are wrong.
            OSError, imaplib.IMAP4.error: the server is away, or is no IMAP server.
        """
        if secure:
            context = ssl.create_default_context()
            self._client = _SecureClient(self._sockets, host, port, ssl_context=context, timeout=SOCKET_S)
        else:
            self._client = _Client(self._sockets, host, port, timeout=SOCKET_S)
        try:
            self._client.login(user, password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, ValueError):
            raise NotLetInError("the server takes neither this user nor the password") from None

    def examine(self, name: str) -> None:
        """Open a mailbox, or look again; sets ``validity`` and ``next_uid``."""
        kind, said = self._begin().select(f'"{name}"', readonly=True)
        if kind != "OK":
            raise NotLetInError(f"no mailbox {name!r}: {said!r:.200}")
        self.validity, self.next_uid = self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def uids(self, first: int, last: int) -> list[int]:
        """Those of the messages from UID ``first`` to ``last``."""
        return [uid for uid in self._search(f"UID {first}:{last}") if first <= uid <= last]

    def uids_since(self, day: date, first: int, last: int) -> list[int]:
        """Those of them that were received on that day or later."""
        since = f"SINCE {day.day:02}-{_MONTHS[day.month - 1]}-{day.year}"
        return [uid for uid in self._search(f"UID {first}:{last} {since}") if first <= uid <= last]

    def describe(self, uids: Sequence[int]) -> list[Found]:
        """Size and time of some messages; those that are gone are not among them."""
        lines = self._fetch(",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)")
        texts = [line for line in lines if isinstance(line, bytes)]
        found = [(_UID.search(line), _SIZE.search(line), _DATE.search(line)) for line in texts]
        return sorted(
            Found(int(uid[1]), int(size[1]), _milliseconds(date)) for uid, size, date in found if uid and size
        )  # fmt: skip

    def message(self, uid: int) -> bytes | None:
        """The whole message as it came; None if it is gone."""
        parts = self._fetch(str(uid), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)

    def close(self) -> None:
        """Leave, from any thread; whoever waits for the server gets an error."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _begin(self) -> _Client:
        if self._client is None:
            raise RuntimeError("connect first")
        self._client.budget = ANSWER_CAP
        return self._client

    def _number(self, name: str) -> int:
        said = self._begin().response(name)[1][0]
        if not isinstance(said, bytes) or not said.isdigit():
            raise imaplib.IMAP4.abort(f"the server tells no {name}")
        return int(said[:20])

    def _search(self, criterion: str) -> list[int]:
        kind, said = self._begin().uid("SEARCH", criterion)
        if kind != "OK":
            raise imaplib.IMAP4.abort(f"SEARCH: {said!r:.200}")
        return sorted(int(uid) for line in said if line for uid in line.split() if uid.isdigit() and len(uid) <= 10)  # noqa: PLR2004  # 32 bits

    def _fetch(self, uids: str, what: str) -> list[Any]:
        kind, said = self._begin().uid("FETCH", uids, what)
        if kind != "OK":
            raise imaplib.IMAP4.abort(f"FETCH: {said!r:.200}")
        return list(said)


def _milliseconds(found: re.Match[bytes] | None) -> int | None:
    try:
        moment = datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
    except ValueError:
        return None
    return int(moment.timestamp() * 1000) if moment else None
