"""A backtest in words that a responder understands without a manual."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pipeline.backtesting import Comparison, Episode, Pair
from pipeline.quoting import one_line

WEEK_MS = 7 * 86_400_000


def told(found: Comparison, changes: Sequence[str]) -> Iterator[str]:
    """All of it, line by line; ``changes`` are the differences between the two watch lists."""
    days = (found.until - found.since) / 86_400_000
    yield f"{time_of(found.since)} to {time_of(found.until)} UTC ({days:.1f} days)"
    yield from (f"  {change}" for change in changes or ["the rules are the same"])
    yield from (f"note: {note}" for note in found.notes)
    yield ""
    yield f"{'':16}{'old rules':>16}{'new rules':>16}"
    yield f"{'digest':16}{found.old.rules:>16}{found.new.rules:>16}"
    yield f"{'pages':16}{found.old.pages:>16}{found.new.pages:>16}"
    yield f"{'pages per week':16}{found.old.pages_per_week:>16.2f}{found.new.pages_per_week:>16.2f}"
    yield f"{'incidents':16}{found.old.incidents:>16}{found.new.incidents:>16}"
    both = [pair for pair in found.pairs if pair.old.paged and pair.new.paged]
    yield from _section("Both page", [_both(pair) for pair in both])
    yield from _section("Only the old rules page: what you would no longer be woken by", list(_lost(found)))
    yield from _section("Only the new rules page: what would wake you now", list(_gained(found)))
    silent = sum(not (pair.old.paged or pair.new.paged) for pair in found.pairs)
    alone = [*found.only_old, *found.only_new]
    quiet = silent + sum(not episode.paged for episode in alone)
    yield ""
    yield f"Under neither: {_incidents(quiet)} without a page."
    yield _verdict(found, both)


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"{title}: {len(lines) or 'none'}"
    yield from (f"  {line}" for line in lines)


def _both(pair: Pair) -> str:
    old, new = pair.old, pair.new
    severity = old.severity if old.severity == new.severity else f"{old.severity} -> {new.severity}"
    return f"{time_of(old.paged or 0)}  {one_line(old.brand)}  {severity}  {lead(pair.lead_s or 0)}"


def _lost(found: Comparison) -> Iterator[str]:
    for pair in found.pairs:
        if pair.old.paged and not pair.new.paged:
            yield f"{_page(pair.old)}; new rules: {_why_not(pair.new)}"
    yield from (f"{_page(episode)}; new rules: no incident" for episode in found.only_old if episode.paged)


def _gained(found: Comparison) -> Iterator[str]:
    for pair in found.pairs:
        if pair.new.paged and not pair.old.paged:
            yield f"{_page(pair.new)}; old rules: {_why_not(pair.old)}"
    yield from (f"{_page(episode)}; old rules: no incident" for episode in found.only_new if episode.paged)


def _page(episode: Episode) -> str:
    level = f"{episode.observed:.3g} {episode.unit}, {episode.expected:.3g} expected"
    who = f"{one_line(episode.brand)}  {episode.severity}"
    return f"{time_of(episode.paged or 0)}  {who}  {level}, {episode.authors} authors"


def _why_not(episode: Episode) -> str:
    return f"incident without a page ({one_line(episode.reason) or 'it began before'}, {episode.authors} authors)"


def lead(seconds: float) -> str:
    """How much earlier or later the new rules are."""
    if seconds == 0:
        return "at the same minute"
    minutes = abs(seconds) / 60
    size = f"{minutes:.0f} min" if minutes >= 1 else f"{abs(seconds):.0f} s"
    return f"new rules {size} {'earlier' if seconds > 0 else 'later'}"


def _verdict(found: Comparison, both: Sequence[Pair]) -> str:
    lost, gained = len(list(_lost(found))), len(list(_gained(found)))
    if not lost and not gained and all(pair.lead_s == 0 for pair in both):
        return "The new rules page for the same incidents at the same minutes."
    leads = sorted(pair.lead_s or 0 for pair in both)
    middle = f"; where both page, {lead(leads[len(leads) // 2])} in the median" if leads else ""
    if not lost and not gained:
        return f"The new rules page for the same incidents{middle}."
    return f"The new rules do not page for {_incidents(lost)} and page for {_incidents(gained)} more{middle}."


def _incidents(count: int) -> str:
    return f"{count} incident{'' if count == 1 else 's'}"


def time_of(at: int) -> str:
    """A time in ms since 1970 as people write it, UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
