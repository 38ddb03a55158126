"""A page in the little Markdown that group bots have in common: bold, quotation and links."""

from pipeline.markup import address, wide
from pipeline.page_message import Message
from pipeline.page_quotes import Quote


def markdown(told: Message, paragraph: str) -> str:
    """``told`` with ``paragraph`` between its lines: what begins a new line differs from service to service."""
    told = told.neutralised(wide)
    opening = _link(told.open_incident, told.url) if told.url else ""
    heading = f"**{told.heading}**" if told.heading else ""
    posts = [line for post in told.quotes for line in _post(post, told.open_post)]
    lines = (f"**{told.headline}**", *told.facts, heading, *posts, told.left_out, opening, told.reference)
    return paragraph.join(filter(None, lines))


def _post(post: Quote, label: str) -> tuple[str, str, str]:
    return post.head, f"> {post.text}", _link(label, post.url) if post.url else post.place


def _link(label: str, url: str) -> str:
    return f"[{label}]({address(url)})"
