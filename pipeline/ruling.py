"""By which watch list a partition is judged, and how that changes: at a record of the log, and never silently back."""

from typing import Literal, NamedTuple
from zoneinfo import available_timezones

import msgspec
from msgspec.structs import replace

from pipeline.configuration import rules_digest
from pipeline.detectors._base import Tuning, threshold
from pipeline.field_differences import changed
from pipeline.watchlist import contradictions
from pipeline.watchlist_entries import Brand, Rules, WatchList
from schemas.codec import MAX_DETAIL, Malformed
from schemas.rules_change import RulesChange

KEYS = {"pages": b"rules", "shadow": b"shadow-rules"}  # of the records, by scope
REMEMBERED = 100  # lists that were in force, so that an old file found at a start is known as old
HEARD_BY = ("bucket_s", "lateness_s", "horizon_s")  # rules that listen counts by, too


class Ruling(msgspec.Struct):
    """The watch lists of one partition: in force, before the log's first word about rules, and left."""

    began: WatchList
    watchlist: WatchList
    logged: str = ""  # the digest that the last change told; empty before the first
    left: list[str] = []  # digests of lists, the oldest first

    def change(self, watchlist: WatchList, logged: str) -> None:
        """Take a change in."""
        self.logged = logged
        if watchlist != self.watchlist:
            gone = [digest for digest in (*self.left, self.watchlist.digest()) if digest != watchlist.digest()]
            self.left, self.watchlist = gone[-REMEMBERED:], watchlist


class Choice(NamedTuple):
    """What to do about a file of rules: the list to tell the log, if any, and why, or why not."""

    watchlist: WatchList | None
    why: Literal["in_force", "new", "older_than_log", "needs_restart"]


def at_start(ruling: Ruling, file: WatchList) -> Choice:
    """A file that a worker started with. The log wins over a file it has left, but for what listen matches by."""
    if file == ruling.watchlist:
        return Choice(None if ruling.logged == rules_digest(file) else file, "in_force")
    if file.digest() not in ruling.left:
        return Choice(file, "new")
    if matching(file) == matching(ruling.watchlist):
        return Choice(None, "older_than_log")
    return Choice(_with_rules_of(file, ruling.watchlist.rules), "older_than_log")


def on_change(in_force: WatchList, file: WatchList) -> Choice:
    """A file that has changed under a running worker, or that an operator names: somebody means it."""
    if file == in_force:
        return Choice(None, "in_force")
    same = matching(file) == matching(in_force)
    return Choice(file, "new") if same else Choice(None, "needs_restart")


def matching(watchlist: WatchList) -> WatchList:
    """What of a list says which posts count where: only a start of the workers changes that."""
    return WatchList(brands=tuple(map(_matching, watchlist.brands)), rules=replace(Rules(), **heard_by(watchlist)))


def heard_by(watchlist: WatchList) -> dict[str, int]:
    """The rules that listen counts by, too."""
    return {name: getattr(watchlist.rules, name) for name in HEARD_BY}


def _matching(brand: Brand) -> Brand:
    campaigns = tuple(replace(campaign, starts=None, ends=None) for campaign in brand.campaigns)
    return replace(brand, name="", timezone="UTC", campaigns=campaigns)


def _with_rules_of(file: WatchList, rules: Rules) -> WatchList:
    return replace(file, rules=replace(rules, **heard_by(file)))


def listed(change: RulesChange) -> WatchList | Malformed:
    """The watch list of a change, or why it can be judged by none: the log may hold what no file check has seen."""
    try:
        found = msgspec.convert(change.watchlist, WatchList)
    except msgspec.ValidationError as error:
        return Malformed("wrong_type", f"watchlist: {error}"[:MAX_DETAIL])
    wrong = [f"{name} {what}" for name, what, _ in contradictions(found.rules)]
    zones = {brand.timezone for brand in found.brands} - {"UTC"}
    wrong += sorted(f"{zone} is no time zone" for zone in zones - available_timezones())
    return Malformed("out_of_range", "; ".join(wrong)[:MAX_DETAIL]) if wrong else found


def change_record(watchlist: WatchList | None, change: RulesChange) -> RulesChange:
    """``change`` with a watch list, or with none to end the shadow."""
    if watchlist is None:
        return replace(change, watchlist=None, digest="")
    return replace(change, watchlist=msgspec.to_builtins(watchlist), digest=rules_digest(watchlist))


def differences(before: WatchList, after: WatchList) -> list[str]:
    """What changes from one list to another, a line each."""
    return changed(_by_brand(before), _by_brand(after))


def _by_brand(watchlist: WatchList) -> bytes:
    return msgspec.json.encode({"rules": watchlist.rules, "brands": {brand.id: brand for brand in watchlist.brands}})


def tuning(watchlist: WatchList) -> Tuning:
    """What the detectors share under a list: the budget of false pages is that of all its brands."""
    rules, keys = watchlist.rules, max(len(watchlist.brands), 1)
    return Tuning(rules.bucket_s, threshold(rules.bucket_s, keys, rules.pages_per_week))
