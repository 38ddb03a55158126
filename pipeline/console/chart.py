"""The series of a chart: what was observed each minute and what was to be expected."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline.page_names import name
from pipeline.wording import Wording
from pipeline.wording.console import ConsoleWording

VOLUME = "complaint_volume"  # the detector whose expectation is one of complaints


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart needs of a closed minute; ``t`` is its start in ms since 1970."""

    t: int
    posts: int
    negatives: int
    complaints: int
    observed: Mapping[str, float]
    expected: Mapping[str, float]


def chart(
    minutes: Sequence[Minute], detectors: Sequence[str], words: Wording, console: ConsoleWording
) -> dict[str, Any]:
    """``t`` in seconds, and ``series``: complaints, posts, then what each of the ``detectors`` looks at.

    A value that nobody knows is null. Minutes are taken in the order of time.
    """
    ordered = sorted(minutes, key=lambda minute: minute.t)
    expected = [minute.expected.get(VOLUME) for minute in ordered]
    series = [
        _series(console.units["complaints"], [minute.complaints for minute in ordered], expected, console),
        _series(console.units["posts"], [minute.posts for minute in ordered], [None] * len(ordered), console),
    ]
    series += [
        _series(
            name(detector, words),
            [minute.observed.get(detector) for minute in ordered],
            [minute.expected.get(detector) for minute in ordered],
            console,
        )
        for detector in detectors
    ]
    return {"t": [minute.t // 1000 for minute in ordered], "series": series}


def _series(
    label: str, observed: Sequence[float | None], expected: Sequence[float | None], console: ConsoleWording
) -> dict[str, Any]:
    return {
        "label": label, "observed": observed, "expected": expected, "observed_label": console.observed,
        "expected_label": console.expected,
    }  # fmt: skip
