"""Pages lead to a runbook where a target has a place for it."""

import json

import pytest
from pytest_httpserver import HTTPServer

from pipeline.page_text import page
from tests.contract.notifying import accepting, aimed, charger

BASE = "https://wiki.example.com/runbooks"
ADDRESS = f"{BASE}/complaint_volume.md"
TARGETS = ("alertmanager", "pagerduty")
PAGE = page(charger(), 1)


async def told(server: HTTPServer, name: str, **options: str) -> dict[str, object]:
    """What the target hears of the page."""
    accepting(server, name)
    notifier, _ = aimed(name, server.url_for("/"), **options)
    await notifier.send(PAGE)
    heard = json.loads(server.log[0][0].get_data())
    return heard[0] if isinstance(heard, list) else heard


async def test_alertmanager_gets_it_as_the_annotation_that_its_users_expect(httpserver: HTTPServer):
    heard = await told(httpserver, "alertmanager", runbook_url=BASE)

    assert heard["annotations"]["runbook_url"] == ADDRESS


async def test_pagerduty_gets_it_as_its_first_link_in_the_language_of_the_page(httpserver: HTTPServer):
    heard = await told(httpserver, "pagerduty", runbook_url=f"{BASE}/", language="zh")

    assert heard["links"][0] == {"href": ADDRESS, "text": "处置手册"}
    assert len(heard["links"]) > 1


@pytest.mark.parametrize("name", TARGETS)
async def test_without_runbooks_nothing_is_said_of_them(httpserver: HTTPServer, name: str):
    assert "runbook" not in json.dumps(await told(httpserver, name)).lower()


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_no_web_address_is_refused_by_the_name_of_its_setting(name: str):
    with pytest.raises(ValueError, match="runbook_url: write where the runbooks are"):
        aimed(name, "https://example.com/", runbook_url="javascript:alert(1)")
