"""``tocsin cascades``."""

from typing import TYPE_CHECKING

from agents.cli.event_file import At, Events, answer, read_events, warn

if TYPE_CHECKING:
    from pipeline.influence.cascade_file import CascadeFile

_SHOWN = ("root", "size", "speed_per_h", "doubling_s", "expected", "low", "high", "growing")


def cascades(events: Events, at: At = None) -> None:
    """Tell how far reposts have come and will go: interactions in, JSON lines out.

    A line in is: actor target unixtime kind. The kind is RT (repost); MT
    and RE are left out. The file names no posts: what is reposted of a
    target until it rests for six hours is one cascade. One line out for
    each that is open and has ten reposts, the largest first:

      {"root": "88", "size": 1240, "speed_per_h": 391.0, "doubling_s":
       11417, "expected": 310, "low": 102, "high": 1630, "growing": false}

    speed_per_h  at present: the last half hour counts most
    doubling_s   until as many again, at this speed; null: over 30 days
    expected     reposts still to come until the cascade is 12 hours old,
                 by its last forecast (at 1/2, 1, 2 and 4 hours), less what
                 has come since; low and high hold four of five times
    growing      true: it was not slowing down, or has outgrown its
                 forecast; expected, low and high are null then. If they
                 are null without: not forecast yet, or over

    Try it:

      tocsin cascades --events interactions.txt.gz --at 1341400000 | head

    Reposts of oneself, repeated ones and those beyond 1,000 a day of one
    account count nothing. Lines should be by time: a repost that comes 12
    hours late belongs to no cascade. One that cannot be read is named with
    its number on standard error and left out; the others go on.
    """
    import msgspec

    from pipeline.influence.cascade_file import CascadeFile

    file = CascadeFile(at)
    read_events(events, file.add)
    file.end()
    _warn(file)
    told = (msgspec.structs.asdict(one) for one in file.standing())
    answer({name: one[name] for name in _SHOWN} | {"speed_per_h": round(one["speed_per_h"], 1)} for one in told)


def _warn(file: "CascadeFile") -> None:
    told = {
        "are no reposts": file.others,
        "go back in time": file.backwards,
        "are later than --at": file.skipped,
        "are of an account with itself; they count nothing": file.own,
        "are of accounts with more than 1,000 a day; they count nothing": file.excessive,
        "say again what was said; they count nothing": file.repeated,
        "are too late for any cascade": file.cascades.counted["stale"],
    }
    warn(file.read, told)
