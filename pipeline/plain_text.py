"""A page as plain text, for those who want no more."""

from pipeline.page_message import Message


def plain_text(told: Message) -> str:
    """All but the title."""
    posts = [line for post in told.quotes for line in (*post.lines(), "")]
    opening = f"{told.open_incident}: {told.url}" if told.url else ""
    tail = filter(None, (told.left_out, opening, told.reference))
    return "\n".join([*told.facts, "", *filter(None, [told.heading]), *posts, *tail])
