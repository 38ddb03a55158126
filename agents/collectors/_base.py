"""What a collector is: streams of payloads as they came, each with the cursor from which it goes on."""

from asyncio import Future
from typing import Literal, NamedTuple, Protocol

Unusable = Literal["too_long", "malformed"]  # why a payload is left out
Reason = Literal[
    "closed",  # the source ended it
    "unreachable",  # no connection, or it broke
    "forbidden_address",  # the name leads into the own network
    "tls",
    "timeout",  # nothing came for too long
    "status",  # HTTP says no
    "refused",  # the source does not let us in
    "too_long",  # more than is read
    "malformed",  # breaks its protocol
    "failed",  # a defect of ours
]

LATER_S = 300.0  # before asking again somebody who said no


class Payload(NamedTuple):
    """What becomes one record of the raw topic.

    ``cursor`` is where to go on after it and all before it, None if it says nothing about that. ``at`` is when it
    happened by the source's clock, ms since 1970.
    """

    key: bytes
    value: bytes
    cursor: str | None = None
    at: int | None = None


class Interrupted(Exception):  # noqa: N818  # named as what happened
    """A stream ended. It is begun again at its cursor, not before ``after_s`` seconds have passed.

    ``detail`` is for operators and holds no secret.
    """

    def __init__(self, reason: Reason, detail: str, after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail, self.after_s = detail, after_s


class Outlet(Protocol):
    """The way of one stream to its raw topic."""

    async def put(self, payload: Payload) -> Future[None]:
        """Append, as soon as rate limit and broker allow; the result is its acknowledgement."""

    def reached(self, cursor: str) -> None:
        """Go on at ``cursor`` although no payload came, as soon as all before are acknowledged."""

    def heard(self) -> None:
        """The source gave a sign of life."""

    def refuse(self, reason: Unusable, detail: str) -> None:
        """A payload is left out."""


class Stream(Protocol):
    """One thing to collect: a firehose, a timeline, a feed, a mailbox."""

    @property
    def name(self) -> str:
        """What its cursor is kept under; unique within the source, the same after a restart."""

    async def collect(self, cursor: str | None, outlet: Outlet) -> None:
        """Put what comes from ``cursor`` on (None: from now on), until the source ends it.

        Raises:
            Interrupted: it broke.
        """
