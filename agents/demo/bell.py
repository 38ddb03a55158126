"""The demo's ear at the worker's terminal: rings each page's headline as it comes and keeps the page for the end."""

import threading
from collections.abc import Iterable

from rich.console import Console

FRAME = "─"


class Bell:
    """Reads what the terminal notifier writes, in a thread of its own."""

    def __init__(self, console: Console, output: Iterable[str]) -> None:
        self.pages: list[list[str]] = []  # lines of each page, the headline first
        self._console, self._output = console, output
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        inside = False
        for line in self._output:
            text = line.rstrip("\n")
            if text.startswith(FRAME):
                inside = " TOCSIN " in text
                if inside:
                    self.pages.append([])
            elif inside:
                if not self.pages[-1]:
                    self._console.print(f"🔔 {text}", markup=False, highlight=False, style="bold")
                self.pages[-1].append(text)
