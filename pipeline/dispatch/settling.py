"""What an attempt leaves: the mark of each page in it, and what is told of it on the brand log."""

from typing import Literal, NamedTuple

from msgspec import structs

from pipeline.dispatch.ledger import Way
from schemas.alert import Delivery
from schemas.dispatch import Mark

DETAIL_LENGTH = 1_000


class Said(NamedTuple):
    """How an attempt ended. ``wait_s``: how long to leave a target alone that may take it later."""

    status: Literal["delivered", "refused", "busy"]
    detail: str
    wait_s: float = 0.0


def settled(way: Way, said: Said, at: int) -> Mark:
    """How far a page is after an attempt that ended at ``at``, ms. What would be tried after its expiry is given up."""
    detail, attempts = said.detail[:DETAIL_LENGTH], way.mark.attempts + 1
    again = at + round(said.wait_s * 1000)
    if said.status != "busy":
        return structs.replace(way.mark, status=said.status, attempts=attempts, at=at, not_before=at, detail=detail)
    if again > way.letter.expires:
        return given_up(way, f"expired; the last attempt: {detail}", at, attempts)
    return structs.replace(way.mark, attempts=attempts, at=at, not_before=again, detail=detail)


def given_up(way: Way, why: str, at: int, attempts: int | None = None) -> Mark:
    """A page that will not be tried again."""
    tried = way.mark.attempts if attempts is None else attempts
    return structs.replace(way.mark, status="gave_up", attempts=tried, at=at, not_before=at, detail=why[:DETAIL_LENGTH])


def worth_telling(mark: Mark) -> bool:
    """Whether what became of a page is told: its end, and of failed attempts the 1st, 2nd, 4th, 8th..."""
    return mark.status != "waiting" or mark.attempts.bit_count() == 1


def delivery(mark: Mark) -> Delivery:
    """What is told of a page at a target."""
    return Delivery(
        page_id=mark.page_id, dedup_key=mark.dedup_key, brand=mark.brand, target=mark.target,
        status="retrying" if mark.status == "waiting" else mark.status, attempts=mark.attempts,
        requested_at=mark.requested_at, finished_at=mark.at, detail=mark.detail, route=mark.route, step=mark.step,
    )  # fmt: skip
