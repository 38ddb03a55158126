"""Pages to whatever else Apprise knows (github.com/caronc/apprise): Telegram, Matrix, ntfy, SMS and a hundred more."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Self

from agents.notifiers._audience import Audience
from agents.notifiers._base import Delivered, Outcome, Retry
from pipeline.markup import wide
from pipeline.page_message import ACKNOWLEDGED, RESOLVED, Message
from pipeline.plain_text import plain_text
from schemas.alert import Page

THREADS = 4  # Apprise blocks; its threads are its own, so that a service that hangs delays no other notifier
TITLE_ROOM = 200  # characters; a service without titles gets it within the body
KINDS = MappingProxyType({
    "critical": "failure", "error": "failure", "warning": "warning", "info": "info", ACKNOWLEDGED: "info",
    RESOLVED: "success",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Apprise:
    """Apprise says whether it worked, not why it did not, so a failure is tried again. All services or none have it.

    It opens its own connections: the addresses are not held to what ``_egress`` allows. Redirects are not followed.
    """

    name: ClassVar[str] = "apprise"
    example: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"apprise_urls": "ntfys://ntfy.example.com/a-topic-nobody-guesses"}
    )

    services: Any = field(repr=False)  # apprise.Apprise, of an extra that need not be there
    room: int  # characters of a body
    audience: Audience
    threads: Executor = field(repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:  # noqa: ARG003  # every notifier is built alike
        """On if there are ``apprise_urls``, separated by spaces; needs the extra ``apprise``."""
        urls = options.get("apprise_urls", "").split()
        if not urls:
            return None
        services = _services(urls)
        room = min(service.body_maxlen for service in services) - TITLE_ROOM
        return cls(services, room, Audience.from_settings(options), ThreadPoolExecutor(THREADS, "apprise"))

    async def send(self, page: Page) -> Outcome:
        """One message to every service, in plain text."""
        told = self.audience.message(page)
        body = self.audience.fit(page, _body, lambda text: len(text) <= self.room)
        notify = partial(
            self.services.notify, title=wide(told.headline), body=body, notify_type=KINDS[told.tone], body_format="text"
        )
        taken = await asyncio.get_running_loop().run_in_executor(self.threads, notify)
        return Delivered("taken") if taken else Retry(None, "a service did not take it")


def _services(urls: list[str]) -> Any:  # noqa: ANN401  # apprise.Apprise
    try:
        import apprise  # noqa: PLC0415  # the extra may be missing
    except ImportError:
        raise ValueError('apprise_urls: needs the extra: pip install "tocsin[apprise]"') from None
    logging.getLogger("apprise").disabled = True  # its lines hold addresses and what services say
    asset = apprise.AppriseAsset(
        storage_mode=apprise.PersistentStoreMode.MEMORY, allow_templates=False, http_redirects=False
    )
    services = apprise.Apprise(asset=asset)
    for number, url in enumerate(urls, start=1):
        if not services.add(url):
            raise ValueError(f"apprise_urls: number {number} is no URL that Apprise knows, such as ntfys://host/topic")
    return services


def _body(told: Message) -> str:
    """Which markup a service obeys is not known, so all is taken out."""
    return plain_text(told.neutralised(wide))


NOTIFIER = Apprise
