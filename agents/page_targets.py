"""Where pages go: the routing in force, and for each of its receivers a notifier and its pace."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import SecretStr

from agents.notifier_settings import NotifierSettings
from agents.notifiers._base import Notifier, NotifierFactory
from agents.paging import configured, factories
from agents.settings import Settings
from pipeline.dispatch.pacing import Pacing
from pipeline.languages import MEANT
from pipeline.routing.entries import Receiver, Routing, everyone
from pipeline.routing.file import Known, parse
from pipeline.watchlist import WatchList

AT_ONCE = 8  # messages to one target under way


class Target(NamedTuple):
    """One receiver: what it is told by, and how fast."""

    name: str
    notifier: Notifier
    pacing: Pacing


class Routed(NamedTuple):
    """The routing and its targets by name."""

    routing: Routing
    targets: Mapping[str, Target]


def routed(settings: Settings, watchlist: WatchList, now_ms: Callable[[], int]) -> Routed:
    """By the routing file, or to every notifier that is set up if there is none.

    Raises:
        OSError: a file cannot be read.
        WatchListError: the routing file is wrong; the text names file, line and field.
        ValueError: a setting of a notifier is wrong or missing. The text never repeats a secret.
    """
    options, known = settings.notifier_options(), factories()
    if not settings.routing:
        notifiers = configured(options, now_ms)
        found = {one.name: Target(one.name, one, _pacing(known[one.name], None)) for one in notifiers}
        return Routed(everyone(found), found)
    routing = read_routing(Path(settings.routing), watchlist)
    return Routed(
        routing,
        {name: _target(one, known[one.notifier], options, now_ms) for name, one in routing.receivers.items()},
    )


def read_routing(path: Path, watchlist: WatchList) -> Routing:
    """The routing of a file. Raises OSError or WatchListError as ``routed``."""
    regions = {brand.id: tuple(region.id for region in brand.regions) for brand in watchlist.brands}
    return parse(path.read_text(encoding="utf-8"), str(path), Known(tuple(factories()), _settings(), regions))


def _settings() -> dict[str, bool]:
    """What a receiver may set for itself, and whether it is a secret."""
    shared = {"language", "terminal"}  # the first has a field of its own, the second is the notifier
    fields = NotifierSettings.model_fields
    return {name: SecretStr in (field.annotation, *get_args(field.annotation)) for name, field in fields.items()
            if name not in shared}  # fmt: skip


def _target(
    receiver: Receiver, factory: NotifierFactory, options: Mapping[str, str], now_ms: Callable[[], int]
) -> Target:
    secrets = {name: Path(file).read_text(encoding="utf-8").strip() for name, file in receiver.secret_files.items()}
    own = {"terminal": "on", **receiver.settings, **secrets}
    language = MEANT[receiver.language] if receiver.language else options.get("language", "en")
    try:
        notifier = factory.from_settings({**options, **own, "language": language}, now_ms)
    except ValueError as error:
        raise ValueError(f"receiver {receiver.name}: {error}") from None
    if notifier is None:
        needed = ", ".join(factory.example)
        raise ValueError(f"receiver {receiver.name}: {receiver.notifier} needs settings, such as {needed}")
    return Target(receiver.name, notifier, _pacing(factory, receiver.per_minute))


def _pacing(factory: NotifierFactory, per_minute: int | None) -> Pacing:
    limit = getattr(factory, "per_minute", 0) if per_minute is None else per_minute
    return Pacing(limit, AT_ONCE)
