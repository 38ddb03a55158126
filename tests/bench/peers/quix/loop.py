"""Workload W on Quix Streams: ``windows`` by its windows and its state, ``state`` by dicts; no changelog topics."""

import sys
import tempfile
from collections.abc import Callable
from typing import Any

from fold import WINDOW_MS, Meter, Scores, Task, Windows, decayed, score, task, written
from quixstreams import Application, State
from quixstreams.dataframe.windows import Count, Sum

IDLE_S = 30.0  # it ends by itself if records are missing


class Run:
    """One application with what it has read."""

    def __init__(self, given: Task, folder: str) -> None:
        self.given, self.meter, self.read = given, Meter(), 0
        self.authors: dict[str, list[float]] = {}  # as last set in the library's state, for the report
        self.app = Application(
            broker_address=given.bootstrap, consumer_group=given.run, auto_offset_reset="earliest", state_dir=folder,
            auto_create_topics=False, use_changelog_topics=False, loglevel="WARNING", commit_interval=1.0,
            consumer_extra_config={"queued.min.messages": 100_000, "fetch.queue.backoff.ms": 1},
        )  # fmt: skip
        self.windows = self.app.topic(given.windows, value_serializer="bytes", key_serializer="bytes")

    def stream(self, topic: str) -> Any:  # noqa: ANN401  # a StreamingDataFrame
        """A topic by the time that its records tell."""
        timed: Callable[..., int] = lambda value, _headers, _timestamp, _type: value["ts"]  # noqa: E731  # a lambda is what it takes
        named = self.app.topic(topic, value_deserializer="json", timestamp_extractor=timed)
        return self.app.dataframe(named).update(self.count)

    def count(self, _value: object) -> None:
        """One record more."""
        self.meter.start()
        self.read += 1
        if self.read == self.given.events:
            self.app.stop()

    def by_windows(self) -> None:
        """The library's windows, and its state for scores."""
        scored = self.stream(self.given.posts).apply(
            lambda post: {"brand": post["brand"], "score": (total := score(post["text"])), "negative": int(total < 0)}
        )
        closed = scored.tumbling_window(WINDOW_MS, grace_ms=0).agg(
            posts=Count(), score=Sum("score"), negatives=Sum("negative")
        ).final()  # fmt: skip
        told = closed.apply(
            lambda window, key, _timestamp, _headers: written(
                key.decode() if isinstance(key, bytes) else key, window["start"] // WINDOW_MS, window["posts"],
                window["score"], window["negatives"],
            ), metadata=True,
        )  # fmt: skip
        told.to_topic(self.windows, key=lambda _value: b"")
        self.stream(self.given.interactions).update(self.author, stateful=True)

    def author(self, interaction: dict[str, Any], state: State) -> None:
        """One interaction into the score of its author."""
        at, held = interaction["ts"], state.get("score")
        weight = interaction["w"]
        now = [weight, at] if held is None else [decayed(held[0], held[1], at) + weight, at]
        state.set("score", now)
        self.authors[interaction["author"]] = now

    def by_state(self) -> None:
        """Windows and scores in dicts."""
        windows, scores = Windows(), Scores()
        self.authors = scores.held
        closed = self.stream(self.given.posts).apply(windows.add).filter(lambda window: window is not None)
        closed.to_topic(self.windows, key=lambda _value: b"")
        self.stream(self.given.interactions).update(scores.add)


def main() -> None:
    """Run until as many records were read as there are."""
    given = task()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(given, folder)
        run.by_windows() if sys.argv[2] == "windows" else run.by_state()
        run.app.run(timeout=IDLE_S)
        total = sum(decayed(value, int(since), given.end_ms) for value, since in run.authors.values())
        run.meter.report(run.read, len(run.authors), total)


if __name__ == "__main__":
    main()
