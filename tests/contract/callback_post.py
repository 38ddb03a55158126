"""A callback server over a brand log in memory, and requests to it."""

from aiohttp.test_utils import TestClient

from agents.callback_server import CallbackServer, known
from agents.watchlist_file import read_watchlist
from schemas.command import Command
from tests.contract.callback_examples import BRAND, EXAMPLES, INCIDENT
from tests.fakes.command_line import WATCHLIST

NOW = 1_795_312_500


class Post:
    """What was given, and what was said."""

    def __init__(self) -> None:
        self.given: list[Command] = []
        self.refusal: Exception | None = None
        self.now = float(NOW)
        self.client: TestClient | None = None

    def server(self, *without: str) -> CallbackServer:
        """A server with the secrets of all callbacks but these."""
        secrets = {one.secret: EXAMPLES[name].secret for name, one in known().items() if name not in without}
        return CallbackServer(secrets, read_watchlist(WATCHLIST), self._give, self._brand_of, lambda: self.now)

    async def _give(self, command: Command) -> None:
        if self.refusal:
            raise self.refusal
        self.given.append(command)

    async def _brand_of(self, incident: str) -> str:
        return BRAND if incident == INCIDENT else ""

    async def send(self, name: str, body: bytes, headers: dict[str, str], method: str = "POST") -> int:
        """The status of the answer."""
        assert self.client is not None
        query = {name[1:]: value for name, value in headers.items() if name.startswith("?")}
        sent = {name: value for name, value in headers.items() if not name.startswith("?")}
        reply = await self.client.request(method, f"/callbacks/{name}", data=body, headers=sent, params=query)
        self.said = (await reply.text())[:500]
        return reply.status

    async def genuine(self, name: str) -> int:
        """A request as the sender makes it."""
        example = EXAMPLES[name]
        body = example.body(NOW)
        return await self.send(name, body, example.signed(body, NOW))
