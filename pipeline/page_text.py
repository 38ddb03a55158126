"""What a page says to a tired person, in each language: what, how much, how sure, since when, where, posts."""

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType

from pipeline.figures import clock, duration, moment, odds, share
from pipeline.page_causes import BRAND_LENGTH, TITLE_LENGTH, causes, chance, level, titled
from pipeline.page_names import NAME_LENGTH, facet, name
from pipeline.page_quotes import quotes
from pipeline.quoting import clip, one_line
from pipeline.wording import Wording, en, zh, zh_hant
from schemas.alert import Alert, Page
from schemas.drill import of_drill
from schemas.finding import AT_ONCE
from schemas.vocabulary import AlertEvent, PageAction

LANGUAGES: Mapping[str, Wording] = MappingProxyType({"en": en.WORDING, "zh": zh.WORDING, "zh-Hant": zh_hant.WORDING})
LISTED = 6  # detectors, missing sources
LEAST_SUSPECTED = 0.1  # share from suspected accounts that is worth a line
ACTIONS: Mapping[AlertEvent, PageAction] = MappingProxyType({"acknowledged": "acknowledge", "resolved": "resolve"})


def page(alert: Alert, number: int) -> Page:
    """The ``number``-th page of the alert's incident; the same alert and number make the same page again.

    An acknowledgement is no page of its own number: it is named by its alert.
    """
    title, body = render(alert)
    name_of_it = alert.alert_id if alert.event == "acknowledged" else number
    return Page(
        page_id=blake2b(f"{alert.incident_id}\x1f{name_of_it}".encode(), digest_size=12).hexdigest(),
        dedup_key=alert.incident_id,
        action=ACTIONS.get(alert.event, "trigger"),
        brand=alert.brand,
        at=alert.at,
        severity=alert.severity,
        title=title,
        body=body,
        alert=alert,
    )


def render(alert: Alert) -> tuple[dict[str, str], dict[str, str]]:
    """Title (one line of at most TITLE_LENGTH characters) and body by language. Times are UTC."""
    titles = {language: _titled(alert, words) for language, words in LANGUAGES.items()}
    return titles, {language: "\n".join(_lines(alert, words)) for language, words in LANGUAGES.items()}


def _titled(alert: Alert, words: Wording) -> str:
    title = _title(alert, words)
    return clip(words.drill.format(title=title), TITLE_LENGTH) if of_drill(alert.incident_id) else title


def _title(alert: Alert, words: Wording) -> str:
    brand = clip(alert.brand, BRAND_LENGTH)
    if alert.event == "resolved":
        return clip(words.resolved.format(brand=brand, closing=_closing(alert, words)), TITLE_LENGTH)
    if alert.event == "acknowledged":
        by = clip(alert.acknowledged_by, BRAND_LENGTH)
        return clip(words.answered.format(brand=brand, by=by, level=level(alert, words)), TITLE_LENGTH)
    severity, since = name(alert.severity, words), clock(alert.since, alert.at)
    template = words.unanswered_firing if alert.reason == "unacknowledged" else words.firing
    title = template.format(severity=severity, brand=brand, level=level(alert, words), since=since)
    return clip(titled(title, alert, words), TITLE_LENGTH)


def _lines(alert: Alert, words: Wording) -> list[str]:
    quoted = [line for quote in quotes(alert, words) for line in quote.lines()]
    posts = ["", words.quotes, *quoted] if quoted else []
    return [*facts(alert, words), *posts, "", reference(alert, words)]


def reference(alert: Alert, words: Wording) -> str:
    """The line that names the incident and the rules by which it was judged."""
    return words.reference.format(incident_id=one_line(alert.incident_id), rules=one_line(alert.rules))


