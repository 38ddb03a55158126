"""Pages that have not gone out yet and quote what was withdrawn since: they go without, or not at all."""

from msgspec.structs import replace

from pipeline.dispatch.ledger import Ledger
from pipeline.dispatch.planning import needless
from pipeline.redaction import Hidden, without
from schemas.alert import Page
from schemas.dispatch import Letter, Mark
from schemas.finding import AT_ONCE

_GONE = "its post was withdrawn"


def presentable(page: Page, hidden: Hidden) -> Page | None:
    """The page as it may still be told; None for one that tells of a single post, which is gone."""
    left = without(page, hidden)
    return None if left is not page and left.alert.reason in AT_ONCE and not left.alert.evidence else left


def recalled(ledger: Ledger, hidden: Hidden, at: int) -> list[Letter | Mark]:
    """The records to write for what waits at ``at``, ms: letters that quote less, and the ends of ways to nothing."""
    records: list[Letter | Mark] = []
    letters = {way.letter.page.page_id: way.letter for way in ledger.waiting()}
    for letter in letters.values():
        left = presentable(letter.page, hidden)
        if left is None:
            ways = ledger.waiting(letter.page.dedup_key)
            records += [needless(way, _GONE, at) for way in ways if way.letter is letter]
        elif left is not letter.page:
            records.append(replace(letter, page=left))
    return records
