"""What every record has in common: an immutable struct, and the constrained scalars its fields are made of."""

from typing import Annotated

import msgspec
from msgspec import Meta

EARLIEST_MS = 946_684_800_000  # 2000-01-01; an older event time is a parsing mistake, not an old post
LATEST_MS = 4_102_444_800_000  # 2100-01-01; DateTime64 holds more, a sane clock does not
MAX_INT64 = 2**63 - 1

Millis = Annotated[int, Meta(ge=EARLIEST_MS, le=LATEST_MS, description="milliseconds since 1970, UTC")]
Count = Annotated[int, Meta(ge=0, le=MAX_INT64, description="a count; unknown is null, never 0")]
Offset = Annotated[int, Meta(ge=-1, le=MAX_INT64, description="offset in a partition; -1 before the first record")]
Partition = Annotated[int, Meta(ge=0, le=100_000, description="partition number")]
Uid = Annotated[str, Meta(min_length=1, max_length=256, description="identifier, unique within its kind")]
Name = Annotated[str, Meta(max_length=1_024, description="short text")]
Body = Annotated[str, Meta(max_length=65_536, description="plain text, NFC, HTML removed")]
Url = Annotated[str, Meta(max_length=8_192, description="never fetched")]
Score = Annotated[float, Meta(ge=0, le=1, description="probability or share in [0, 1]")]
Polarity = Annotated[float, Meta(ge=-1, le=1, description="-1 most negative, 1 most positive")]


class Record(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An immutable message. Fields may be added with a default; none is renamed or retyped within a version."""
