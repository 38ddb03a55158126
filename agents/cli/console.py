"""``tocsin console``."""

from typing import Annotated

import typer

from agents.cli.complaint import complaining
from agents.settings import load


def console(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen; default: TOCSIN_CONSOLE_LISTEN.")
    ] = "",
) -> None:
    """The console: live incidents, their posts and causes, and answering them, in a browser.

    Reads ClickHouse (TOCSIN_CONSOLE_CLICKHOUSE, or that of the worker) and gives commands on TOCSIN_KAFKA. On loopback
    it asks nobody who they are; anywhere else it needs users, or a reverse proxy that names them:

      export TOCSIN_CONSOLE_USERS="mei:respond:$(openssl rand -hex 16)"

      tocsin console --listen 0.0.0.0:8324

    Roles: view looks, respond gives commands, admin sees the contents of dead letters, too. Put TLS in front of it.
    """
    from agents.console.server import NoSource, serve

    settings = load()
    if listen:
        settings = type(settings).model_validate({**settings.model_dump(), "console_listen": listen})
    with complaining("console", NoSource):
        serve(settings, lambda url: typer.echo(f"console at {url}"))
