"""What is wrong with a command before it is sent, and what to write instead."""

import difflib
from collections.abc import Collection, Iterator
from itertools import chain

from pipeline.quoting import one_line
from pipeline.watchlist import WatchList
from schemas.command import EVERY_BRAND, LONGEST_BY, LONGEST_MS, LONGEST_TEXT, MOST_VALUES, Command
from schemas.record import EARLIEST_MS, LATEST_MS

_ID = 256  # characters of an id
_LISTED = 10
_OWN = ("product:", "region:", "campaign:")  # kinds of facets that the watch list names


def advice(command: Command, watchlist: WatchList, detectors: Collection[str], now: int) -> str:
    """The first thing that is wrong, as a sentence; empty if nothing is. ``now`` is ms since 1970."""
    return next(_problems(command, watchlist, detectors, now), "")


def advice_on_form(command: Command, now: int) -> str:
    """The same of what needs no watch list, for a command whose brand is known to be one."""
    return next(chain(_words(command), _time(command, now)), "")


def _problems(command: Command, watchlist: WatchList, detectors: Collection[str], now: int) -> Iterator[str]:
    brands = {brand.id: brand for brand in watchlist.brands}
    if command.brand != EVERY_BRAND and command.brand not in brands:
        yield f"no such brand: {command.brand[:80]!r}; {meant(command.brand, brands)}"
    yield from _words(command)
    yield from _time(command, now)
    chosen = [brand for brand in watchlist.brands if command.brand in (EVERY_BRAND, brand.id)]
    facets = [f"{kind}:{one.id}" for brand in chosen for kind, group in (
        ("product", brand.products), ("region", brand.regions), ("campaign", brand.campaigns),
    ) for one in group]  # fmt: skip
    for option, given, known in (
        ("--detector", command.matcher.detectors, sorted(detectors)),
        ("--facet", tuple(facet for facet in command.matcher.facets if facet.startswith(_OWN)), facets),
    ):
        unknown = [one for one in given if one not in known]
        if unknown:
            yield f"{option} {unknown[0][:80]!r}: {meant(unknown[0], known)}"
        if len(given) > MOST_VALUES:
            yield f"{option}: at most {MOST_VALUES}"


def meant(wrong: str, known: Collection[str]) -> str:
    """Advice that names the closest known word, or what is known."""
    close = difflib.get_close_matches(wrong, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    listed = ", ".join(sorted(known)[:_LISTED])
    return f"known are {listed}{'...' if len(known) > _LISTED else ''}" if listed else "there is none"


def _words(command: Command) -> Iterator[str]:
    for what, text, most in (
        ("--by", command.by, LONGEST_BY), ("the text", command.text, LONGEST_TEXT), ("--id", command.command_id, _ID),
        ("the id", command.target, _ID),
    ):  # fmt: skip
        if len(text) > most:
            yield f"{what} has {len(text)} characters; write at most {most}"
        if one_line(text) != text:
            yield f"{what} has line breaks or control characters; write one line"
    if not command.by.strip():
        yield "--by is empty; write who you are"
    if command.kind == "note" and not command.text.strip():
        yield "the note is empty; write something"


def _time(command: Command, now: int) -> Iterator[str]:
    if command.kind not in ("silence", "maintenance"):
        return
    if command.until is None:
        yield "it needs an end: write --for 2h, or --until with a time"
        return
    times = (command.until, now if command.starts is None else command.starts)
    if not all(EARLIEST_MS <= time <= LATEST_MS for time in times):
        yield "its times must be between 2000 and 2100"
    elif command.until <= max(now, times[1]):
        yield "its end is past, or not after its beginning; write a later one"
    elif command.until > now + LONGEST_MS:
        yield f"it ends more than {LONGEST_MS // 86_400_000} days from now; write an earlier end, and renew it"
