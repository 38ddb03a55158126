"""One address for all local web servers, and at the end of a run how long each part of the tests took."""

from collections import defaultdict
from pathlib import PurePosixPath

import pytest
from hypothesis import settings

SLOW = {"integration": 0, "browser": 1}  # parts, the slowest first


def pytest_configure() -> None:
    """No property fails because a kernel was compiled or the machine was busy."""
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no process waits for another in the end."""
    items.sort(key=lambda item: SLOW.get(part(item.nodeid), len(SLOW)))


def part(nodeid: str) -> str:
    """The folder below ``tests`` that a test is in."""
    folders = PurePosixPath(nodeid.partition("::")[0]).parts
    return folders[1] if len(folders) > 2 else "tests"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """The server is made once for all parts, whichever comes first."""
    return "127.0.0.1", 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seconds (set-up and tear-down included) and number of tests per part, above pytest's own last line."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: defaultdict[str, set[str]] = defaultdict(set)
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if isinstance(report, pytest.TestReport):
            seconds[part(report.nodeid)] += report.duration
            tests[part(report.nodeid)].add(report.nodeid)
    if tests:
        terminalreporter.section("time of each part")
    for name in sorted(tests, key=lambda name: -seconds[name]):
        terminalreporter.write_line(f"{name:<12} {seconds[name]:8.2f} s {len(tests[name]):6} tests")
