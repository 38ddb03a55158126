"""Why was I paged, or not? What the records say about one closed minute of a brand, in plain words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.figures import amount, clock, moment, share
from pipeline.parts import STEP_S
from pipeline.quoting import clip
from pipeline.why_text import SHORT, WORDS, name, needed, part, told
from schemas.alert import Alert
from schemas.command import EVERY_BRAND
from schemas.decision import Decision
from schemas.finding import Finding
from schemas.minute import Minute

NEARBY_MS = 3_600_000  # answers given so long before or after belong to the story
MOST_ANSWERS = 12
PARTS_MS = STEP_S * 1000
LEAST = 0.01  # of a detector's threshold; one below it has seen no sign

_DONE = ("applied", "ignored")


class Question(NamedTuple):
    """One minute of one brand."""

    brand: str
    start: int  # ms
    bucket: int  # length of a minute, ms

    @property
    def end(self) -> int:
        """End of the minute, ms."""
        return self.start + self.bucket


class Known(NamedTuple):
    """What is on record. Alerts and decisions may be of any time, in any order."""

    first: int = 0  # start of the first minute that is kept, of any brand, ms; 0: none
    closed: int = 0  # minutes before this are closed, ms; 0: none
    minute: Minute | None = None
    decisions: Sequence[Decision] = ()  # of the brand and of every brand
    alerts: Sequence[Alert] = ()  # of the brand
    findings: Sequence[Finding] = ()  # of its parts


def explain(asked: Question, known: Known, language: str) -> list[str]:
    """The answer, line by line."""
    words = WORDS[language]
    brand, ends = clip(asked.brand, SHORT), clock(asked.end, asked.start)
    lines = [words.asked.format(brand=brand, start=moment(asked.start), end=ends)]
    if known.minute is None and asked.end > known.closed:
        open_yet = words.not_closed.format(through=moment(known.closed)) if known.closed else words.nothing_closed
        return [*lines, open_yet]
    if known.minute is None and asked.end <= known.first:
        return [*lines, words.before.format(first=moment(known.first))]
    about = _standing(asked, known)
    seen = [*_seen(known.minute, language), *_parts(asked, known, language)]
    return [*lines, *seen, *_decided(asked, known, about, language), *_answers(asked, known, about, language)]


def _seen(minute: Minute | None, language: str) -> Iterator[str]:
    words = WORDS[language]
    if minute is None or not minute.posts:
        yield words.silent
    else:
        yield words.counts.format(
            posts=f"{minute.posts:,}", negatives=f"{minute.negatives:,}", complaints=f"{minute.complaints:,}",
            critical=f"{minute.critical:,}", authors=f"{minute.authors:,}",
        )  # fmt: skip
    if minute is None:
        return
    if minute.missing:
        yield words.missing.format(missing=len(minute.missing))
    strongest_first = sorted(minute.scores.items(), key=lambda scored: (-scored[1], scored[0]))
    for detector, score in strongest_first:
        if score < LEAST:
            break
        shown = share if "share" in detector else amount
        template = words.alarm if score >= 1 else words.detector
        observed, expected = minute.observed.get(detector, 0.0), minute.expected.get(detector, 0.0)
        yield template.format(
            detector=name(detector, language), observed=shown(observed), expected=shown(expected), score=share(score)
        )
    quiet = [name(detector, language) for detector, score in strongest_first if score < LEAST]
    if quiet:
        yield words.no_sign.format(detectors=words.separator.join(quiet))


def _parts(asked: Question, known: Known, language: str) -> Iterator[str]:
    """Alarms of parts of the brand, which are looked at every few minutes: in that look which takes the minute in."""
    looked = [one for one in known.findings if one.facet and asked.end <= one.at < asked.end + PARTS_MS]
    for one in sorted(looked, key=lambda one: (one.at, one.facet, one.detector)):
        shown = share if "share" in one.detector else amount
        yield WORDS[language].part_alarm.format(
            facet=part(one.facet, language), detector=name(one.detector, language), observed=shown(one.observed),
            expected=shown(one.expected), score=share(one.score),
        )  # fmt: skip


def _standing(asked: Question, known: Known) -> Alert | None:
    """The last event, up to the minute's end, of the incident that was open in it."""
    before = [alert for alert in known.alerts if alert.at <= asked.end]
    last = max(before, key=lambda alert: (alert.at, alert.event == "resolved"), default=None)
    return None if last is None or (last.event == "resolved" and last.at < asked.end) else last


