"""``tocsin demo``."""

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.complaint import complaining
from agents.demo.scenario import DEFAULT_SIZE


def demo(
    size: Annotated[int, typer.Option(help="Posts in the day that is replayed.", min=20_000)] = DEFAULT_SIZE,
    seed: Annotated[int, typer.Option(help="Another day: same script, other people.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Crisis live in the console until Ctrl-C.")] = False,
    folder: Annotated[Path | None, typer.Option("--dir", help="Where chDB lives; default: a temporary folder.")] = None,
) -> None:
    """A crisis in a minute, all on this machine: no account, no Docker, no Java.

    Starts a broker, one worker and ClickHouse (embedded), replays an ordinary day of three invented brands in
    simplified and traditional Chinese and English, lets a charger catch fire, and shows the page, the life of the
    incident and the numbers behind it.

    With --keep the day is not over: it is fed up to now, an hour into the crisis, and the rest comes as it happens.
    The console shows it; its address is printed.
    """
    from agents.demo.show import show
    from agents.embedded import NotReady
    from agents.embedded_broker import NotStarted

    with complaining("demo", NotReady, NotStarted):
        show(size=size, seed=seed, keep=keep, folder=folder)
