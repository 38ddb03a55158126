"""The options by which ``feed`` and ``replay`` are told what a CSV file means."""

from typing import Annotated, cast, get_args
from zoneinfo import ZoneInfo

import typer

from agents.cli.complaint import Complaint, complaining
from pipeline.post_files import CsvMap
from schemas.vocabulary import Channel, Platform

Text = Annotated[str, typer.Option("--text-column", help="Column of the text; default: found by its name.")]
Time = Annotated[str, typer.Option("--time-column", help="Column of the event time; default: found by its name.")]
Brand = Annotated[str, typer.Option("--brand-column", help="Column that names the brand, if any.")]
Author = Annotated[str, typer.Option("--author-column", help="Column of the author, if any.")]
Where = Annotated[str, typer.Option("--platform", help="Platform of all rows: x, weibo, forum, other...")]
Kind = Annotated[str, typer.Option("--channel", help="Channel of all rows: microblog, forum, review, call...")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of times that name none, such as Asia/Shanghai.")]


def csv_map(text: str, time: str, brand: str, author: str, platform: str, channel: str, zone: str) -> CsvMap:
    """The mapping the options ask for; what is empty is looked for in the header.

    Raises:
        Complaint: a platform, channel or zone is unknown.
    """
    for option, given, known in (("--platform", platform, Platform), ("--channel", channel, Channel)):
        if given not in get_args(known):
            raise Complaint(f"{option} {given}: known are {', '.join(get_args(known))}")
    with complaining("--zone", KeyError, ValueError):
        named = ZoneInfo(zone)
    return CsvMap(
        text=text or None, time=time or None, brand=brand or None, author=author or None,
        platform=cast("Platform", platform), channel=cast("Channel", channel), zone=named,
    )  # fmt: skip
