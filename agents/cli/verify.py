"""``tocsin verify``."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from agents.cli.complaint import complaining
from agents.settings import load


def verify(
    partition: Annotated[int | None, typer.Option(help="Only this partition of the brand log.", min=0)] = None,
) -> None:
    """Read the brand log again: it must decide every minute, finding, alert and page that stands, byte for byte.

    Begins where the log does, or at a kept checkpoint if the beginning has expired or was decided by the detectors of
    another version. Changes of rules are in the log, and shadow alerts are verified, too. Reads
    only; workers may go on. Exit status 1 if a record differs, or if nothing of a partition could be verified.
    """
    from aiokafka.errors import KafkaError

    from agents.checkpoints import StateLost
    from agents.verifying import LogChanged
    from agents.verifying import verify as verify_partitions
    from agents.watchlist_file import read_watchlist

    settings = load()
    watchlist, wanted = read_watchlist(settings.watchlist), () if partition is None else (partition,)
    columns = TextColumn("partition {task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    tasks: dict[int, TaskID] = {}
    with (
        complaining(f"Kafka at {settings.kafka}", KafkaError, LogChanged, StateLost),
        Progress(*columns, console=Console(stderr=True)) as bar,
    ):

        def on_read(number: int, done: int, total: int) -> None:
            if number not in tasks:
                tasks[number] = bar.add_task(str(number))
            bar.update(tasks[number], completed=done, total=total)

        results = asyncio.run(verify_partitions(settings.brokers, watchlist, wanted, on_read))
    for result in results:
        for line in result.lines():
            typer.echo(line)
    raise typer.Exit(0 if all(result.ok for result in results) else 1)
