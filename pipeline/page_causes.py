"""What a page says of causes: where the excess comes from, what spreads, one problem or many, where it began."""

from pipeline.clusters import AUTHORS
from pipeline.drivers import TEXT
from pipeline.figures import amount, clock, rarity, ratio, share
from pipeline.page_names import facet, name
from pipeline.quoting import clip
from pipeline.wording import Wording
from schemas.alert import Alert, Driver
from schemas.brand_log import Evidence
from schemas.decision import Decision

LISTED = 6  # drivers, categories
MOST = 0.5  # of the excess: a driver that makes it into the title, a category that is the one problem
TITLE_LENGTH = 120
SLOW = 0.1  # events a minute; below, people count by the hour, and below that much an hour by the day
BRAND_LENGTH = 40  # in a title, which must not lose its numbers to a long name


def level(of: Alert | Decision, words: Wording) -> str:
    """Observed against normal, in numbers that people say."""
    unit, times = name(of.unit, words), ratio(of.observed, of.expected)
    shown = share if "share" in of.unit else amount
    expected = _slow(of.expected, words) if of.unit.endswith("per minute") else shown(of.expected)
    if not times:
        return words.level.format(observed=shown(of.observed), unit=unit, expected=expected)
    said = words.over_times.format(ratio=times[1:]) if times[0] == ">" else words.times.format(ratio=times)
    return words.level_ratio.format(observed=shown(of.observed), unit=unit, expected=expected, times=said)


def _slow(rate: float, words: Wording) -> str:
    """A rate per minute; one that is rare per hour or per day."""
    if not 0 < rate < SLOW:
        return amount(rate)
    hour, day = words.slow
    return hour.format(n=amount(rate * 60)) if rate * 60 >= 1 else day.format(n=amount(rate * 1440))


def chance(alert: Alert, words: Wording) -> str:
    """How often chance alone would do this; an empty string where nobody has worked it out."""
    if alert.once_in_s <= 0:
        return ""
    time, exceeded = rarity(alert.once_in_s, words.durations, words.years)
    return (words.rarest if exceeded else words.rare).format(brand=clip(alert.brand, BRAND_LENGTH), time=time)


def titled(title: str, alert: Alert, words: Wording) -> str:
    """The title with its main driver, if one explains most of the excess and there is room to say so."""
    top = next((driver for driver in _drivers(alert) if driver.share >= MOST), None)
    if top is None:
        return title
    if _kind(top) == TEXT:
        longer = words.titled_text.format(title=title, share=share(top.share))
    else:
        said = words.new_driver.format(facet=facet(top.facet, words), share=share(top.share))
        longer = words.titled.format(title=title, driver=said)
    return longer if len(longer) <= TITLE_LENGTH else title


def causes(alert: Alert, words: Wording) -> list[str]:
    """Lines: first seen, comes from, spreading, one problem or many; those of which something is known."""
    lines = []
    first = next((post for post in alert.evidence if post.why == "first"), None)
    if first is not None:
        lines.append(_first(first, alert, words))
    texts = [driver for driver in _drivers(alert) if _kind(driver) == TEXT]
    others = _facets(alert)
    if others:
        lines.append(words.driven.format(drivers=words.separator.join(_driver(one, words) for one in others)))
    elif alert.drivers:
        largest = sorted(alert.drivers.items(), key=lambda item: (-item[1], item[0]))[:LISTED]
        named = words.separator.join(f"{facet(key, words)} {share(part)}" for key, part in largest)
        lines.append(words.where.format(drivers=named))
    if texts:
        lines.append(_spreading(texts[0], alert, words))
    return [*lines, *_problems(alert, words)]


def copies(post: Evidence, words: Wording) -> str:
    """How many copies of a quoted post there are, and by how many accounts; an empty string if none is known."""
    if post.copies <= 0:
        return ""
    return words.copies.format(copies=f"{post.copies:,}", accounts=_accounts(post.accounts, words))


def _drivers(alert: Alert) -> tuple[Driver, ...]:
    return alert.excess.drivers if alert.excess else ()


def _facets(alert: Alert) -> list[Driver]:
    """A channel says little beside its platforms."""
    hidden = {TEXT, "channel"} if any(_kind(driver) == "platform" for driver in _drivers(alert)) else {TEXT}
    return [driver for driver in _drivers(alert) if _kind(driver) not in hidden][:LISTED]


def _kind(driver: Driver) -> str:
    return driver.facet.partition(":")[0]


def _driver(driver: Driver, words: Wording) -> str:
    template = words.new_driver if driver.usual is None else words.driver
    return template.format(facet=facet(driver.facet, words), share=share(driver.share), usual=share(driver.usual or 0))


def _first(post: Evidence, alert: Alert, words: Wording) -> str:
    return words.first_seen.format(at=clock(post.at, alert.at), platform=name(post.platform, words))


def _spreading(driver: Driver, alert: Alert, words: Wording) -> str:
    return words.spreading.format(
        share=share(driver.share),
        posts=f"{driver.count:,}",
        reposts=f"{driver.reposts:,}",
        accounts=_accounts(driver.accounts, words),
        first=clock(driver.first or alert.since, alert.at),
    )


def _accounts(count: int, words: Wording) -> str:
    return f"{count:,}" if count < AUTHORS else words.about.format(n=f"{count:,}")


def _problems(alert: Alert, words: Wording) -> list[str]:
    largest = list(alert.categories.items())[:LISTED]
    if not largest:
        return []
    named = words.separator.join(f"{name(category, words)} {share(part)}" for category, part in largest)
    template = words.one_problem if largest[0][1] >= MOST else words.many_problems
    return [template.format(category=name(largest[0][0], words), categories=named)]
