"""A routing file in words, for operators."""

from pipeline.figures import duration
from pipeline.routing.entries import DAY_MINUTES, Route, Window
from pipeline.routing.values import DAYS

_DURATIONS = ("{} d", "{} h", "{} min", "{} s")


def window_text(window: Window) -> str:
    """Such as "09:00-18:00, mon tue"."""
    hours = "" if window.opens == window.closes else f"{_clock(window.opens)}-{_clock(window.closes or DAY_MINUTES)}"
    days = "" if len(window.days) == len(DAYS) else " ".join(DAYS[day] for day in sorted(window.days))
    return ", ".join(filter(None, (hours, days))) or "always"


def conditions(route: Route) -> str:
    """What a page must be."""
    sets = (route.brands, route.severities, route.categories, route.regions, route.posts)
    parts = [" or ".join(sorted(words)) for words in sets if words]
    if route.hours != Window():
        parts.append(f"{window_text(route.hours)} {route.timezone or 'on the clock of the first receiver'}")
    return "; ".join(parts) or "everything"


def deeds(route: Route) -> str:
    """Whom it tells, and when."""
    further = "; then the routes below" if route.further else ""
    if route.digest:
        return f"{', '.join(route.steps[0].notify)} in a digest at {', '.join(map(_clock, route.digest))}{further}"
    steps = (
        f"{', '.join(step.notify)} {f'after {duration(step.after_ms, _DURATIONS)}' if step.after_ms else 'at once'}"
        for step in route.steps
    )
    return f"{'; '.join(steps)}{further}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
