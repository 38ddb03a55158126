"""What every notifier that speaks HTTP sends: the same page again, within the limit, and no stranger's markup."""

import pytest
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from agents.notifiers._base import Delivered
from pipeline.page_text import page
from schemas.alert import Alert, Page
from tests.contract.notifying import HTTP, accepting, quoting
from tests.contract.targets import TARGETS

TEXTS = ('"' * 250 + "長" * 249, "長" * 499, "a\U0001f468" * 249, "&<>@*_" * 83, "\\" * 499)
LONG_LINK = "https://example.invalid/" + "a" * 1_900
INJECTED = (
    "<!channel> <!here> <@U024BE7LH> <https://evil.invalid|bank> <at id=all></at> <at user_id='all'>x</at> @all "
    "[click](https://evil.invalid) ![pixel](https://evil.invalid/p.png) <font color='warning'>x</font> **bold** "
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </div> `code` \u202e"
)

ASIDE = ("/tenant_access_token/internal", "/gettoken")

every_http = pytest.mark.parametrize("name", HTTP)


def bodies(server: HTTPServer) -> list[bytes]:
    """Of all requests but those for a token, which tell no page."""
    return [request.get_data() for request, _ in server.log if not request.path.endswith(ASIDE)]


@every_http
async def test_a_page_that_is_sent_again_is_the_same_page(name: str, httpserver: HTTPServer, sent: Page):
    notifier = accepting(httpserver, name)
    outcomes = [await notifier.send(sent), await notifier.send(sent)]
    first, *again = bodies(httpserver)

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert set(again) <= {first}


@every_http
async def test_every_page_of_an_incident_names_it(name: str, httpserver: HTTPServer, alert: Alert):
    notifier = accepting(httpserver, name)
    await notifier.send(page(alert, 1))
    await notifier.send(page(replace(alert, event="resolved", reason="quiet"), 2))

    assert all(alert.incident_id.encode() in body for body in bodies(httpserver))


@every_http
@pytest.mark.parametrize("text", TEXTS)
async def test_the_largest_page_fits_and_is_not_cut_within_a_character(
    name: str, httpserver: HTTPServer, alert: Alert, text: str
):
    target = TARGETS[name]
    outcome = await accepting(httpserver, name).send(page(quoting(alert, text, LONG_LINK), 1))
    sizes = [target.size(body) for body in bodies(httpserver)]

    assert isinstance(outcome, Delivered)
    assert 500 < max(sizes) <= target.largest
    assert all("\ufffd" not in body.decode() for body in bodies(httpserver))


@every_http
async def test_markup_in_strangers_words_is_not_obeyed(name: str, httpserver: HTTPServer, alert: Alert):
    target = TARGETS[name]
    hostile = replace(quoting(alert, INJECTED, "https://a.invalid/)[click](b"), brand=INJECTED)
    await accepting(httpserver, name).send(page(hostile, 1))
    parsed = [text for body in bodies(httpserver) for text in target.parsed(body)]
    obeyed = [live for live in target.live if any(live in text for text in parsed)]

    assert obeyed == []
    assert bool(parsed) == bool(target.live)


@pytest.mark.parametrize("name", [name for name in HTTP if name != "webhook"])  # which gets the record as it is
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.invalid/"])
async def test_only_web_links_can_be_clicked(name: str, httpserver: HTTPServer, alert: Alert, url: str):
    await accepting(httpserver, name).send(page(quoting(alert, "words", url), 1))

    assert all(url.encode() not in body for body in bodies(httpserver))
