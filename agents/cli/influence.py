"""``tocsin influence``."""

from agents.cli.event_file import At, Events, answer, read_events, warn


def influence(events: Events, at: At = None) -> None:
    """Rank authors by who endorsed them: interactions in, JSON lines out.

    A line in is: actor target unixtime kind. The kind is RT (repost), MT
    (mention) or RE (reply). One line out for each author who was ever
    endorsed, the highest lasting score first:

      {"author": "88", "lasting": 5929.4, "spreading": 1956.6, "h": 15}

    lasting    endorsements that fade by half in 24 hours; the last hour's
               count more
    spreading  the same with 6 hours: who is passed on right now
    h          so many of the author's last 16 posts had at least so many
               endorsers. The file names no posts: an hour is one post.

    Try it:

      tocsin influence --events interactions.txt.gz | head -20

    What endorsers are worth: each counts once, by what is left of it; a
    repost 1, a mention or reply 0.2; less from accounts that endorse a lot;
    nothing from an author to itself, or beyond 1,000 a day of one account.
    Accounts that were first seen less than 12 hours before are believed up
    to five times the endorsements of known ones, beyond that by a root.

    Lines may be out of order. One that cannot be read is named with its
    number on standard error and left out; the others go on.
    """
    from pipeline.influence.ranking import Ranking

    ranking = Ranking(at)
    read_events(events, ranking.add)
    warn(ranking.read, {
        "go back in time; they count by their own": ranking.backwards,
        "are later than --at": ranking.skipped,
        "are of an account with itself; they count nothing": ranking.own,
        "are of accounts with more than 1,000 a day; they count nothing": ranking.excessive,
    })  # fmt: skip
    answer(ranked._asdict() for ranked in ranking.ranked())
