"""A page in the little Markdown that group bots have in common: bold, quotation and links."""

from pipeline.markup import address, wide
from pipeline.page_message import Message
from pipeline.page_quotes import Quote


def markdown(told: Message, paragraph: str) -> str:
    """``told`` with ``paragraph`` between its lines: what begins a new line differs from service to service."""
    opening = [_link(told.open_incident, told.url)] if told.url else []
    posts = [line for post in told.quotes for line in _post(post, told.open_post)]
    lines = [
        f"**{wide(told.headline)}**",
        *map(wide, told.facts),
        *([f"**{told.heading}**"] if told.heading else []),
        *posts,
        *filter(None, [told.left_out]),
        *opening,
        wide(told.reference),
    ]
    return paragraph.join(lines)


def _post(post: Quote, label: str) -> list[str]:
    where = _link(label, post.url) if post.url else wide(post.place)
    return [wide(post.head), f"> {wide(post.text)}", where]


def _link(label: str, url: str) -> str:
    return f"[{label}]({address(url)})"
