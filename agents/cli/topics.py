"""``tocsin topics create|check|list``."""

import typer
from rich.console import Console
from rich.table import Table

from agents.cli.complaint import complaining
from agents.settings import Settings, load

app = typer.Typer(help="Create, check and list the Kafka topics.", no_args_is_help=True)


def _counts(settings: Settings):  # type: ignore[no-untyped-def]  # noqa: ANN202  # its module is imported when needed
    from agents.topic_admin import Counts

    return Counts(settings.posts_partitions, settings.brand_partitions, settings.replication, settings.sources)


@app.command()
def create() -> None:
    """Create the topics that are missing, with partitions, retention and compaction from the catalogue.

    The partition count of the brand log is fixed for life: choose TOCSIN_BRAND_PARTITIONS before you start.
    """
    from kafka.errors import KafkaError

    from agents import topic_admin

    settings = load()
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        made = topic_admin.create(settings.brokers, _counts(settings))
    typer.echo("\n".join(f"created {name}" for name in made) or "all topics are there")


@app.command()
def check() -> None:
    """Compare the topics on the broker with the catalogue and the settings; exit status 1 if they differ."""
    from kafka.errors import KafkaError

    from agents import topic_admin

    settings = load()
    with complaining(f"Kafka at {settings.kafka}", KafkaError):
        problems = topic_admin.check(settings.brokers, _counts(settings))
    typer.echo("\n".join(problems) or "all topics are as they should be")
    raise typer.Exit(1 if problems else 0)


@app.command(name="list")
def show() -> None:
    """Show the catalogue: what is on each topic, its key, and how long it is kept."""
    from schemas.topics import DAY_MS, catalogue

    table = Table("topic", "records", "key", "kept", "about", title="Topics")
    for topic in catalogue(load().sources):
        records = ", ".join(record.__name__ for record in topic.records) or "blocks, manifests"
        kept = "latest per key" if topic.retention_ms is None else f"{topic.retention_ms // DAY_MS} days"
        table.add_row(topic.name, records, topic.keyed_by, kept, topic.about)
    Console().print(table)
