"""Options that every collector has, and how they are read."""

import time
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Annotated

import typer

from agents.address_guard import Network
from agents.cli.complaint import Complaint, complaining
from agents.collecting.process import Running, main
from agents.collectors._base import Stream
from agents.settings import Settings
from pipeline.asked_times import moment_ms

HTTP = "127.0.0.1:8322"

From = Annotated[
    str, typer.Option("--from", metavar="CURSOR", help="Begin here, whatever is kept; progress shows cursors.")
]
Since = Annotated[
    str, typer.Option(metavar="TIME", help="Where to begin the first time: 2h, 1d or ISO 8601. Default: now.")
]
Rate = Annotated[float, typer.Option(min=0, help="At most so many payloads a second; 0: any.")]
Http = Annotated[str, typer.Option(metavar="HOST:PORT", help="/healthz, /readyz, /metrics; empty: nowhere.")]
Private = Annotated[
    list[str] | None,
    typer.Option("--allow-private", metavar="RANGE", help="Private addresses to connect to, such as 10.0.0.0/8."),
]


def since_ms(text: str) -> int | None:
    """The moment that ``--since`` means."""
    with complaining("--since", ValueError):
        return moment_ms(text, int(time.time() * 1000)) if text else None


def networks(given: Sequence[str] | None) -> tuple[Network, ...]:
    """The ranges of ``--allow-private``."""
    with complaining("--allow-private: write an address or a range such as 10.0.0.0/8", ValueError):
        return tuple(ip_network(one, strict=False) for one in given or ())


def run(settings: Settings, source: str, streams: Sequence[Stream], start: str, rate: float, http: str) -> None:
    """Collect until told to stop."""
    if len(streams) > 1 and start:
        raise Complaint("--from: a cursor belongs to one stream; collect this one by itself")
    main(settings, source, streams, Running(start=start or None, rate=rate, http=http))
