"""Pages on the terminal: a frame on the standard output, coloured only for a human's eyes."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Self, TextIO

from rich.console import Console
from rich.text import Text

from agents.notifiers import _base
from pipeline.languages import Language, said
from pipeline.quoting import one_line
from schemas.alert import Page

ANSWERED = MappingProxyType({"acknowledge": "blue", "resolve": "green"})
COLOURS = MappingProxyType({"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"})


@dataclass(frozen=True, slots=True)
class Terminal:
    """Writes pages to ``stream``, one after the other.

    A stopped terminal, or a pipe that nobody reads, blocks its writer for as long as it likes. So all that touches it
    is in a thread of its own: among the loop's, a few attempts would take all that others need to look up names.
    """

    name: ClassVar[str] = "terminal"
    example: ClassVar[Mapping[str, str]] = MappingProxyType({"terminal": "on"})

    stream: TextIO
    language: Language = "en"
    thread: Executor = field(default_factory=partial(ThreadPoolExecutor, 1, "terminal"), repr=False)

    @classmethod
    def from_settings(cls, options: Mapping[str, str], now_ms: Callable[[], int]) -> Self | None:  # noqa: ARG003  # every notifier is built alike
        """On if the setting ``terminal`` is "on"."""
        wanted = options.get("terminal") or "off"
        if wanted not in ("on", "off"):
            raise ValueError('terminal: write "on" or "off"')
        return cls(sys.stdout, _base.language(options)) if wanted == "on" else None

    async def send(self, page: Page) -> _base.Outcome:
        """Write one frame. What is given up before its turn is not written later."""
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, self._write, page)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            return _base.Retry(None, type(error).__name__)
        return _base.Delivered("written")

    def _frame(self, page: Page) -> str:
        """Its text. It may block as well: a console flushes its stream even where it only captures."""
        title, lines = said(page.title, self.language), said(page.body, self.language).split("\n")
        colour = ANSWERED.get(page.action, COLOURS[page.severity])
        console = Console(file=self.stream, force_terminal=self.stream.isatty(), highlight=False)
        with console.capture() as frame:
            console.rule("TOCSIN", style=colour)
            console.print(Text(one_line(title), style=colour))
            console.print(Text("\n".join(map(one_line, lines))), soft_wrap=True)  # a folded link cannot be followed
            console.rule(style=colour)
        return frame.get()

    def _write(self, page: Page) -> None:
        encoding = self.stream.encoding or "utf-8"
        self.stream.write(self._frame(page).encode(encoding, "replace").decode(encoding))
        self.stream.flush()


NOTIFIER = Terminal