def _decided(asked: Question, known: Known, open_: Alert | None, language: str) -> Iterator[str]:
    words = WORDS[language]
    here = [one for one in known.decisions if one.at == asked.end and one.outcome not in _DONE]
    rang = any(one.outcome == "paged" for one in here)
    if here:
        yield words.decided
    elif open_ is not None:
        here = _before(asked, known, open_)
        yield words.standing.format(
            incident=open_.incident_id, severity=name(open_.severity, language), started=moment(open_.started),
            at=clock(here[0].at, asked.start) if here else "?",
        )  # fmt: skip
    else:
        yield from _nothing(asked, known, language)
    here.sort(key=lambda one: (one.outcome != "paged", one.reason == "inhibited", one.decision_id))
    yield from (f"  {told(one, language)}" for one in here)
    needs = dict.fromkeys(need for one in here if (need := needed(one, language)))
    if needs and not rang:
        yield words.needed.format(needs="; ".join(needs))


def _before(asked: Question, known: Known, open_: Alert) -> list[Decision]:
    """What was last decided about the incident."""
    about = [one for one in known.decisions if one.incident_id == open_.incident_id and one.at < asked.end]
    judged = [one for one in about if one.outcome not in _DONE and one.reason != "inhibited"]
    if not judged:
        return []
    last = max(judged, key=lambda one: (one.at, one.decision_id))
    return [last, replace(last, outcome="not_paged", reason="already_paged")] if last.outcome == "paged" else [last]


def _nothing(asked: Question, known: Known, language: str) -> Iterator[str]:
    """Nothing was decided in the minute, and nothing stood: how near was it?"""
    words = WORDS[language]
    yield from (words.standing_silence.format(**silence) for silence in _silences(asked, known, language))
    scores = known.minute.scores if known.minute else {}
    nearest = max(scores, key=lambda detector: (scores[detector], detector), default="")
    if not nearest or scores[nearest] <= 0:
        yield words.undecided
        return
    facts = Decision(
        decision_id="-", brand=asked.brand, at=asked.end, outcome="not_paged", reason="below_threshold",
        detector=nearest, score=scores[nearest], rules="",
    )  # fmt: skip
    yield words.unjudged.format(detector=name(nearest, language), score=share(scores[nearest]))
    yield words.needed.format(needs=needed(facts, language))


def _silences(asked: Question, known: Known, language: str) -> Iterator[dict[str, str]]:
    """Silences of the brand that were ordered before the minute's end and not over."""
    words = WORDS[language]
    for one in known.decisions:
        lasting = one.until is not None and one.at <= asked.end < one.until and one.brand in (asked.brand, EVERY_BRAND)
        if lasting and one.outcome == "applied" and not _lifted(one, asked, known):
            said = clip(one.text, SHORT)
            yield {
                "by": clip(one.by, SHORT), "brand": words.every_brand if one.brand == EVERY_BRAND else one.brand,
                "until": moment(one.until or 0), "command_id": clip(one.command_id, SHORT),
                "because": words.because.format(text=said) if said else "",
            }  # fmt: skip


def _lifted(silence: Decision, asked: Question, known: Known) -> bool:
    return any(
        one.command == "unsilence" and one.outcome == "applied" and one.brand == silence.brand
        and silence.at <= one.at <= asked.end
        for one in known.decisions
    )  # fmt: skip


def _answers(asked: Question, known: Known, open_: Alert | None, language: str) -> Iterator[str]:
    """What responders did about the incident, or near the minute."""
    incident = open_.incident_id if open_ else "-"
    done = [
        one
        for one in known.decisions
        if one.outcome in _DONE and (one.incident_id == incident or abs(one.at - asked.end) <= NEARBY_MS)
    ]
    unique = {one.decision_id: one for one in sorted(done, key=lambda one: one.at)}
    if unique:
        yield WORDS[language].answers
    for one in list(unique.values())[-MOST_ANSWERS:]:
        yield f"  {clock(one.at, asked.start)} {told(one, language)}"
