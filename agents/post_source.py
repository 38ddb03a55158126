"""Opening a file of posts for ``feed`` and ``replay``: JSONL or CSV, sorted by event time, what is unusable said."""

import io
from collections.abc import Callable
from pathlib import Path

from pipeline.feed import Dated
from pipeline.post_files import CsvMap, Unusable, csv_posts, in_time_order, jsonl_posts

JSONL = frozenset({".jsonl", ".ndjson", ".json"})


def read_posts(path: Path, columns: CsvMap, on_unusable: Callable[[Unusable], None]) -> list[Dated]:
    """All posts of a file in order of event time.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the header has no text or time, or there are more posts than are sorted in memory.
    """
    if path.suffix.lower() in JSONL:
        with path.open("rb") as lines:
            return in_time_order(jsonl_posts(lines, path.name))
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as text:
        posts = []
        for item in csv_posts(text, columns, path.name):
            if isinstance(item, Unusable):
                on_unusable(item)
            else:
                posts.append(item)
        return in_time_order(posts)
