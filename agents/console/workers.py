"""How the workers are: what their health endpoints say, asked when somebody looks."""

import asyncio
from typing import Any, NamedTuple

import aiohttp

from agents.settings import Settings

PATIENCE_S = 2.0


class Worker(NamedTuple):
    """One health address and its stages by name; None where it does not answer."""

    address: str
    stages: dict[str, dict[str, Any]] | None


class Workers:
    """Those that the settings name."""

    def __init__(self, settings: Settings) -> None:
        named = settings.console_workers or settings.http
        self._addresses = [part.strip() for part in named.split(",") if part.strip()]

    async def look(self) -> list[Worker]:
        """Each worker now."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
            return list(await asyncio.gather(*(_look(session, address) for address in self._addresses)))


async def _look(session: aiohttp.ClientSession, address: str) -> Worker:
    try:
        async with session.get(f"http://{address}/healthz", allow_redirects=False) as reply:
            told = await reply.json()
            stages = told["stages"]
            return Worker(address, {str(name): dict(stage) for name, stage in stages.items()})
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError, AttributeError):
        return Worker(address, None)
