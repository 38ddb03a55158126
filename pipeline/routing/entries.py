"""What a routing file holds: receivers, and routes that lead pages to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.vocabulary import Category, Severity

DAY_MINUTES = 24 * 60
DEFAULT_EXPIRY_MS = 86_400_000  # a page that no target takes for so long is given up
ALL_DAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """Times of a week on somebody's clock. ``opens`` and ``closes`` are minutes after midnight; equal: all day.

    A window that closes before it opens ends on the next day, and belongs to the ``days`` (0 is Monday) of its
    beginning.
    """

    opens: int = 0
    closes: int = 0
    days: frozenset[int] = ALL_DAYS


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who hears of pages: a notifier with settings of its own, and a clock."""

    name: str
    notifier: str
    timezone: str = "UTC"  # IANA name
    language: str = ""  # of ``LANGUAGES``; empty: as the settings say
    duty: Window = Window()  # when they may be rung
    per_minute: int | None = None  # messages; None: as the notifier says
    settings: Mapping[str, str] = field(default_factory=dict)  # in place of the TOCSIN_ variables
    secret_files: Mapping[str, str] = field(default_factory=dict)  # setting -> file that holds it


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told when nobody has acknowledged for ``after_ms``."""

    after_ms: int
    notify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Conditions that must all hold, empty ones do; and who is told by steps, or at the times of a ``digest``."""

    name: str
    steps: tuple[Step, ...]
    brands: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset()
    categories: frozenset[Category] = frozenset()
    regions: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()  # kinds of findings about single posts; such a route takes no pages
    hours: Window = Window()
    timezone: str = ""  # of ``hours``; empty: that of the first receiver
    digest: tuple[int, ...] = ()  # minutes after midnight on each receiver's clock
    further: bool = False  # routes below are looked at as well

    @property
    def takes_everything(self) -> bool:
        """Whether no page can miss it."""
        conditions = (self.brands, self.severities, self.categories, self.regions, self.posts)
        return not any(conditions) and self.hours == Window()


@dataclass(frozen=True, slots=True)
class Routing:
    """A whole routing file. The first route that matches takes the page."""

    receivers: Mapping[str, Receiver]
    routes: tuple[Route, ...]
    expire_ms: int = DEFAULT_EXPIRY_MS

    @property
    def rings_for_posts(self) -> bool:
        """Whether somebody wants to hear of single posts at once."""
        return any(route.posts for route in self.routes)

    def named(self, name: str) -> Receiver | None:
        """The receiver of this name."""
        return self.receivers.get(name)


def everyone(notifiers: Iterable[str]) -> Routing:
    """Without a routing file: every notifier that is set up hears of every page at once."""
    names = tuple(notifiers)
    receivers = {name: Receiver(name, name) for name in names}
    return Routing(receivers, (Route("everyone", (Step(0, names),)),))
