"""A page in one language, in parts that a target may dress as it likes and leave out where there is no room."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import NamedTuple, Self, TypeVar

from pipeline.languages import said
from pipeline.markup import segment
from pipeline.page_causes import TITLE_LENGTH
from pipeline.page_digest import is_digest
from pipeline.page_quotes import Quote, quotes
from pipeline.page_text import LANGUAGES, facts, reference
from pipeline.quoting import clip, one_line
from schemas.alert import Page

T = TypeVar("T")

ACKNOWLEDGED, RESOLVED = "acknowledged", "resolved"
ANSWERS = MappingProxyType({"acknowledge": ACKNOWLEDGED, "resolve": RESOLVED})
ICONS = MappingProxyType(
    {"critical": "🔴", "error": "🟠", "warning": "🟡", "info": "🔵", ACKNOWLEDGED: "👤", RESOLVED: "🟢"}
)

_QUOTE_LENGTHS = (160, 80)  # characters of a quoted post when room gets short
_LINK_LENGTH = 300  # then longer links go, too: the place of the post is left


class Message(NamedTuple):
    """Every part is one line. Posts, names and links come from strangers: a target neutralises its own markup."""

    title: str
    facts: tuple[str, ...]  # the most telling first
    heading: str  # above the quotes; empty without any
    quotes: tuple[Quote, ...]
    left_out: str  # says how many posts are not shown; empty if all are
    reference: str
    url: str  # of the incident in the console; empty without a console
    open_incident: str  # what to call that link
    open_post: str  # what to call the link of a post
    tone: str  # a severity, ACKNOWLEDGED or RESOLVED: a key of ICONS

    @property
    def headline(self) -> str:
        """The title with the sign of its severity."""
        return f"{ICONS[self.tone]} {self.title}"

    def neutralised(self, neutral: Callable[[str], str]) -> Self:
        """The message with ``neutral`` applied to all that may hold strangers' words, but not to links."""
        return self._replace(
            title=neutral(self.title),
            facts=tuple(map(neutral, self.facts)),
            quotes=tuple(
                post._replace(head=neutral(post.head), text=neutral(post.text), place=neutral(post.place))
                for post in self.quotes
            ),
            reference=neutral(self.reference),
        )


def message(page: Page, language: str, console: str) -> Message:
    """``page`` in ``language``; ``console`` is the address below which incidents are shown, or empty."""
    words, alert, digest = LANGUAGES[language], page.alert, is_digest(page)
    place = "incidents" if digest else f"incidents/{segment(page.dedup_key)}"
    return Message(
        title=clip(said(page.title, language), TITLE_LENGTH),
        facts=tuple(map(one_line, said(page.body, language).split("\n") if digest else facts(alert, words))),
        heading=words.quotes if alert.evidence and not digest else "",
        quotes=() if digest else tuple(quotes(alert, words)),
        left_out="",
        reference="Tocsin." if digest else f"Tocsin. {reference(alert, words)}",
        url=f"{console.rstrip('/')}/{place}" if console else "",
        open_incident=words.open_incident,
        open_post=words.open_post,
        tone=ANSWERS.get(page.action, page.severity),
    )


def without_posts(whole: Message, language: str) -> Message:
    """``whole`` for a target that does not take strangers' words; says how many posts are missing."""
    return _quoting(whole, (), LANGUAGES[language].left_out)._replace(heading="")


def fit(whole: Message, language: str, write: Callable[[Message], T], fits: Callable[[T], bool]) -> T:
    """What ``write`` makes of as much of the message as ``fits``: posts are cut before facts, the title never."""
    written = write(whole)
    for less in _shrinking(whole, language):
        if fits(written):
            break
        written = write(less)
    return written


def _shrinking(whole: Message, language: str) -> Iterator[Message]:
    posts = whole.quotes
    for length in _QUOTE_LENGTHS:
        posts = tuple(_shortened(post, length) for post in posts)
        yield whole._replace(quotes=posts)
    for kept in reversed(range(1, len(posts))):
        yield _quoting(whole, posts[:kept], LANGUAGES[language].left_out)
    bare = without_posts(whole, language)
    for kept in reversed(range(len(whole.facts) + 1)):
        yield bare._replace(facts=whole.facts[:kept])


def _quoting(whole: Message, posts: tuple[Quote, ...], left_out: str) -> Message:
    missing = len(whole.quotes) - len(posts)
    return whole._replace(quotes=posts, left_out=left_out.format(n=missing) if missing else "")


def _shortened(post: Quote, length: int) -> Quote:
    """The text up to ``length`` characters between its quotation marks."""
    opening, text, closing = post.text[0], post.text[1:-1], post.text[-1]
    return post._replace(
        text=opening + clip(text, length) + closing, url=post.url if len(post.url) <= _LINK_LENGTH else ""
    )
