"""``tocsin collect NAME``: one command for each file in ``agents/collectors``."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from agents import collectors
from pipeline.discover import names


class Collectors(TyperGroup):
    """The collectors there are; one is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # typer hides the type
        """Their names."""
        return names(collectors)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  # same
        """The command of one of them."""
        if cmd_name not in names(collectors):
            return None
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(import_module(f"{collectors.__name__}.{cmd_name}").COLLECTOR)
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=Collectors,
    no_args_is_help=True,
    help="Collect what a source sends, as it sends it, into social.raw.SOURCE.v1, until SIGTERM.",
)


@app.callback()
def collect() -> None:
    """Collect what a source sends, as it sends it, into social.raw.SOURCE.v1, until SIGTERM.

    A collector keeps its cursor in Kafka behind what is acknowledged: killed, it goes on where it was, on any machine.
    """
