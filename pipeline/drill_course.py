"""How far a drill has come: what each stage did of it, and when, told by the records that the stages write."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pipeline.drill_posts import Script
from pipeline.watchlist_entries import Rules
from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle
from schemas.codec import Decoder
from schemas.drill import INCIDENT
from schemas.topics import ALERTS, BRAND_LOG, PAGES

_LOG: Decoder[Bundle | Delivery] = Decoder(Bundle | Delivery)
_ALERTS: Decoder[Alert] = Decoder(Alert)
_PAGES: Decoder[Page] = Decoder(Page)


class Mark(NamedTuple):
    """A stage's part, done ``after`` so many seconds from the first post; None: it has not come."""

    stage: str
    after: float | None
    said: str


class Course:
    """Fed with records as they are seen, each with the seconds since the first post."""

    def __init__(self, script: Script, posts: int) -> None:
        self._script, self._posts, self._incident = script, posts, INCIDENT + script.drill
        self._counted: dict[tuple[int, int], int] = {}  # posts by source and minute
        self.alert: Alert | None = None
        self._reached: dict[str, float] = {}
        self.deliveries: dict[str, tuple[float, Delivery]] = {}

    def sent(self, at: float) -> None:
        """The last post is acknowledged."""
        self._reached["sent"] = at

    def hear(self, topic: str, value: bytes | None, at: float) -> None:
        """Take a record in; most are about something else."""
        if topic == ALERTS.name:
            self._alerted(_ALERTS.decode(value), at)
        elif topic == PAGES.name:
            page = _PAGES.decode(value)
            if isinstance(page, Page) and page.dedup_key == self._incident and page.action == "trigger":
                self._reached.setdefault("paged", at)
        elif topic == BRAND_LOG.name:
            said = _LOG.decode(value)
            if isinstance(said, Bundle):
                self._understood(said, at)
            elif isinstance(said, Delivery) and said.dedup_key == self._incident:
                self.deliveries.setdefault(said.target, (at, said))
                if said.status != "retrying" and self.deliveries[said.target][1].status == "retrying":
                    self.deliveries[said.target] = (at, said)

    def _alerted(self, alert: object, at: float) -> None:
        if isinstance(alert, Alert) and alert.incident_id == self._incident:
            self._reached.setdefault("decided", at)
            self.alert = alert

    def _understood(self, bundle: Bundle, at: float) -> None:
        for one in bundle.rehearsals:
            if one.drill == self._script.drill:
                self._counted[bundle.progress.source, one.partial.minute] = one.partial.counts.complaints
                if self.complaints:
                    self._reached.setdefault("first", at)
                if self.complaints >= self._posts:
                    self._reached.setdefault("understood", at)

    @property
    def complaints(self) -> int:
        """Posts of the drill that were counted as complaints about the brand."""
        return sum(self._counted.values())

    @property
    def passed(self) -> bool:
        """Whether it has come as far as it should: to a target, or without pages to an alert."""
        arrived = any(one.status == "delivered" for _, one in self.deliveries.values())
        return arrived if self._script.pages else "decided" in self._reached

    def marks(self) -> Iterator[Mark]:
        """What each stage did, in order."""
        yield Mark("sent", self._reached.get("sent"), f"{self._posts} posts acknowledged by Kafka")
        counted = self._reached.get("understood", self._reached.get("first"))
        yield Mark("understood", counted, f"{self.complaints} of {self._posts} counted as complaints")
        alert = self.alert
        told = f"{alert.severity}: {', '.join(alert.detectors)}; {alert.authors} authors" if alert else ""
        yield Mark("alert decided", self._reached.get("decided"), told)
        if self._script.pages:
            yield Mark("page decided", self._reached.get("paged"), "")
        for target, (at, one) in sorted(self.deliveries.items()):
            yield Mark(f"at {target}", at, f"{one.status}, attempts: {one.attempts} {one.detail}".rstrip())

    def slowest(self, rules: Rules) -> str:
        """The stage that took longest, and what it waits for."""
        reached = [mark for mark in self.marks() if mark.after is not None]
        spans = [(now.after - before.after, now.stage) for before, now in pairwise(reached)
                 if now.after is not None and before.after is not None]  # fmt: skip
        took, stage = max(spans, default=(0.0, "sent"))
        why = ""
        if stage == "alert decided":
            why = f": a minute must end (bucket_s {rules.bucket_s}) and be lateness_s {rules.lateness_s} old"
        return f"slowest: {stage}, {took:.1f} s after the stage before{why}"

    def advice(self, rules: Rules) -> str:
        """Why nobody was paged, as far as the records tell."""
        alert, brand = self.alert, self._script.brand.id
        if not self._counted:
            return (
                "no worker counted the posts: does one run (`tocsin doctor`), is its watch list this one, and is it of "
                "a version that knows drills?"
            )
        if "paged" in self._reached:
            return "the page reached no target: see `tocsin route`, `tocsin dlq list` and the worker's log"
        if alert is None:
            return (
                f"{brand} is not known well enough (two days, or two hours and 200 posts), has an open incident, had "
                f"a drill a moment ago, or {self._posts} posts are few for it: see `tocsin why {brand}`, try --posts"
            )
        if alert.silenced_by:
            return f"a silence by {alert.silenced_by} is in force: `tocsin unsilence {brand}`"
        if alert.suspected_flood:
            return f"{alert.authors} authors are fewer than min_authors {rules.min_authors}: try --posts"
        return f"the alert did not page: severity {alert.severity}, {alert.reason}"
