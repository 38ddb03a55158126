"""Which route takes a page, and whom it tells when: a pure decision with its reasons."""

from typing import NamedTuple

from pipeline.routing.clocks import following, is_open, shown
from pipeline.routing.entries import Route, Routing
from schemas.alert import Alert, Page
from schemas.dispatch import Leg
from schemas.finding import AT_ONCE
from schemas.vocabulary import Severity

LARGE = 0.3  # of an incident's complaints: a category or region with this share is what it is about


class Occasion(NamedTuple):
    """What of a page routes look at."""

    brand: str
    severity: Severity
    categories: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    post: str = ""  # kind of finding, if it is about a single post


class Looked(NamedTuple):
    """A route that was looked at. ``against`` says why it did not take the page; empty if it did."""

    route: str
    against: str


class Chosen(NamedTuple):
    """Whom a page goes to, those that were looked at in order, and whom a clock left out."""

    legs: tuple[Leg, ...]
    looked: tuple[Looked, ...]
    left_out: tuple[str, ...]


def occasion(page: Page) -> Occasion:
    """What of ``page`` routes look at."""
    alert = page.alert
    largest = max(alert.categories, key=lambda name: (alert.categories[name], name), default=None)
    categories = {name for name, share in alert.categories.items() if share >= LARGE or name == largest}
    post = alert.reason if alert.reason in AT_ONCE else ""
    return Occasion(page.brand, page.severity, frozenset(categories), _regions(alert), post)


def _regions(alert: Alert) -> frozenset[str]:
    """Regions over a threshold of their own, or with a large share of complaints or excess."""
    facets = {*alert.facets, *(facet for facet, share in alert.drivers.items() if share >= LARGE)}
    if alert.excess:
        facets |= {driver.facet for driver in alert.excess.drivers if driver.share >= LARGE}
    return frozenset(facet.removeprefix("region:") for facet in facets if facet.startswith("region:"))


def choose(routing: Routing, of: Occasion, at: int) -> Chosen:
    """Whom to tell of an occasion at ``at``, ms. A receiver that several routes name hears at the earliest moment."""
    legs: dict[str, Leg] = {}
    looked: list[Looked] = []
    left_out: list[str] = []
    for route in routing.routes:
        against = _against(routing, route, of, at)
        looked.append(Looked(route.name, against))
        if against:
            continue
        for leg in _digest(routing, route, at) if route.digest else _steps(routing, route, at, left_out):
            known = legs.get(leg.target)
            if known is None or (leg.digest, leg.due) < (known.digest, known.due):
                legs[leg.target] = leg
        if not route.further:
            break
    return Chosen(tuple(sorted(legs.values(), key=lambda leg: (leg.due, leg.target))), tuple(looked), tuple(left_out))


def _against(routing: Routing, route: Route, of: Occasion, at: int) -> str:
    """Why a route does not take an occasion; empty if it does."""
    if bool(route.posts) != bool(of.post):
        return "it is for single posts" if route.posts else "it is for incidents"
    checks = (
        (route.brands, {of.brand}, "brand"),
        (route.severities, {of.severity}, "severity"),
        (route.categories, of.categories, "category"),
        (route.regions, of.regions, "region"),
        (route.posts, {of.post}, "post"),
    )
    for wanted, given, what in checks:
        if wanted and not wanted & given:
            return f"{what} is {', '.join(sorted(given)) or 'unknown'}, not {' or '.join(sorted(wanted))}"
    first = routing.named(route.steps[0].notify[0])
    zone = route.timezone or (first.timezone if first else "UTC")
    return "" if is_open(route.hours, at, zone) else f"it is {shown(at, zone)}"


def _digest(routing: Routing, route: Route, at: int) -> list[Leg]:
    receivers = [routing.receivers[name] for name in route.steps[0].notify]
    return [
        Leg(target=one.name, route=route.name, due=following(route.digest, at, one.timezone), digest=True)
        for one in receivers
    ]


def _steps(routing: Routing, route: Route, at: int, left_out: list[str]) -> list[Leg]:
    """A step whose receivers are all off duty hands its moment to the next; if all are, the first is rung anyway."""
    legs: list[Leg] = []
    moment: int | None = None  # that a step could not use
    for number, step in enumerate(route.steps):
        due = at + step.after_ms if moment is None else moment
        there = []
        for name in step.notify:
            receiver = routing.receivers[name]
            if is_open(receiver.duty, due, receiver.timezone):
                there.append(name)
            else:
                left_out.append(f"{name} is off duty: {shown(due, receiver.timezone)}")
        moment = None if there else due
        legs += [_leg(route, number, name, due) for name in there]
    if not legs:
        left_out.append(f"nobody of {route.name} is on duty: its first step is rung all the same")
        legs = [_leg(route, 0, name, at) for name in route.steps[0].notify]
    return legs


def _leg(route: Route, step: int, name: str, due: int) -> Leg:
    return Leg(target=name, route=route.name, step=step, due=due)
