"""A headless Chromium, and consoles for it: over a whole Tocsin that runs, and over a store that a test has filled."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from agents.embedded import free_address

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
READY_S = 60.0
PATIENCE_MS = 30_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where screenshots go; by default nowhere that is kept."""
    parser.addoption("--screenshots", metavar="FOLDER", help="write the screenshots of the documentation there")


@pytest.fixture
def screenshots(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder for them."""
    given = request.config.getoption("--screenshots")
    folder = Path(given) if given else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The Debian package's browser. Where it is missing: a skip, and a failure if CI=true.

    It ends with the module: while Playwright is there its event loop runs, and no test may have one of its own.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("a Chromium is not installed. On Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile of somebody who reads English."""
    with chromium.new_context(locale="en-GB", viewport={"width": 1200, "height": 900}) as made:
        made.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which no script may fail and no policy may be broken."""
    tab, wrong = context.new_page(), []
    tab.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    tab.on("console", lambda said: said.type == "error" and "status of" not in said.text and wrong.append(said.text))
    yield tab

    assert wrong == []


@contextmanager
def console(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """A console process with these variables; its address."""
    address = free_address()
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "agents", "console"], stdout=out, stderr=out,
            env={**environment, "TOCSIN_CONSOLE_LISTEN": address},
        )  # fmt: skip
    try:
        deadline = time.monotonic() + READY_S
        while not _answers(f"http://{address}/healthz"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the console is not ready"
            time.sleep(0.05)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False
