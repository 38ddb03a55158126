"""A page to send, and targets that take everything, whatever they speak."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Notifier
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.callback_post import Post
from tests.contract.mail_server import Mailbox, serving
from tests.contract.notifying import FACTORIES, HTTP, accepting, build, charger


@pytest.fixture
def alert() -> Alert:
    """A fire that has just begun."""
    return charger()


@pytest.fixture
def sent(alert: Alert) -> Page:
    """Its first page."""
    return page(alert, 1)


@pytest.fixture
def obliging(httpserver: HTTPServer) -> Iterator[Callable[[str], Notifier]]:
    """Makes the notifier of a name, whose target takes everything."""
    with ExitStack() as cleanup:

        def make(name: str) -> Notifier:
            if name in HTTP:
                return accepting(httpserver, name)
            options = dict(FACTORIES[name].example)
            if name == "email":
                options |= {"email_server": cleanup.enter_context(serving(Mailbox())), "email_tls": "none"}
            if name == "apprise":
                httpserver.expect_request("/apprise").respond_with_data("")
                options["apprise_urls"] = f"json://127.0.0.1:{httpserver.port}/apprise"
            return build(FACTORIES[name], options)

        yield make


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """Requests to callbacks that all have their secrets."""
    made = Post()
    async with TestClient(TestServer(made.server().application())) as client:
        made.client = client
        yield made
