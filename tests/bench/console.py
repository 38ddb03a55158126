"""How long a page of the console takes to show something, in a headless Chromium that was never there before."""

import shutil
import time
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.progress import track

from agents.clickhouse import connect
from agents.migrations import migrate
from tests.bench.report import Measure
from tests.browser.conftest import PROGRAMS
from tests.browser.hostile_store import INCIDENT, fill, more
from tests.browser.site import over

OPEN, ROUNDS = 200, 15
PAGES = {"incidents": "/incidents", "incident": f"/incidents/{INCIDENT}"}
PAINTED = """() => new Promise((done) => {
  const look = (list) => list.getEntriesByName("first-contentful-paint").forEach((one) => done(one.startTime));
  new PerformanceObserver(look).observe({type: "paint", buffered: true});
})"""


def measures() -> list[Measure]:
    """First contentful paint of the list of 200 open incidents, and of one of them with its chart and posts, ms.

    Raises:
        RuntimeError: there is no Chromium.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise RuntimeError("a Chromium is not installed. On Debian and Ubuntu: apt install chromium")
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    with TemporaryDirectory() as folder:
        store = connect(f"chdb://{folder}?database=tocsin")
        migrate(store)
        fill(store, int(time.time() * 1000))
        more(store, OPEN - 1, int(time.time() * 1000))
        with over(store) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for _ in track(range(ROUNDS), "console", console=Console(stderr=True)):
                for name, path in PAGES.items():
                    found[name].append(painted(browser, f"{url}{path}"))
            browser.close()
        store.close()
    return [Measure(f"console_first_paint_of_{name}_ms", "ms", runs) for name, runs in found.items()]


def painted(browser: Browser, url: str) -> float:
    """Milliseconds from asking for the page to its first words or pictures, nothing being in a cache."""
    with browser.new_context(locale="en-GB", viewport={"width": 1200, "height": 900}) as context:
        page = context.new_page()
        page.goto(url)
        return float(page.evaluate(PAINTED))
