"""Every page of the console in a browser: no stranger's script runs, everybody can read it, on a phone, too."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from clickhouse_connect.driver.client import Client
from playwright.sync_api import Browser, Error, Page, expect

from agents.clickhouse import connect
from agents.migrations import migrate
from tests.browser.hostile_store import ATTACKS, BRAND, INCIDENT, fill, more
from tests.browser.site import over

pytestmark = [pytest.mark.embedded, pytest.mark.browser]

PATHS = (
    "/incidents", f"/incidents/{INCIDENT}", "/brands", f"/brands/{quote(BRAND, safe='')}", "/influencers",
    f"/posts?words={quote(ATTACKS[1][:10])}", "/posts", "/dead-letters", "/health", "/login", "/nothing-here",
)  # fmt: skip
MANY, SHOWN = 230, 200
NARROWEST, SETTLED_MS = 320, 10_000  # CSS pixels of a phone; until charts have its width
FOREIGN = "script:not([src]), [onerror], [onload], [onfocus], iframe, style, base, meta[http-equiv], main img"


@pytest.fixture(scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The hostile store."""
    request.getfixturevalue("chromium")  # says plainly what is missing
    client = connect(f"chdb://{tmp_path_factory.mktemp('hostile')}?database=tocsin")
    migrate(client)
    fill(client, int(time.time() * 1000))
    yield client
    client.close()


@pytest.fixture(scope="module")
def site(store: Client) -> Iterator[str]:
    """The address of a console over the hostile store."""
    with over(store) as url:
        yield url


def opened(page: Page, url: str) -> None:
    """Go there, and wait until its chart is drawn."""
    page.goto(url)
    if page.locator("#chart").count():
        expect(page.locator("#chart[data-drawn=yes]")).to_be_visible()


class Visit(NamedTuple):
    """What was found on one page."""

    pwned: object
    asked: list[str]  # addresses that the browser asked for, and what scripts said
    foreign: int  # elements that only a stranger can have made
    links: list[str]  # that lead to no http(s) address
    faults: list[tuple[str, str]]  # serious ones of accessibility: rule, element
    width: int  # on the narrowest phone


@pytest.fixture(scope="module", params=PATHS)
def visit(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Visit:
    """Every page once."""
    with chromium.new_context(locale="en-GB") as context:
        page, asked = context.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "console", lambda said: said.type == "error" and "status of" not in said.text and asked.append(said.text)
        )
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        opened(page, site + request.param)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        links = re.findall(r'href="(?!https?://|/|#)[^"]*"', page.locator("main").inner_html())
        found = Axe().run(page).response["violations"]
        faults = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        page.set_viewport_size({"width": NARROWEST, "height": 800})
        with suppress(Error):  # a chart is drawn anew when the window has changed; what stays too wide is told
            page.wait_for_function(f"document.documentElement.scrollWidth <= {NARROWEST}", timeout=SETTLED_MS)
        return Visit(
            pwned=page.evaluate("window.pwned"),
            asked=[one for one in asked if not one.startswith(site)],
            foreign=page.locator(FOREIGN).count(),
            links=links,
            faults=faults,
            width=page.evaluate("document.documentElement.scrollWidth"),
        )


def test_no_word_of_a_stranger_becomes_markup(visit: Visit) -> None:
    assert (visit.pwned, visit.asked, visit.foreign, visit.links) == (None, [], 0, [])


def test_nobody_is_shut_out(visit: Visit) -> None:
    assert visit.faults == []


def test_a_phone_need_not_scroll_sideways(visit: Visit) -> None:
    assert visit.width <= NARROWEST


def test_the_attacks_are_there_to_be_read(site: str, page: Page) -> None:
    opened(page, f"{site}/incidents/{INCIDENT}")

    expect(page.locator("#posts")).to_contain_text(ATTACKS[0])
    expect(page.locator("#deliveries")).to_contain_text(ATTACKS[1])
    expect(page.locator("#head")).to_contain_text("onerror=window.pwned=1")


def test_who_endorsed_an_influencer_stands_there_in_words(site: str, page: Page) -> None:
    opened(page, f"{site}/influencers")

    expect(page.get_by_role("cell", name="0123456789abcdef… endorsed at").first).to_contain_text("added 0.5")


@pytest.mark.parametrize(
    ("locale", "spoken"), [("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-CN", "zh-Hans"), ("fr-FR", "en")]
)
def test_a_browser_is_answered_in_its_language_and_may_choose_another(
    site: str, chromium: Browser, locale: str, spoken: str
) -> None:
    with chromium.new_context(locale=locale, viewport={"width": NARROWEST, "height": 800}) as context:
        page = context.new_page()
        opened(page, f"{site}/incidents/{INCIDENT}")
        language = page.locator("html")
        expect(language).to_have_attribute("lang", spoken)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
        expect(page.locator(".session a[hreflang]")).to_have_count(2)
        other = page.locator(".session a[hreflang]").first
        wanted = other.get_attribute("hreflang")
        other.click()

        expect(language).to_have_attribute("lang", str(wanted))
        expect(page).to_have_url(f"{site}/incidents/{INCIDENT}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dark_and_light_can_be_read(site: str, chromium: Browser, scheme: str) -> None:
    with chromium.new_context(color_scheme=scheme, locale="zh-CN") as context:
        page = context.new_page()
        opened(page, f"{site}/incidents/{INCIDENT}")
        found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
        spoken = page.locator("html").get_attribute("lang")

    assert [fault["nodes"][0]["html"] for fault in found] == []
    assert spoken == "zh-Hans"


def test_the_keyboard_reaches_everything(site: str, page: Page) -> None:
    page.goto(f"{site}/incidents")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.wait_for_url("**/posts#words")

    expect(page.get_by_role("searchbox")).to_be_focused()


def test_an_order_that_cannot_be_given_says_why(site: str, page: Page) -> None:
    opened(page, f"{site}/incidents/{INCIDENT}")
    page.get_by_role("button", name="Acknowledge").click()

    expect(page.locator("#message .trouble")).to_contain_text("Kafka", timeout=30_000)
    expect(page.locator("#head")).to_contain_text("Nobody has it")


def test_two_hundred_open_incidents_stay_usable_and_the_rest_is_counted(site: str, store: Client, page: Page) -> None:
    more(store, MANY - 1, int(time.time() * 1000))
    page.goto(f"{site}/incidents")
    expect(page.locator(".incident")).to_have_count(SHOWN)
    first = page.locator(".incident").first
    expect(first).to_have_attribute("data-key", INCIDENT)
    expect(page.get_by_text(f"{MANY - SHOWN} more are open")).to_be_visible()
    page.keyboard.press("j")

    expect(first).to_be_focused()
