"""The words of the console: what they consist of; one file per language."""

from collections.abc import Mapping
from typing import NamedTuple


class ConsoleWording(NamedTuple):
    """Words, and templates for ``str.format`` with the names that stand behind them."""

    skip: str
    pages: Mapping[str, str]  # page -> what it is called in the navigation
    own: str  # what the language calls itself
    live: str
    stale: str  # the browser has no connection
    store_down: str  # ClickHouse does not answer
    log_in: str
    log_out: str
    credential: str
    credential_hint: str
    unknown_credential: str
    acting: str  # name, role
    roles: Mapping[str, str]
    looking_only: str

    open_incidents: str
    none_open: str
    none_open_hint: str
    closed_incidents: str
    not_shown: str  # n
    states: Mapping[str, str]  # state -> by, until, since
    next_steps: Mapping[str, str]  # state -> what to do
    caution_flood: str
    since: str
    ago: str  # span
    lasted: str
    counts: Mapping[str, str]  # posts, negatives, complaints, critical, authors

    commands: Mapping[str, str]  # command -> its button
    spans: Mapping[str, str]  # minutes -> how long a silence lasts
    how_long: str
    reason: str
    optional: str
    note: str
    unanswered: str  # seconds
    refused: str  # why
    forged: str
    forbidden: str  # role

    chart: str
    chart_hint: str
    observed: str
    expected: str
    evidence: str
    drivers: str
    facts: str
    categories: str
    share: str
    spreaders: str
    history: str
    deliveries: str
    similar: str
    likeness: str
    recovery: str
    closes_at: str  # time
    burning: str
    unknown_quiet: str
    unavailable: str
    nothing: str

    brand: str
    any_brand: str
    author: str
    platform: str
    time: str
    reach: str
    reposts: str
    target: str
    outcome: str
    attempts: str
    latency: str
    detail: str
    sentiment: str
    category: str
    severity: str
    last_day: str
    brands_hint: str
    influence_hint: str
    lasting: str
    spreading: str
    strength: str
    endorsers: str
    endorsed: str  # who, did, when, added
    endorsements: Mapping[str, str]  # type of interaction -> did; "" where it is not known
    query: str
    within: str
    spans_back: Mapping[str, str]  # hours -> how far a search goes back
    search: str
    no_hits: str
    hits: str  # n
    negative_only: str
    dead_hint: str
    place: str
    size: str
    payload: str
    number: str
    partitions: str
    partition: str
    watermark: str
    behind: str
    read: str
    rejected: str
    duplicates: str
    late: str
    workers: str
    worker: str
    stage: str
    lag: str
    progress: str
    assigned: str
    yes: str
    no: str
    healthy: str
    unreachable: str  # why
    shortcuts: str
    keys: Mapping[str, str]  # key -> what it does
    close: str
    not_found: str
    not_found_hint: str
    back: str
    open_post: str
    units: Mapping[str, str]  # units and series of the chart
