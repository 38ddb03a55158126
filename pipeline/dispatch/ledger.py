"""What the outbox holds: a fold of its letters and marks, and what of it is due."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from pipeline.dispatch.digest import digest
from schemas.alert import Page
from schemas.dispatch import Leg, Letter, Mark
from schemas.topics import DAY_MS

REMEMBERED_MS = DAY_MS  # marks of an incident that is over
LONGEST_MS = 30 * DAY_MS  # marks of one whose end nobody told
SKEW_MS = 60_000  # by which clocks of two workers may differ
_DIGEST = ""  # in place of an incident: digests of a target go out one after another

Lane = tuple[str, str]  # target and incident: one page at a time


class Way(NamedTuple):
    """One page's way to one target, and how far it is."""

    letter: Letter
    leg: Leg
    mark: Mark

    @property
    def lane(self) -> Lane:
        """Whose turn it has to wait for."""
        return self.leg.target, _DIGEST if self.leg.digest else self.letter.page.dedup_key

    def untouched(self, at: int) -> bool:
        """Whether it waits for an escalation that has not come."""
        return not self.mark.attempts and not self.leg.digest and self.leg.due > at


class Parcel(NamedTuple):
    """What is handed to a target at once: a page, or a digest of several."""

    page: Page
    ways: tuple[Way, ...]

    @property
    def lane(self) -> Lane:
        """Whose turn it is."""
        return self.ways[0].lane

    @property
    def target(self) -> str:
        """Who gets it."""
        return self.ways[0].leg.target


class Key(NamedTuple):
    """Where a record of the state topic stands: on the partition of its brand."""

    brand: str
    key: bytes


def letter_key(page_id: str) -> bytes:
    """Key of a letter on the state topic."""
    return page_id.encode()


def mark_key(page_id: str, target: str) -> bytes:
    """Key of a mark on the state topic."""
    return f"{page_id}/{target}".encode()


class Ledger:
    """Letters and marks by incident. The order in which pages of an incident are told is that of their offsets."""

    def __init__(self) -> None:
        self._letters: dict[str, dict[str, Letter]] = {}
        self._marks: dict[str, dict[tuple[str, str], Mark]] = {}
        self._done: dict[str, Key] = {}  # letters whose ways have all ended, by page

    def take(self, record: Letter | Mark) -> None:
        """Take in what was, or will be, written."""
        if isinstance(record, Letter):
            page, marks = record.page, self._marks.setdefault(record.page.dedup_key, {})
            self._letters.setdefault(page.dedup_key, {})[page.page_id] = record
            self._done.pop(page.page_id, None)
            for leg in record.legs:
                marks.setdefault((page.page_id, leg.target), fresh(record, leg))
            self._finish(record)
            return
        self._marks.setdefault(record.dedup_key, {})[record.page_id, record.target] = record
        letter = self._letters.get(record.dedup_key, {}).get(record.page_id)
        if letter:
            self._finish(letter)

    def _finish(self, letter: Letter) -> None:
        """Let go of a letter whose ways have all ended."""
        page = letter.page
        marks = (self._marks[page.dedup_key][page.page_id, leg.target] for leg in letter.legs)
        if any(mark.status == "waiting" for mark in marks):
            return
        del self._letters[page.dedup_key][page.page_id]
        if not self._letters[page.dedup_key]:
            del self._letters[page.dedup_key]
        self._done[page.page_id] = Key(page.brand, letter_key(page.page_id))

    def mark(self, page: Page, target: str) -> Mark | None:
        """How far a page is with a target."""
        return self._marks.get(page.dedup_key, {}).get((page.page_id, target))

    def marks(self, incident: str) -> Collection[Mark]:
        """All that is remembered of an incident."""
        return self._marks.get(incident, {}).values()

    def holds(self, page: Page) -> bool:
        """Whether the page has ways that have not ended."""
        return any(way.letter.page.page_id == page.page_id for way in self.waiting(page.dedup_key))

    @property
    def incidents(self) -> int:
        """Incidents with pages that wait."""
        return len(self._letters)

    def counts(self) -> dict[str, int]:
        """Pages that wait, by target."""
        return dict(Counter(way.leg.target for way in self.waiting()))

    def waiting(self, incident: str | None = None) -> Iterator[Way]:
        """Ways that have not ended, pages in their order; of one incident, or of all."""
        for name in self._letters if incident is None else [incident]:
            for letter in sorted(self._letters.get(name, {}).values(), key=lambda letter: letter.offset):
                for leg in letter.legs:
                    mark = self._marks[name][letter.page.page_id, leg.target]
                    if mark.status == "waiting":
                        yield Way(letter, leg, mark)

    def due(self, at: int, busy: Collection[Lane]) -> list[Parcel]:
        """What can be handed over at ``at``, ms: of each lane that is not busy the first page, of a digest all."""
        first: dict[Lane, list[Way]] = {}
        for way in self.waiting():
            if way.lane not in busy and (way.lane not in first or way.leg.digest):
                first.setdefault(way.lane, []).append(way)
        ripe = ([way for way in ways if _ripe(way.mark, at)] for ways in first.values())
        return [_parcel(ways) for ways in ripe if ways]

    def over(self, at: int) -> list[Key]:
        """Forget what nobody needs any more; what to remove from the topic."""
        keys, self._done = list(self._done.values()), {}
        for incident in [name for name in self._marks if name not in self._letters]:
            marks = self._marks[incident].values()
            ended = any(mark.action == "resolve" for mark in marks)
            if at - max(mark.at for mark in marks) >= (REMEMBERED_MS if ended else LONGEST_MS):
                keys += [Key(mark.brand, mark_key(mark.page_id, mark.target)) for mark in marks]
                del self._marks[incident]
        return keys


def _ripe(mark: Mark, at: int) -> bool:
    """Whether a way may be gone; at once if its last attempt is in the future, for then the clock was put back."""
    return mark.not_before <= at or (mark.attempts > 0 and mark.at > at + SKEW_MS)


def fresh(letter: Letter, leg: Leg) -> Mark:
    """The mark of a way that nobody has gone yet."""
    page = letter.page
    return Mark(
        page_id=page.page_id, dedup_key=page.dedup_key, brand=page.brand, action=page.action, target=leg.target,
        route=leg.route, step=leg.step, status="waiting", digest=leg.digest, requested_at=leg.due, at=letter.at,
        not_before=leg.due,
    )  # fmt: skip


def _parcel(ways: Sequence[Way]) -> Parcel:
    if ways[0].leg.digest:
        return Parcel(digest(ways[0].leg.target, [way.letter.page for way in ways]), tuple(ways))
    return Parcel(ways[0].letter.page, tuple(ways))
