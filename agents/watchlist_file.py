"""Reading the watch list from its file."""

from pathlib import Path

from pipeline.watchlist import WatchList, parse


def read_watchlist(path: Path) -> WatchList:
    """The watch list of a file.

    Raises:
        OSError: it cannot be read.
        WatchListError: it is wrong; the text names file, line and field.
    """
    return parse(path.read_text(encoding="utf-8"), str(path))
