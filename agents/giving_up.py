"""How a process ends that is in doubt: at once, with a reason and a status that asks a supervisor for a restart."""

import os
import sys
from typing import NoReturn

import structlog

FAILED = 70  # exit status: something is in doubt, restart me

_log = structlog.get_logger(__name__)


def give_up(reason: str, event: str = "worker_gives_up") -> NoReturn:
    """End the process at once: nothing acknowledged is lost, and a restart begins where all was safe."""
    _log.critical(event, reason=reason)
    sys.stderr.flush()
    os._exit(FAILED)
