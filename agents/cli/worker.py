"""``tocsin worker``."""

from typing import Annotated

import typer

from agents.settings import STAGES, load


def worker(
    stages: Annotated[str, typer.Option(help=f"Stages to run, comma separated: {', '.join(STAGES)}.")] = "",
) -> None:
    """Run stages until SIGTERM. Every worker of one group shares the partitions; start as many as you need.

    Exit status 0 after a clean stop, 70 when something was in doubt: let your supervisor start it again, it resumes at
    its last checkpoint and nothing is lost. /healthz, /readyz and /metrics answer on TOCSIN_HTTP.
    """
    settings = load()
    chosen = tuple(stage.strip() for stage in stages.split(",") if stage.strip())
    settings = type(settings).model_validate({**settings.model_dump(), "stages": chosen}) if chosen else settings

    from agents.worker import main

    main(settings)
