"""The posts that a page quotes: each with why it was chosen, verbatim, and where it is."""

from typing import NamedTuple

from pipeline.figures import clock
from pipeline.page_causes import copies
from pipeline.page_names import name
from pipeline.quoting import link, one_line
from pipeline.wording import Wording
from schemas.alert import Alert
from schemas.brand_log import Evidence
from schemas.topics import POSTS

QUOTED = 10  # posts


class Quote(NamedTuple):
    """One post, each part on one line. ``text`` is a stranger's, in the quotation marks of the reader's language."""

    head: str  # number, platform, time, why, audience, copies
    text: str
    place: str  # topic/partition/offset
    url: str  # http or https; empty if the post has none that may be clicked

    def lines(self) -> list[str]:
        """As plain text."""
        return [self.head, f"   {self.text}", f"   {self.place} {self.url}".rstrip()]


def quotes(alert: Alert, words: Wording) -> list[Quote]:
    """The first QUOTED posts of the evidence."""
    return [_quote(number, post, alert.at, words) for number, post in enumerate(alert.evidence[:QUOTED], start=1)]


def _quote(number: int, post: Evidence, today: int, words: Wording) -> Quote:
    head = words.post.format(
        number=number,
        platform=name(post.platform, words),
        at=clock(post.at, today),
        why=name(post.why, words),
    )
    followers = words.followers.format(reach=f"{post.reach:,}") if post.reach > 0 else ""
    return Quote(
        head=head + followers + copies(post, words),
        text=words.quote.format(text=one_line(post.text)),
        place=f"{POSTS.name}/{post.partition}/{post.offset}",
        url=link(post.url),
    )
