"""How far a pipe is read, told to a terminal."""

import sys
import time

import typer

_LARGE = 10_000  # answers from which on progress is told
_TELL_S = 0.5


class PipeProgress:
    """A line on standard error that tells how far a large input is read, unless the answers are on the terminal."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self.posts = self.unreadable = 0
        self._wanted = not sys.stdout.isatty()
        self._started = self._told = time.monotonic()

    def add(self, posts: int, unreadable: int) -> None:
        """Count answers; now and then tell a terminal."""
        self.posts, self.unreadable = self.posts + posts, self.unreadable + unreadable
        now = time.monotonic()
        if self._wanted and self.posts >= _LARGE and now - self._told >= _TELL_S and sys.stderr.isatty():
            self._told = now
            typer.echo(f"\r{self._text()}", err=True, nl=False)

    def end(self) -> None:
        """Tell the result of a large input, and of one with lines that could not be read."""
        if (self._wanted and self.posts >= _LARGE) or self.unreadable:
            start = "\r" if self._wanted and sys.stderr.isatty() else ""
            typer.echo(f"{start}{self._text()}; {self.unreadable:,} could not be read", err=True)

    def _text(self) -> str:
        rate = self.posts / max(time.monotonic() - self._started, 1e-3)
        return f"{self.posts:,} {self._noun}, {rate:,.0f} a second"
