"""A mailbox on loopback: as much of IMAP4rev1 as a reader needs."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

from agents.collectors.imap import Inbox

PASSWORD = 'a "secret" \\ password'
_QUOTED = '"a \\"secret\\" \\\\ password"'
_STEP = 3  # between UIDs: they are not consecutive in a mailbox that somebody tidies


def mail(number: int) -> bytes:
    """A message of RFC 5322."""
    return (
        f"Message-ID: <mail-{number}@example.invalid>\r\nFrom: Customer {number} <c{number}@example.invalid>\r\n"
        f"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nSubject: Complaint {number}\r\n\r\nIt broke {{3}} again.\r\n"
    ).encode()


class FakeMailbox:
    """Its messages are there from the beginning. ``answer`` is sent to every command instead, if there is one."""

    def __init__(self, count: int) -> None:
        self.ids = [f"mail-{number}" for number in range(count)]
        self.mails = {(number + 1) * _STEP: mail(number) for number in range(count)}
        self.cut_after = self.visits = self.overlap = 0
        self.validity = 7
        self.port = 0
        self.commands: list[str] = []
        self.greeting = b"* OK ready\r\n"
        self.answer: bytes | None = None
        self.denies = False
        self.sizes: dict[int, int] = {}  # what it says of messages, instead of the truth

    def stream(self) -> Inbox:
        """From the first message on."""
        return Inbox("127.0.0.1", "complaints", PASSWORD, port=self.port, every_s=0.01, since_ms=1, secure=False)

    def ids_of(self, value: bytes) -> list[str]:
        """The Message-ID."""
        return [value.partition(b"<")[2].partition(b"@")[0].decode()]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.visits += 1
        writer.write(self.greeting)
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                tag, _, command = line.decode().strip().partition(" ")
                self.commands.append(command)
                reply = self.answer if self.answer is not None else self._reply(command)
                if self.denies and command.startswith("LOGIN"):
                    writer.write(tag.encode() + b" NO [AUTHENTICATIONFAILED] wrong\r\n")
                    continue
                if reply is None:
                    writer.transport.abort()
                    return
                writer.write(
                    reply.replace(b"TAG", tag.encode(), 1) if self.answer else reply + tag.encode() + b" OK done\r\n"
                )
                await writer.drain()
        writer.close()

    def _reply(self, command: str) -> bytes | None:
        """The untagged answers; None hangs up."""
        if command.startswith("UID"):
            return self._listed(command) or self._fetched(command)
        last = max(self.mails, default=0) + 1
        return {
            "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
            f"LOGIN complaints {_QUOTED}": b"",
            'EXAMINE "INBOX"': b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n* OK [UIDNEXT %d] next\r\n"
            % (len(self.mails), self.validity, last),
        }.get(command)

    def _listed(self, command: str) -> bytes | None:
        """UIDs, or sizes."""
        if found := re.fullmatch(r"UID SEARCH(?: UID (\d+):(\d+))?(?: SINCE .*)?", command):
            first, last = int(found[1] or 1), int(found[2] or 2**32)
            return f"* SEARCH {' '.join(str(uid) for uid in self.mails if first <= uid <= last)}\r\n".encode()
        if found := re.fullmatch(r"UID FETCH ([\d,]+) \(UID RFC822.SIZE INTERNALDATE\)", command):
            return b"".join(
                b'* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE "22-Nov-2026 08:00:00 +0000")\r\n'
                % (uid, self.sizes.get(uid, len(self.mails[uid])))
                for uid in map(int, found[1].split(","))
            )
        return None

    def _fetched(self, command: str) -> bytes | None:
        """A message."""
        if self.cut_after:
            self.cut_after -= 1
            if not self.cut_after:
                return None
        uid = int(command.split()[2])
        return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, len(self.mails[uid]), self.mails[uid])


@contextlib.asynccontextmanager
async def open_source(count: int) -> AsyncIterator[FakeMailbox]:
    """The server while it runs."""
    source = FakeMailbox(count)
    server = await asyncio.start_server(source.serve, "127.0.0.1", 0)
    source.port = server.sockets[0].getsockname()[1]
    try:
        yield source
    finally:
        server.close()


SOURCE = open_source
