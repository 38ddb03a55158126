"""The words of answers to "why was I paged, or not?": what they consist of; one file per language."""

from collections.abc import Mapping
from typing import NamedTuple


class WhyWording(NamedTuple):
    """Templates for ``str.format``. What a template may name is a field of ``pipeline.why_text.Told``."""

    asked: str  # brand, start, end: the first line
    not_closed: str  # through
    nothing_closed: str
    before: str  # first
    silent: str  # nothing was posted
    counts: str  # posts, negatives, complaints, critical, authors
    missing: str  # sources
    detector: str  # detector, observed, expected, score
    alarm: str  # the same, of a detector over its threshold
    part_alarm: str  # facet, detector, observed, expected, score: an alarm of a part of the brand
    no_sign: str  # detectors
    separator: str  # between listed things
    decided: str
    undecided: str
    unjudged: str
    standing: str  # incident, severity, started
    standing_silence: str
    needed: str  # needs
    answers: str
    reasons: Mapping[str, str]  # reason -> what was decided
    commands: Mapping[str, str]  # command -> what it did
    ignored: str  # command, by, because
    needs: Mapping[str, str]  # reason -> what a page would have needed
    every_brand: str
    because: str  # text: what somebody gave as their reason, after a sentence
    worst: str  # what a page would have needed when severity cannot rise any more
