"""Giving the commands of responders who use the console: one at a time, in a thread, on a desk that stays open."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import structlog
from kafka.errors import KafkaError

from agents.commanding import Desk
from agents.feeding import EMBEDDED_API
from agents.settings import Settings
from schemas.command import Command
from schemas.decision import Decision

WAIT_S = 4.0  # for a worker's word
CONNECT_S = 2.0

_log = structlog.get_logger(__name__)


class NotGiven(Exception):  # noqa: N818  # named as what happened
    """The command is not in the log; the message says why."""


class Given(NamedTuple):
    """What became of a command: the words of the partitions that have answered, of so many that were asked."""

    decisions: list[Decision]
    asked: int


class Orders:
    """Gives commands on the broker of the settings. Say ``close`` when done."""

    def __init__(self, settings: Settings) -> None:
        self._brokers = settings.brokers
        self._api = EMBEDDED_API if settings.embedded_broker else None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="orders")
        self._desk: Desk | None = None

    async def give(self, command: Command) -> Given:
        """Append a command and hear what the workers decide.

        Raises:
            NotGiven: the broker is away or refuses.
        """
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._give, command)

    def _give(self, command: Command) -> Given:
        if not any(map(_reachable, self._brokers.split(","))):
            raise NotGiven(f"Kafka at {self._brokers} does not answer")
        try:
            desk = self._desk = self._desk or Desk(self._brokers, self._api)
            sent = desk.give(command)
            return Given(list(desk.answers(command, sent, WAIT_S)), len(sent))
        except KafkaError as error:
            _log.warning("command_not_given", kind=command.kind, error=repr(error)[:500])
            self._leave()
            raise NotGiven(f"Kafka: {error}") from error

    def _leave(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            desk.close()

    def close(self) -> None:
        """Close the connections."""
        self._executor.submit(self._leave)
        self._executor.shutdown(wait=True)


def _reachable(server: str) -> bool:
    """Whether somebody listens there: the driver takes half a minute to find out, too long for somebody who waits."""
    host, _, port = server.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_S):
            return True
    except (OSError, ValueError):
        return False
