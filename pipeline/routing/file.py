"""Read a routing file: YAML text to checked receivers and routes, or every problem in it with its line."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, get_args

from pipeline.languages import MEANT
from pipeline.routing.entries import DEFAULT_EXPIRY_MS, Receiver, Route, Routing, Step
from pipeline.routing.values import count, identifier, meant, span, times, window, words, yes
from pipeline.watchlist_errors import Field, Problems, compose, zone_of
from schemas.finding import AT_ONCE
from schemas.vocabulary import Category, Severity

LANGUAGES = tuple(MEANT)
FILE_SUFFIX = "_file"  # of a setting whose value is in a file
COLLECTING = frozenset({"alertmanager", "pagerduty"})  # ring or burn by themselves: no place for a digest
_PER_MINUTE = 6_000
_RECEIVER = ("id", "notifier", "timezone", "language", "hours", "days", "per_minute", "settings")
_ROUTE = (
    "id", "brands", "severities", "categories", "regions", "posts", "hours", "days", "timezone", "notify", "steps",
    "digest", "further",
)  # fmt: skip


class Known(NamedTuple):
    """What a routing file may name."""

    notifiers: Collection[str]
    settings: Mapping[str, bool]  # name -> whether it is a secret
    regions: Mapping[str, Collection[str]]  # brand -> its regions


def parse(text: str, filename: str, known: Known) -> Routing:
    """The routing in YAML ``text``. Raises ``WatchListError``: each problem as ``filename:line: field: advice``."""
    problems = Problems(filename)
    node = compose(text, problems, "write 'receivers:' and 'routes:', at least one entry below each")
    top = Field(node, "", problems) if node else None
    found = top.fields(("receivers", "routes", "expire"), required=("receivers", "routes")) if top else {}
    receivers = {one.name: one for one in _receivers(found["receivers"], known)} if "receivers" in found else {}
    routes = tuple(_routes(found["routes"], receivers, known)) if "routes" in found else ()
    expire = span(found["expire"], DEFAULT_EXPIRY_MS) if "expire" in found else DEFAULT_EXPIRY_MS
    if "expire" in found and not expire:
        found["expire"].blame("a page needs some time to arrive; write 1h or more")
    if "receivers" in found:
        _unused(found["receivers"], receivers, routes)
    problems.raise_any()
    return Routing(receivers, routes, expire)


def _receivers(field: Field, known: Known) -> Iterator[Receiver]:
    seen: set[str] = set()
    for item in field.items():
        found = item.fields(_RECEIVER, ("id", "notifier"))
        name = _own(item, found, seen)
        notifier = found["notifier"].text() if "notifier" in found else ""
        if notifier and notifier not in known.notifiers:
            found["notifier"].blame(f"no such notifier: '{notifier[:80]}'; {meant(notifier, known.notifiers)}")
        settings = _settings(found["settings"], known) if "settings" in found else {}
        yield Receiver(
            name,
            notifier,
            timezone=str(zone_of(found["timezone"])) if "timezone" in found else "UTC",
            language=_language(found.get("language")),
            duty=window(found.get("hours"), found.get("days")),
            per_minute=count(found["per_minute"], _PER_MINUTE) if "per_minute" in found else None,
            settings={key: value for key, value in settings.items() if key in known.settings},
            secret_files={
                key.removesuffix(FILE_SUFFIX): value for key, value in settings.items() if key not in known.settings
            },
        )
    if not seen:
        field.blame("no receiver; write at least one")


def _own(item: Field, found: Mapping[str, Field], seen: set[str]) -> str:
    """The id of an entry, which no other has."""
    name = identifier(found.get("id"))
    if name in seen:
        item.blame(f"id '{name}' is there twice; give each entry its own")
    seen.add(name)
    return name


def _language(field: Field | None) -> str:
    text = field.text() if field else ""
    if field and text and text not in LANGUAGES:
        field.blame(f"'{text[:40]}' is no language of pages; write {', '.join(LANGUAGES)}")
    return text


def _settings(field: Field, known: Known) -> dict[str, str]:
    """Settings by name. A secret stands in a file of its own, which ``<name>_file`` names."""
    may = [name for name, secret in known.settings.items() if not secret]
    may += [f"{name}{FILE_SUFFIX}" for name in known.settings]
    secrets = [name for name, secret in known.settings.items() if secret]
    found: dict[str, str] = {}
    for name, value in field.fields([*may, *secrets]).items():
        if name in secrets:
            value.blame(f"this is a secret; write {name}{FILE_SUFFIX} with the path of a file that holds it")
        else:
            found[name] = value.text()
    return found


def _routes(field: Field, receivers: Mapping[str, Receiver], known: Known) -> Iterator[Route]:
    seen: set[str] = set()
    everything = ""  # the route after which nothing comes
    item = field
    for item in field.items():
        found = item.fields(_ROUTE, ("id",))
        route = _route(item, found, _own(item, found, seen), receivers, known)
        if everything:
            item.blame(f"no page comes so far: route '{everything}' above takes all; give it a condition")
        elif route.takes_everything and not route.further:
            everything = route.name or "?"
        yield route
    if not everything:
        item.blame("some pages would reach nobody; let the last route have neither conditions nor 'further: yes'")


def _route(
    item: Field, found: Mapping[str, Field], name: str, receivers: Mapping[str, Receiver], known: Known
) -> Route:
    brands = words(found.get("brands"), known.regions, "brand")
    of_brands = {region for brand in brands or known.regions for region in known.regions.get(brand, ())}
    severities: tuple[Severity, ...] = get_args(Severity)
    categories: tuple[Category, ...] = get_args(Category)
    digest = times(found["digest"]) if "digest" in found else ()
    steps = tuple(_steps(item, found, receivers))
    for unknown in ("categories", "regions") if "posts" in found else ():
        if unknown in found:
            found[unknown].blame(f"a single post has no {unknown} yet; remove this line, or 'posts'")
    if digest:
        _collected(found["digest"], steps, receivers)
    return Route(
        name,
        steps,
        brands=frozenset(brands),
        severities=frozenset(set(severities).intersection(words(found.get("severities"), severities, "severity"))),
        categories=frozenset(set(categories).intersection(words(found.get("categories"), categories, "category"))),
        regions=frozenset(words(found.get("regions"), of_brands, "region")),
        posts=frozenset(words(found.get("posts"), AT_ONCE, "finding")),
        hours=window(found.get("hours"), found.get("days")),
        timezone=str(zone_of(found["timezone"])) if "timezone" in found else "",
        digest=digest,
        further=yes(found.get("further")),
    )


def _steps(item: Field, found: Mapping[str, Field], receivers: Mapping[str, Receiver]) -> Iterator[Step]:
    """One step in ``notify``, or several in ``steps``; each later than the one before."""
    if ("notify" in found) == ("steps" in found):
        item.blame("write 'notify' with receivers, or 'steps', one of the two")
        return
    if "notify" in found:
        yield Step(0, words(found["notify"], receivers, "receiver"))
        return
    last = -1
    for step in found["steps"].items():
        fields = step.fields(("after", "notify"), ("notify",))
        after = span(fields["after"], 0) if "after" in fields else 0
        if after <= last:
            fields.get("after", step).blame("this is no later than the step before; write 'after: 10m' or more")
        last = max(after, last)
        yield Step(after, words(fields.get("notify"), receivers, "receiver"))
    if last < 0:
        found["steps"].blame("no step; write at least one with 'notify'")


def _collected(field: Field, steps: tuple[Step, ...], receivers: Mapping[str, Receiver]) -> None:
    if len(steps) > 1:
        field.blame("a digest has no steps; write 'notify' instead")
    named = [receivers[name] for step in steps for name in step.notify if name in receivers]
    for one in named:
        if one.notifier in COLLECTING:
            field.blame(f"'{one.name}' is a {one.notifier}, which cannot read a digest; name a chat or e-mail")


def _unused(field: Field, receivers: Mapping[str, Receiver], routes: tuple[Route, ...]) -> None:
    used = {name for route in routes for step in route.steps for name in step.notify}
    for item in field.items():
        name = identifier(item.fields(_RECEIVER).get("id"))
        if name in receivers and name not in used:
            item.blame(f"no route names '{name}'; name it or remove it")
