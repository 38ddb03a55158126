"""The command line. Settings come from TOCSIN_* variables; ``tocsin check-config`` shows them."""

import sys

import typer
from pydantic import ValidationError

from agents.cli import (
    adapt,
    backtest,
    callbacks,
    cascades,
    check_config,
    classify,
    collect,
    console,
    demo,
    detect,
    dlq,
    doctor,
    drill,
    erase,
    feed,
    influence,
    migrate,
    replay,
    respond,
    route,
    rules,
    tail,
    topics,
    train,
    verify,
    why,
    worker,
)
from agents.cli.complaint import Complaint
from agents.settings import complaint
from pipeline.watchlist_errors import WatchListError

app = typer.Typer(
    name="tocsin",
    help="Tocsin rings the bell: social posts in, one evidence-carrying page out. Start with `tocsin demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(demo.demo)
app.command()(worker.worker)
app.add_typer(topics.app, name="topics")
app.command()(migrate.migrate)
app.command()(check_config.check_config)
app.command()(feed.feed)
app.command()(replay.replay)
app.add_typer(collect.app, name="collect")
app.command()(adapt.adapt)
app.command()(classify.classify)
app.command()(console.console)
app.command()(detect.detect)
app.command()(influence.influence)
app.command()(cascades.cascades)
app.command()(train.train)
app.command()(verify.verify)
app.command()(backtest.backtest)
for order in (respond.ack, respond.silence, respond.unsilence, respond.maintenance, respond.resolve, respond.note):
    app.command()(order)
app.command(context_settings={"ignore_unknown_options": True})(why.why)  # -15m is a time
app.command()(tail.tail)
app.command()(route.route)
app.command()(drill.drill)
app.command()(callbacks.callbacks)
app.command()(doctor.doctor)
app.command()(erase.erase)
app.add_typer(rules.app, name="rules")
app.add_typer(dlq.app, name="dlq")


def main() -> None:
    """Run a command; what a user can mend is told in a line on standard error, with exit status 2."""
    try:
        app()
    except (Complaint, ValidationError, WatchListError, OSError) as error:
        text = complaint(error) if isinstance(error, ValidationError) else str(error)
        print(f"tocsin: {text}", file=sys.stderr)  # noqa: T201  # the command line speaks here
        sys.exit(2)
