"""Rows of a JSONL or CSV file become posts to append; a row that cannot is named, never raised and never lost."""

import csv
import hmac
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from pipeline.feed import Dated, dated, key_of
from pipeline.post_times import event_ms
from schemas.author import Author
from schemas.codec import Decoder, Malformed
from schemas.post import SocialPost
from schemas.record import EARLIEST_MS
from schemas.vocabulary import Channel, Platform

MAX_POSTS = 2_000_000  # sorted in memory, about 0.5 to 1 KB each

COLUMN_NAMES = {  # what the header calls a column, best first
    "text": ("text", "content", "body", "full_text", "message", "comment", "review", "内容", "正文", "文本", "评论"),
    "time": (
        "event_time", "tweet_created", "created_at", "published_at", "timestamp", "datetime", "time", "date",
        "发布时间", "时间",
    ),
    "brand": ("brand", "brands", "品牌"),
    "author": ("author_id", "author", "user_id", "user", "username", "user_name", "screen_name", "作者", "用户"),
    "id": ("id", "post_id", "tweet_id", "uid", "status_id"),
}  # fmt: skip
_POSTS: Decoder[SocialPost] = Decoder(SocialPost)


class Unusable(NamedTuple):
    """A row no post can be made of. ``row`` counts data rows from 1."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class CsvMap:
    """Which column holds what (None: look for it in the header), and what all rows have in common.

    ``zone`` is that of the times which name none.
    """

    text: str | None = None
    time: str | None = None
    brand: str | None = None
    author: str | None = None
    id: str | None = None
    platform: Platform = "other"
    channel: Channel = "microblog"
    zone: tzinfo = UTC

    def within(self, header: Sequence[str]) -> "CsvMap":
        """The same with the columns found. ValueError if a column named is absent, or there is no text or no time."""
        known = {name.strip().lower().replace(" ", "_"): name for name in reversed(header)}
        wanted: dict[str, str | None] = {role: getattr(self, role) for role in COLUMN_NAMES}
        absent = [column for column in wanted.values() if column and column not in header]
        for role, names in COLUMN_NAMES.items():
            wanted[role] = wanted[role] or next((known[name] for name in names if name in known), None)
        absent += [f"the {role}" for role in ("text", "time") if not wanted[role]]
        if absent:
            raise ValueError(f"no column for {', '.join(absent)}; the header is: {', '.join(header)}")
        return replace(self, **wanted)  # type: ignore[arg-type]  # the keys of COLUMN_NAMES are the five column fields


def csv_posts(lines: Iterable[str], columns: CsvMap, name: str, secret: bytes = b"") -> Iterator[Dated | Unusable]:
    """One post or Unusable per row of a CSV file that begins with its header (and with no byte order mark).

    A row without an id gets one from ``name`` and its number, so feeding the file again feeds the same posts; without
    an author, each post has an author of its own. Author keys are pseudonyms under ``secret``: with an empty one,
    anybody who knows an account can compute its key. Raises ValueError for a header without text or time.
    """
    rows = csv.DictReader(lines, restval="")
    columns = columns.within(rows.fieldnames or ())
    row = 0
    while True:
        row += 1
        try:
            item = _checked(_post(next(rows), columns, f"{name}:{row}", secret), row)
        except StopIteration:
            return
        except (ValueError, OverflowError, csv.Error) as error:
            item = Unusable(row, str(error))
        yield item


def _post(cells: Mapping[str, str], columns: CsvMap, origin: str, secret: bytes) -> SocialPost:
    text = _cell(cells, columns.text)
    if not text:
        raise ValueError("no text")
    native = _cell(cells, columns.id) or sha256(origin.encode()).hexdigest()[:24]
    uid = f"{columns.platform}:{native}"
    account = _cell(cells, columns.author)
    subject = f"{columns.platform}:{account}" if account else f"author of {uid}"
    brand = _cell(cells, columns.brand)
    return SocialPost(
        post_uid=uid,
        native_id=native,
        platform=columns.platform,
        channel=columns.channel,
        author=Author(author_key=hmac.digest(secret, subject.encode(), "sha256").hex()[:32]),
        text=text,
        brands=(brand,) if brand else (),
        event_time=event_ms(_cell(cells, columns.time), columns.zone),
    )


def _cell(cells: Mapping[str, str], column: str | None) -> str:
    return cells[column].strip() if column else ""


def _checked(post: SocialPost, row: int) -> Dated | Unusable:
    """The post, if the pipeline will read it."""
    ready = dated(post)
    read = _POSTS.decode(ready.value)
    return Unusable(row, read.detail) if isinstance(read, Malformed) else ready


def jsonl_posts(lines: Iterable[bytes], name: str) -> Iterator[Dated]:
    """Every line that is not blank, byte for byte: what is no SocialPost belongs in the dead letters.

    Such a line is keyed by its place in the file and dated like the post before it, or else like the first post.
    """
    time: int | None = None
    early: list[Dated] = []
    for number, line in enumerate(lines, 1):
        value = line.rstrip(b"\r\n").removeprefix(BOM_UTF8)
        if not value.strip():
            continue
        post = _POSTS.decode(value)
        if isinstance(post, SocialPost):
            time = post.event_time
            yield from (item._replace(event_ms=time) for item in early)
            early.clear()
            yield Dated(time, key_of(post), value)
        elif time is None:
            early.append(Dated(EARLIEST_MS, f"{name}:{number}".encode(), value))
        else:
            yield Dated(time, f"{name}:{number}".encode(), value)
    yield from early


def in_time_order(posts: Iterable[Dated]) -> list[Dated]:
    """Sorted by event time, equal times in the order given. Raises ValueError above ``MAX_POSTS``."""
    held = list(islice(posts, MAX_POSTS + 1))
    if len(held) > MAX_POSTS:
        raise ValueError(f"more than {MAX_POSTS:,} posts are not sorted in memory; split the file by time")
    return sorted(held, key=lambda post: post.event_ms)
