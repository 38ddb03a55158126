"""A page as an Adaptive Card for Microsoft Teams: strangers' words in text runs, which know no Markdown."""

from types import MappingProxyType
from typing import Any

from pipeline.page_message import ACKNOWLEDGED, RESOLVED, Message
from pipeline.page_quotes import Quote

STYLES = MappingProxyType({
    "critical": "attention", "error": "attention", "warning": "warning", "info": "accent", ACKNOWLEDGED: "accent",
    RESOLVED: "good",
})  # fmt: skip

Element = dict[str, Any]


def adaptive_card(told: Message) -> Element:
    """A card of version 1.4, the newest that every client of Teams shows."""
    title = _text(_run(told.headline, size="Large", weight="Bolder"))
    posts = [_post(post, told.open_post) for post in told.quotes]
    heading = [_text(_run(told.heading, weight="Bolder"))] if told.heading else []
    lines = [_text(_run(line)) for line in told.facts]
    left_out = [_text(_run(told.left_out))] if told.left_out else []
    opening = [{"type": "Action.OpenUrl", "title": told.open_incident, "url": told.url}] if told.url else []
    return {
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": told.headline,
        "msteams": {"width": "Full"},
        "body": [
            {"type": "Container", "style": STYLES[told.tone], "bleed": True, "items": [title]},
            *lines,
            *heading,
            *posts,
            *left_out,
            _text(_run(told.reference, size="Small", isSubtle=True)),
        ],
        "actions": opening,
    }


def _post(post: Quote, label: str) -> Element:
    opening = {"type": "Action.OpenUrl", "url": post.url}
    where = {**_run(label), "selectAction": opening} if post.url else _run(post.place, isSubtle=True)
    lines = [_run(post.head, isSubtle=True), _run(post.text, italic=True), where]
    return {"type": "Container", "items": [_text(line) for line in lines]}


def _text(run: Element) -> Element:
    return {"type": "RichTextBlock", "inlines": [run]}


def _run(text: str, **look: str | bool) -> Element:
    return {"type": "TextRun", "text": text, **look}