def facts(alert: Alert, words: Wording) -> list[str]:
    """The lines above the posts, the most telling first."""
    lines = [
        *([words.drill_said] if of_drill(alert.incident_id) else []),
        *_headline(alert, words),
        words.since.format(
            since=moment(alert.since),
            ago=duration(alert.at - alert.since, words.durations),
            at=clock(alert.at, alert.since),
            started=clock(alert.started, alert.at),
        ),
        words.so_far.format(
            counted_from=clock(alert.counted_from, alert.at),
            posts=f"{alert.posts:,}",
            negatives=f"{alert.negatives:,}",
            share=share(alert.negatives / max(alert.posts, 1)),
            complaints=f"{alert.complaints:,}",
            critical=f"{alert.critical:,}",
            authors=f"{alert.authors:,}",
        ),
    ]
    if alert.crowd:
        lines.append(words.crowd.format(authors=f"{alert.crowd:,}"))
    if alert.leaders:
        lines.append(words.leaders.format(count=alert.leaders, of=alert.leaders_of))
    lines += causes(alert, words)
    if alert.facets:
        named = words.separator.join(facet(one, words) for one in alert.facets[:LISTED])
        lines.append(words.parts.format(facets=named))
    return [*lines, *_cautions(alert, words), *_answers(alert, words)]


def _headline(alert: Alert, words: Wording) -> list[str]:
    what = words.what.format(
        detectors=words.separator.join(name(detector, words) for detector in alert.detectors[:LISTED]),
        event=name(alert.event, words),
        severity=name(alert.severity, words),
    )
    shown = level(alert, words)
    if alert.event == "resolved":
        return [words.over.format(closing=_closing(alert, words)), what, words.at_worst.format(level=shown)]
    return [what, words.how_much.format(level=shown), words.how_sure.format(chance=_chance(alert, words))]


def _cautions(alert: Alert, words: Wording) -> list[str]:
    cautions = []
    if alert.suspected_flood:
        cautions.append(words.flood.format(authors=alert.authors))
    if alert.suspected >= LEAST_SUSPECTED and alert.severity != "info":
        less = name(alert.severity_without, words)
        cautions.append(words.suspected.format(share=share(alert.suspected), severity=less))
    if alert.missing:
        named = words.separator.join(map(str, alert.missing[:LISTED]))
        sources = named if len(alert.missing) <= LISTED else f"{named}…"
        cautions.append(words.missing.format(count=len(alert.missing), sources=sources))
    if alert.withdrawn:
        cautions.append(words.withdrawn.format(withdrawn=f"{alert.withdrawn:,}", quoted=f"{alert.quoted:,}"))
    return cautions


def _answers(alert: Alert, words: Wording) -> list[str]:
    """What responders did, or did not do, and since when it is calm."""
    if alert.event == "resolved":
        return []
    calm = alert.recovering_since or 0
    by, until = clip(alert.silenced_by, NAME_LENGTH), clock(alert.silenced_until or alert.at, alert.at)
    answer = words.outgrown if alert.paged else words.acknowledged  # what is acknowledged does not ring
    said = (
        (alert.reason in AT_ONCE, words.single_post),
        (alert.reason == "unacknowledged", words.unanswered.format(brand=clip(alert.brand, NAME_LENGTH))),
        (alert.reason == "silence_ended", words.silence_ended),
        (bool(alert.acknowledged_by), answer.format(by=clip(alert.acknowledged_by, NAME_LENGTH))),
        (bool(by), words.silenced.format(by=by, until=until)),
        (calm > 0, words.recovering.format(since=clock(calm, alert.at))),
    )
    return [text for holds, text in said if holds]


def _chance(alert: Alert, words: Wording) -> str:
    if known := chance(alert, words):
        return known
    n = odds(alert.strength)
    return words.no_chance if n is None else words.chance.format(n=f"{n:,}")


def _closing(alert: Alert, words: Wording) -> str:
    template = words.closings.get(alert.reason, words.closings[""])
    burned = alert.recovering_since - alert.since if alert.recovering_since else alert.at - alert.started
    lasted = duration(burned if alert.reason == "quiet" else alert.at - alert.started, words.durations)
    return template.format(duration=lasted, reason=name(alert.reason, words), by=clip(alert.resolved_by, BRAND_LENGTH))
