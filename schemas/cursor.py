"""Where a collector goes on: kept in Kafka, so that it may move to another machine."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Millis, Record, Url

Position = Annotated[str, Meta(max_length=8_192, description="what the source understands: a time, an id, an ETag")]


class Cursor(Record, frozen=True, kw_only=True, omit_defaults=False):
    """All payloads of a stream before ``position`` are on its raw topic. Keyed by ``source/stream``."""

    VERSION: ClassVar[int] = 1

    schema_version: int = 1
    stream: Url
    position: Position
    at: Millis
