"""Notifiers built from their examples and pointed at a local server, and the page that they send."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Notifier, NotifierFactory
from agents.notifiers._egress import ALLOW
from agents.paging import factories
from pipeline.page_quotes import QUOTED
from schemas.alert import Alert
from schemas.codec import Decoder
from tests.contract.targets import TARGETS

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
NOW_MS = 1_795_312_500_000
ANYTHING = re.compile(".*")
FACTORIES = factories()
HTTP = [name for name, factory in FACTORIES.items() if any(key.endswith("_url") for key in factory.example)]


def charger() -> Alert:
    decoded = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(decoded, Alert)
    return decoded


def quoting(alert: Alert, text: str, url: str) -> Alert:
    """``alert`` with as many posts as a page quotes, all with this text and link."""
    posts = tuple(replace(alert.evidence[0], text=text, url=url, offset=n) for n in range(QUOTED))
    return replace(alert, evidence=posts)


def build(factory: NotifierFactory, options: Mapping[str, str]) -> Notifier:
    notifier = factory.from_settings(options, lambda: NOW_MS)

    assert notifier is not None
    return notifier


def aimed(name: str, url: str, **more: str) -> tuple[Notifier, dict[str, str]]:
    """The notifier pointed at ``url``, and its settings."""
    example = FACTORIES[name].example
    options = {key: url if key.endswith("_url") else value for key, value in example.items()}
    options |= {ALLOW: "127.0.0.1", **more}
    return build(FACTORIES[name], options), options


def answering(
    server: HTTPServer, name: str, status: int, headers: Mapping[str, str] | None = None, body: str = ""
) -> Notifier:
    server.expect_request(ANYTHING).respond_with_data(body, status=status, headers=headers or {})
    return aimed(name, server.url_for("/hook"))[0]


def accepting(server: HTTPServer, name: str) -> Notifier:
    """A notifier that speaks HTTP, whose target takes everything."""
    status, body = TARGETS[name].accepted
    return answering(server, name, status, body=body)
