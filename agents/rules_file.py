"""A file of rules under a running worker: read again when it has changed and was left alone for one look since."""

from pathlib import Path

from agents.watchlist_file import read_watchlist
from pipeline.watchlist import WatchList

Stamp = tuple[int, int, int]


class RulesFile:
    """One file. ``watchlist`` is what was read last, None before the first time; what is broken changes nothing.

    A writer may be in the middle of it: half a file can be a valid list with other rules.
    """

    def __init__(self, path: Path, watchlist: WatchList | None) -> None:
        self.path, self.watchlist, self.problem = path, watchlist, ""
        self._read: Stamp | None = None
        self._seen: Stamp | None = None

    def look(self) -> bool:
        """Whether the file means something else since the last look; ``problem`` says what is wrong, if anything.

        Reads disk: call it in a thread.
        """
        try:
            return self._look()
        except OSError as error:
            self.problem, self._read = str(error), None
        except ValueError as error:
            self.problem = str(error)
        return False

    def _look(self) -> bool:
        stamp = self._stamp()
        if stamp == self._read:
            return False
        if stamp != self._seen:
            self._seen = stamp
            return False
        self._read = stamp
        found = read_watchlist(self.path)
        if self._stamp() != stamp:
            self._read = None
            return False
        changed, self.watchlist, self.problem = self.watchlist not in (None, found), found, ""
        return changed

    def _stamp(self) -> Stamp:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
