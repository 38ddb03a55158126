"""The first hop as plain as can be: each record is read, judged and weighed by itself. What batches must agree with."""

from collections.abc import Sequence
from zlib import crc32

import msgspec
import numpy as np

from pipeline.influence.endorsing import Endorser, Interactions
from pipeline.influence.formula import KIND_WEIGHTS
from pipeline.influence.identity import account_id
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.endorsement import Endorsements, Standing
from schemas.interaction import Interaction
from schemas.topics import ENDORSEMENTS

KINDS = ("repost", "share", "quote", "reply", "mention", "follow", "like", "reaction", "bookmark", "save")
Row = tuple[int, int, int, str, str, int, int, float, float, str, int]


def plain_rows(log: Sequence[LogRecord], partitions: int) -> list[list[Row]]:
    """Every endorsement that the records make, by partition."""
    endorser, rows = Endorser(), [list[Row]() for _ in range(partitions)]
    for record in log:
        said = _read(record)
        if isinstance(said, Standing):
            endorser.lift(account_id(said.author_key), said.trusted, said.at // 1000)
        elif said is not None:
            author, row = _row(endorser, said, record)
            if row[-4]:  # its weight
                rows[crc32(author.encode()) % partitions].append(row)
    return rows


def _read(record: LogRecord) -> Interaction | Standing | None:
    try:
        return msgspec.json.decode(record.value or b"", type=Standing)
    except msgspec.DecodeError:
        pass
    try:
        said = msgspec.json.decode(record.value or b"", type=Interaction)
    except msgspec.DecodeError:
        return None
    future = said.event_time > record.timestamp + 300_000
    nobody = said.actor is None or said.target_author_key is None or said.type not in KIND_WEIGHTS
    return None if future or nobody or said.op == "delete" else said


def _row(endorser: Endorser, said: Interaction, record: LogRecord) -> tuple[str, Row]:
    actor, author = said.actor, said.target_author_key
    assert actor is not None
    assert author is not None
    at = min(said.event_time, record.timestamp) // 1000
    account, proven = account_id(actor.author_key), actor.verified and actor.verified_kind == "media"
    worth = endorser.weigh(Interactions(
        np.array([account], np.uint64), np.array([account_id(author)], np.uint64), np.array([at], np.uint32),
        np.array([KIND_WEIGHTS[said.type]], np.float32), np.array([proven]),
        np.array([(actor.account_created_at or 0) // 1000], np.uint32),
    ))  # fmt: skip
    post = (crc32(said.target_uid.encode()) if said.target_uid else at // 3600) & 0xFFFF
    weighed = (int(worth.gap[0]), float(worth.weight[0]), float(worth.trust[0]))
    root = (said.target_uid or author) if said.type in ("repost", "share") else ""
    return author, (
        record.offset,
        at,
        account,
        author,
        said.brand or "",
        post,
        *weighed,
        root,
        KINDS.index(said.type) + 1,
    )


def told_rows(outputs: Sequence[Output], partitions: int) -> list[list[Row]]:
    """The endorsements in the blocks of a stage, by partition."""
    rows = [list[Row]() for _ in range(partitions)]
    for output in outputs:
        if output.topic == ENDORSEMENTS.name:
            block = msgspec.json.decode(output.value or b"", type=Endorsements)
            columns = (getattr(block, name) for name in Endorsements.__struct_fields__ if name != "source")
            rows[output.partition].extend(zip(*columns, strict=True))
    return rows
