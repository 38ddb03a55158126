"""The words of a page, one file per language; what goes into them is decided in ``pipeline.page_text``."""

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    """Templates for ``str.format`` and the names of things. A name that is not listed is shown as it is."""

    drill: str  # title of a drill's page: title
    drill_said: str
    firing: str  # title: severity, brand, level, since
    unanswered_firing: str  # the same, of a page that nobody acknowledged
    answered: str  # title: brand, by, level
    resolved: str  # title: brand, closing
    closings: Mapping[str, str]  # reason -> why it is over: duration, reason, by; "" for any other reason
    level: str  # observed, unit, expected
    level_ratio: str  # observed, unit, expected, times
    times: str  # ratio
    over_times: str  # ratio that is exceeded
    slow: tuple[str, str]  # an expected level of n per hour, per day
    chance: str  # n: once in at least n
    rare: str  # brand, time
    rarest: str  # the same, of a time that is exceeded
    no_chance: str
    what: str  # body lines from here: detectors, event, severity
    over: str  # closing
    how_much: str  # level
    at_worst: str  # level, of a resolved incident
    how_sure: str  # chance
    since: str  # since, ago, at, started
    so_far: str  # counted_from, posts, negatives, share, complaints, critical, authors
    crowd: str  # authors
    leaders: str  # count, of
    first_seen: str  # at, platform
    where: str  # drivers
    parts: str  # facets
    one_problem: str  # category, categories
    many_problems: str  # categories
    driven: str  # drivers
    driver: str  # facet, share, usual
    new_driver: str  # facet, share; of a facet whose usual part nobody knows
    spreading: str  # share, posts, reposts, accounts, first
    titled: str  # title, driver
    titled_text: str  # title, share
    copies: str  # copies, accounts
    about: str  # n
    flood: str  # authors
    suspected: str  # share, severity
    missing: str  # count, sources
    single_post: str
    unanswered: str  # brand
    silence_ended: str
    acknowledged: str  # by
    outgrown: str  # by; of a page that rings all the same
    silenced: str  # by, until
    recovering: str  # since
    withdrawn: str  # withdrawn, quoted
    quotes: str
    post: str  # number, platform, at, why
    followers: str  # reach
    quote: str  # text
    left_out: str  # n
    open_post: str
    open_incident: str
    reference: str  # incident_id, rules
    digest: str  # title: incidents, brands
    digest_more: str  # n
    separator: str  # between listed things
    durations: tuple[str, str, str, str]  # days, hours, minutes, seconds
    years: str
    names: Mapping[str, str]  # severities, events, detectors, units, facet kinds and values, platforms, reasons
