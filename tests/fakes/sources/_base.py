"""What a local source is, for the suite that holds every collector to its promises."""

from contextlib import AbstractAsyncContextManager
from ipaddress import ip_network
from typing import Protocol

from agents.collectors._base import Stream

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Source(Protocol):
    """A server that has some things to tell, one by one, and goes on from any cursor that it gave."""

    ids: list[str]  # of all that it has to tell
    cut_after: int  # payloads until it drops the connection, once; 0: never
    visits: int  # connections or polls
    overlap: int  # things that it may repeat behind a cursor

    def stream(self) -> Stream:
        """A collector's stream over all that the server has."""

    def ids_of(self, value: bytes) -> list[str]:
        """What a payload tells."""


class Opening(Protocol):
    """``SOURCE`` of a module: a server with so many things to tell, that runs inside of the context."""

    def __call__(self, count: int) -> AbstractAsyncContextManager[Source]:
        """Start it."""
