"""Read the watch list: YAML text to checked entries, or every problem in it with its line."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import TypeVar, get_type_hints

import msgspec
from msgspec import UNSET

from pipeline.text.normalise import fold, is_cjk
from pipeline.watchlist_entries import Brand, Campaign, Facet, Overrides, Rules, WatchList
from pipeline.watchlist_errors import Field, Problems, WatchListError, compose, zone_of
from pipeline.watchlist_safety import overrides
from schemas.record import EARLIEST_MS, LATEST_MS

__all__ = ["Brand", "Campaign", "Facet", "Overrides", "Rules", "WatchList", "WatchListError", "parse"]

Entry = TypeVar("Entry", Brand, Facet, Campaign)
Claim = Callable[[Field, str], None]  # told of each alias as it is read

_BRAND_KEYS = ("id", "name", "aliases", "timezone", "products", "regions", "campaigns", "safety")
_FACET_KEYS = ("id", "name", "aliases")
_CAMPAIGN_KEYS = ("id", "name", "aliases", "starts", "ends")
_REQUIRED = ("id", "aliases")
_ID = re.compile(r"[a-z0-9_-]{1,64}")
_MAX_ALIAS = 100  # characters
_WEEK_S = 7 * 86_400
_DAY = timedelta(days=1)  # a campaign that ends on a date includes it


def parse(text: str, filename: str) -> WatchList:
    """The watch list in YAML ``text``. Raises ``WatchListError``: each problem as ``filename:line: field: advice``."""
    problems = Problems(filename)
    node = compose(text, problems, "write 'brands:' and at least one brand below it")
    found = Field(node, "", problems).fields(("brands", "rules"), required=("brands",)) if node else {}
    brands = _brands(found["brands"]) if "brands" in found else ()
    rules = _rules(found["rules"]) if "rules" in found else Rules()
    problems.raise_any()
    return WatchList(brands=brands, rules=rules)


def _brands(field: Field) -> tuple[Brand, ...]:
    owners: dict[str, tuple[str, int]] = {}
    brands = _entries(field, partial(_brand, owners))
    if not brands:
        field.blame("no brand; write at least one")
    return brands


def _brand(owners: dict[str, tuple[str, int]], field: Field) -> Brand:
    found = field.fields(_BRAND_KEYS, _REQUIRED)
    claim = partial(_claim, owners, found["id"].text() if "id" in found else field.path)
    facet = partial(_facet, claim)
    head = _head(found, claim)
    zone = zone_of(found["timezone"]) if "timezone" in found else UTC
    return Brand(
        id=head.id,
        name=head.name,
        aliases=head.aliases,
        timezone=str(zone),
        products=_entries(found.get("products"), facet),
        regions=_entries(found.get("regions"), partial(_facet, _share)),
        campaigns=_entries(found.get("campaigns"), partial(_campaign, claim, zone)),
        safety=overrides(found["safety"]) if "safety" in found else UNSET,
    )


def _entries(field: Field | None, read: Callable[[Field], Entry]) -> tuple[Entry, ...]:
    """The entries of a list, their ids distinct."""
    entries: dict[str, Entry] = {}
    for item in field.items() if field else ():
        entry = read(item)
        if entry.id in entries:
            item.blame(f"id '{entry.id}' is there twice; give each entry its own")
        entries[entry.id] = entry
    return tuple(entries.values())


def _facet(claim: Claim, field: Field) -> Facet:
    return _head(field.fields(_FACET_KEYS, _REQUIRED), claim)


def _head(found: dict[str, Field], claim: Claim) -> Facet:
    """What brands, products, regions and campaigns have in common; the name defaults to the id."""
    key = found["id"].text() if "id" in found else ""
    if key and not _ID.fullmatch(key):
        found["id"].blame(f"'{key}' is no id; write 1 to 64 of a-z, 0-9, '_' and '-'")
    name = found["name"].text() if "name" in found else key
    return Facet(id=key, name=name, aliases=_aliases(found["aliases"], claim) if "aliases" in found else ())


def _campaign(claim: Claim, zone: tzinfo, field: Field) -> Campaign:
    found = field.fields(_CAMPAIGN_KEYS, _REQUIRED)
    head = _head(found, claim)
    starts = _moment(found["starts"], zone, timedelta(0)) if "starts" in found else None
    ends = _moment(found["ends"], zone, _DAY) if "ends" in found else None
    if starts is not None and ends is not None and ends <= starts:
        found["ends"].blame("this is not after 'starts'; write a later date")
    return Campaign(id=head.id, name=head.name, aliases=head.aliases, starts=starts, ends=ends)


def _aliases(field: Field, claim: Claim) -> tuple[str, ...]:
    aliases: dict[str, str] = {}
    for item in field.items():
        alias = item.text()
        folded = fold(alias)
        if not alias:
            continue
        if not any(map(str.isalnum, folded)):
            item.blame(f"'{alias}' has no letter or digit; write a word")
        elif len(folded) == 1 and not is_cjk(folded):
            item.blame(f"'{alias}' is too short to mean one brand; write at least two characters")
        elif len(alias) > _MAX_ALIAS:
            item.blame(f"this has {len(alias)} characters; write at most {_MAX_ALIAS}")
        claim(item, folded)
        aliases.setdefault(folded, alias)
    if not aliases:
        field.blame("no alias; write at least one name as posts spell it")
    return tuple(aliases.values())


def _claim(owners: dict[str, tuple[str, int]], brand: str, field: Field, folded: str) -> None:
    owner, line = owners.setdefault(folded.replace(" ", ""), (brand, field.line))
    if owner != brand:
        field.blame(f"'{folded}' already means brand '{owner}' (line {line}); keep it for one of the two")


def _share(_field: Field, _folded: str) -> None:
    """Regions may have the same names in every brand: they do not mean a brand."""


def _moment(field: Field, zone: tzinfo, after_date: timedelta) -> int | None:
    """Milliseconds of an ISO date or time. A date is its midnight in ``zone`` plus ``after_date``."""
    text = field.text()
    try:
        try:
            moment = datetime.combine(date.fromisoformat(text) + after_date, time.min, zone)
        except ValueError:
            moment = datetime.fromisoformat(text)
        millis = round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1_000)
    except (ValueError, OverflowError):
        millis = 0
    if EARLIEST_MS <= millis <= LATEST_MS:
        return millis
    if text:
        field.blame(f"'{text}' is no date between 2000 and 2100; write 2025-06-01 or 2025-06-01T09:30:00+08:00")
    return None


def _rules(field: Field) -> Rules:
    hints = get_type_hints(Rules, include_extras=True)
    values: dict[str, int | float] = {}
    found = field.fields(Rules.__struct_fields__)
    for name, item in found.items():
        default = getattr(Rules(), name)
        try:
            values[name] = msgspec.convert(item.text() or str(default), hints[name], strict=False)
        except msgspec.ValidationError as error:
            item.blame(f"{str(error).replace('Expected', 'expected')}; the default is {default}")
    rules = msgspec.structs.replace(Rules(), **values)
    for name, wrong, advice in contradictions(rules):
        found.get(name, field).blame(f"{name} = {getattr(rules, name)} {wrong}; {advice}")
    return rules


def contradictions(rules: Rules) -> Sequence[tuple[str, str, str]]:
    """What single values cannot tell: the rule, what is wrong with it, what to write instead."""
    most = _WEEK_S // rules.bucket_s
    checks = (
        (
            "bucket_s",
            300 % rules.bucket_s == 0,
            "does not divide five minutes",
            "write 10, 20, 30, 60, 150, 300 or another divisor of 300",
        ),
        ("horizon_s", rules.horizon_s >= rules.bucket_s, "is below bucket_s", "write at least bucket_s"),
        ("horizon_s", rules.horizon_s >= rules.lateness_s, "is below lateness_s", "write at least lateness_s"),
        ("idle_s", rules.idle_s >= rules.quiet_s, "is below quiet_s", "write at least quiet_s"),
        ("pages_per_week", rules.pages_per_week <= most, "is more than one a bucket", f"write at most {most}"),
        ("max_life_s", rules.max_life_s >= rules.idle_s, "is below idle_s", "write at least idle_s"),
    )
    return [(name, wrong, advice) for name, fine, wrong, advice in checks if not fine]
