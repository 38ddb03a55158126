"""``tocsin adapt``."""

import csv
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli import columns
from agents.cli.complaint import Complaint
from agents.cli.pipe_progress import PipeProgress

if TYPE_CHECKING:
    from pipeline.channels._base import Adapter, Receipt
    from pipeline.channels._field_map import FieldMap

_STDIN = 0
_BATCH = 1_000
_TRIAL_KEY = b"a key for trying out, known to everybody"

Source = Annotated[str, typer.Option(metavar="NAME", help="Who sent the payloads; without it, the known sources.")]
Mapped = Annotated[
    list[str] | None, typer.Option("--field", metavar="ROLE=NAME", help="csv, jsonl: the field of a role; may repeat.")
]
Document = Annotated[bool, typer.Option("--document", help="Standard input is one document (mail, feed), not lines.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit status 1 if a payload was rejected.")]


def adapt(
    source: Source = "", field: Mapped = None, document: Document = False, strict: Strict = False,
    platform: columns.Where = "other", channel: columns.Kind = "microblog", zone: columns.Zone = "UTC",
) -> None:  # fmt: skip
    """Turn what a channel sends into canonical records: JSON lines in, JSON lines out.

    A line in is a payload as the source sends it; XML, mails and feeds as
    a JSON string. Each line out is one record: "record" is post,
    interaction, tombstone, or rejected with a reason that names the field.

    Try it:

      echo '{"id": "1212092628029698048", "text": "It caught fire"}' |
        tocsin adapt --source x_v2

      tocsin adapt --source rss --document < feed.xml

      tocsin adapt --source csv --field text=Comment < comments.csv

    What a record has no field for is in its "extra". Accounts become author
    keys under the secret TOCSIN_PSEUDONYM_KEY; without it a key that
    everybody knows is used, which is good for trying out only.

    Roles of --field: text, title, id, time, author, author_name, followers,
    url, lang, brand, parent, keywords, likes, reposts, replies, views,
    rating, region.
    """
    from pipeline.adapting import adapters

    known = adapters()
    if source not in known:
        raise Complaint(f"--source {source}: known are {', '.join(known)}")
    rejected = _stream(source, known[source], _receipt(_field_map(field or [], platform, channel, zone)), document)
    if rejected and strict:
        raise typer.Exit(1)


def _field_map(given: list[str], platform: str, channel: str, zone: str) -> "FieldMap":
    from pipeline.channels._field_map import USUAL, FieldMap

    fields = {}
    for one in given:
        role, _, name = one.partition("=")
        if role not in USUAL or not name:
            raise Complaint(f"--field {one}: write ROLE=NAME with a role of {', '.join(USUAL)}")
        fields[role] = name
    common = columns.csv_map("", "", "", "", platform, channel, zone)
    return FieldMap(fields, common.platform, common.channel, zone=common.zone)


def _receipt(rows: "FieldMap") -> "Receipt":
    from agents.settings import load
    from pipeline.channels._base import Receipt

    settings = load()
    secret = settings.pseudonym_key.get_secret_value().encode()
    if not secret:
        typer.echo("Author keys are made with a public key, for trying out; set TOCSIN_PSEUDONYM_KEY.", err=True)
    now = int(time.time() * 1_000)
    return Receipt(now, secret or _TRIAL_KEY, settings.pseudonym_key_id if secret else "trial", rows=rows)


def _stream(source: str, adapter: "Adapter", receipt: "Receipt", document: bool) -> int:
    """Adapt standard input until it ends or nobody reads the answers; how many payloads were rejected."""
    from pipeline.adapted_lines import Lines

    if os.isatty(_STDIN):
        typer.echo("Reading payloads from this terminal, one a line; Ctrl-D ends.", err=True)
    progress, lines, output = PipeProgress("payloads"), Lines(source, adapter, receipt), sys.stdout.buffer
    try:
        for payloads in _payloads(source, document):
            answers, rejected = lines.adapted(payloads)
            output.write(b"".join(answers))
            output.flush()
            progress.add(len(payloads), rejected)
    except BrokenPipeError:  # nothing must be flushed to it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    progress.end()
    return progress.unreadable


def _payloads(source: str, document: bool) -> Iterator[list[bytes | None]]:
    """Payloads in batches; None for one that is too long for the memory."""
    from agents.cli.standard_input import batches
    from pipeline.adapting import LONGEST

    if document:
        yield [sys.stdin.buffer.read(LONGEST + 1)]
    elif source == "csv":
        yield from _rows()
    else:
        yield from batches(_STDIN, _BATCH, LONGEST)


def _rows() -> Iterator[list[bytes | None]]:
    """Rows of a CSV file, or lines of JSON if the first line is some."""
    from itertools import chain

    import msgspec

    first = sys.stdin.readline()
    try:
        msgspec.json.decode(first)
    except (msgspec.DecodeError, UnicodeError):
        table = csv.DictReader(chain([first.removeprefix("\ufeff")], sys.stdin), restkey="beyond the header")
        for row in table:
            yield [msgspec.json.encode({name: value for name, value in row.items() if value is not None})]
    else:
        for line in chain([first], sys.stdin):
            yield [line.encode("utf-8", "surrogateescape")]
