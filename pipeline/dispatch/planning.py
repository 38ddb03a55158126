"""What a new page means for the outbox: whom it goes to, and which waiting ways it makes needless."""

from collections.abc import Iterator

from msgspec import structs

from pipeline.dispatch.ledger import Ledger, Way, fresh
from pipeline.routing.choosing import choose, occasion
from pipeline.routing.clocks import following
from pipeline.routing.entries import Routing
from schemas.alert import Page
from schemas.dispatch import Leg, Letter, Mark

ANSWER = "answer"  # in place of a route: told of the end because they were told of the beginning


def plan(ledger: Ledger, routing: Routing, page: Page, offset: int, at: int) -> list[Letter | Mark]:
    """The records to write for a page, none if it waits already or everybody has it; ``at`` is now, ms.

    A page that rings goes by the routes; whoever knows of the incident hears at once. An acknowledgement and an end go
    to those who know, and call off the escalations that have not come.
    """
    if ledger.holds(page):
        return []
    waiting = [way for way in ledger.waiting(page.dedup_key) if way.untouched(at)]
    means = (
        _ringing(ledger, routing, page, waiting, at) if page.action == "trigger" else _answer(ledger, routing, page, at)
    )
    legs = [leg for leg in means if not _had(ledger, page, leg.target)]
    targets = {leg.target for leg in legs}
    called_off = [way for way in waiting if page.action != "trigger" or way.leg.target in targets]
    why = "a later page of the incident" if page.action == "trigger" else f"{page.action}d before it was due"
    records: list[Letter | Mark] = [needless(way, why, at) for way in called_off]
    if legs:
        expires = max(leg.due for leg in legs) + routing.expire_ms
        letter = Letter(page=page, offset=offset, at=at, expires=expires, legs=tuple(legs))
        records += [letter, *(fresh(letter, leg) for leg in legs if ledger.mark(page, leg.target))]
    return records


def needless(way: Way, why: str, at: int) -> Mark:
    """The end of a way that nobody needs to go."""
    return structs.replace(way.mark, status="not_needed", at=at, not_before=at, detail=why)


def _had(ledger: Ledger, page: Page, target: str) -> bool:
    """Whether the target has the page: what was refused or given up may be asked for once more."""
    mark = ledger.mark(page, target)
    return mark is not None and mark.status == "delivered"


def _ringing(ledger: Ledger, routing: Routing, page: Page, waiting: list[Way], at: int) -> Iterator[Leg]:
    knowing = {mark.target for mark in _known(ledger, page, at) if not mark.digest}
    sooner = {way.leg.target: way.leg.due for way in waiting}
    for leg in choose(routing, occasion(page), at).legs:
        if leg.digest:
            yield leg
        else:
            due = at if leg.target in knowing else min(leg.due, sooner.get(leg.target, leg.due))
            yield structs.replace(leg, due=due)


def _answer(ledger: Ledger, routing: Routing, page: Page, at: int) -> Iterator[Leg]:
    known = {mark.target: mark.digest for mark in sorted(_known(ledger, page, at), key=lambda mark: -mark.digest)}
    if not known:  # from before the outbox, or forgotten
        known = {leg.target: leg.digest for leg in choose(routing, occasion(page), at).legs if leg.due <= at}
    for target, digested in known.items():
        if not digested:
            yield Leg(target=target, route=ANSWER, due=at)
        elif page.action == "resolve" and (due := _next_digest(routing, target, at)):
            yield Leg(target=target, route=ANSWER, due=due, digest=True)


def _known(ledger: Ledger, page: Page, at: int) -> list[Mark]:
    """Marks of those who know of the incident, or will before this page comes."""
    waiting = [way.mark for way in ledger.waiting(page.dedup_key) if not way.untouched(at)]
    told = [mark for mark in ledger.marks(page.dedup_key) if mark.status not in ("waiting", "not_needed")]
    return [mark for mark in (*told, *waiting) if mark.action == "trigger"]


def _next_digest(routing: Routing, target: str, at: int) -> int | None:
    receiver = routing.named(target)
    for route in routing.routes:
        if receiver and route.digest and target in route.steps[0].notify:
            return following(route.digest, at, receiver.timezone)
    return None
