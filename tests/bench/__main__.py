"""``make bench``: every measurement in one run. No figure is asserted anywhere."""

import argparse
import time

from rich.console import Console

from tests.bench import document
from tests.bench.discovery import groups, measured
from tests.bench.report import DETAILS, LATEST, forget, keep, read, report, show, tell_missing
from tests.bench.sizes import FULL, QUICK

_console = Console(stderr=True)


def main() -> None:
    """Measure, print, write."""
    known = groups()
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=known, metavar="GROUP", help=f"of {', '.join(known)}; what others found stays"
    )
    parser.add_argument("--quick", action="store_true", help="so little that the figures mean nothing: does it work?")
    parser.add_argument("--keep", action="store_true", help="make what is there the baseline, and measure nothing")
    parser.add_argument(
        "--document", action="store_true", help="write docs/performance.md from what is there, and measure nothing"
    )
    given = parser.parse_args()
    if given.keep or given.document:
        keep() if given.keep else document.write()
        return
    if not given.only:
        forget()
    for name in given.only or known:
        began = time.monotonic()
        try:
            report(measured(known[name].measures, QUICK if given.quick else FULL))
        except Exception as error:  # noqa: BLE001  # what the other groups find is not lost by it
            _console.print(f"[red]{name}: left out:[/] {error!r}", highlight=False)
        _console.print(f"{name}: {time.monotonic() - began:.0f} s")
    show({**read(LATEST), **read(DETAILS)})
    tell_missing(read(LATEST))


if __name__ == "__main__":
    main()
