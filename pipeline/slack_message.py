"""A page as a message of Slack: blocks within its limits, strangers' words in fields of plain text only."""

from typing import Any

from pipeline.markup import address, slack
from pipeline.page_buttons import ACTION, BUTTONS, answerable
from pipeline.page_message import Message
from pipeline.page_names import name
from pipeline.page_quotes import Quote
from pipeline.page_text import LANGUAGES
from schemas.alert import Page
from schemas.codec import encode

TEXT_LENGTH = 3_000  # characters of a block; one beyond the Basic Multilingual Plane may count as two
BLOCKS_BYTES = 12_000  # of all blocks together; Slack says msg_blocks_too_long at about 13,200, and not where

SlackMessage = dict[str, Any]


def slack_message(told: Message) -> SlackMessage:
    """``text`` is what a notification shows; nothing is unfurled."""
    posts = [block for post in told.quotes for block in _post(post, told.open_post)]
    opening = [_context(_link(told.open_incident, told.url))] if told.url else []
    sections = [_section(text) for text in ("\n".join(told.facts), told.heading) if text]
    left_out = [_section(told.left_out)] if told.left_out else []
    header = {"type": "header", "text": _plain(told.headline)}
    return {
        "text": slack(told.headline),
        "blocks": [header, *sections, *posts, *left_out, *opening, _context(slack(told.reference))],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def with_buttons(message: SlackMessage, page: Page, language: str) -> SlackMessage:
    """``message`` with what answers the incident of ``page``; as it is if there is nothing to answer."""
    if not answerable(page):
        return message
    words = LANGUAGES[language]
    elements = [
        {"type": "button", "action_id": f"{ACTION}{kind}", "text": _plain(name(kind, words)), "value": page.dedup_key}
        for kind in BUTTONS
    ]
    return {**message, "blocks": [*message["blocks"], {"type": "actions", "elements": elements}]}


def fits(message: SlackMessage) -> bool:
    """Whether Slack takes it."""
    blocks = message["blocks"]
    texts = [block["text"]["text"] for block in blocks if "text" in block]  # labels of buttons are short
    return len(encode(blocks)) <= BLOCKS_BYTES and all(_length(text) <= TEXT_LENGTH for text in texts)


def _post(post: Quote, label: str) -> tuple[SlackMessage, SlackMessage]:
    where = _link(label, post.url) if post.url else slack(post.place)
    return _section(f"{post.head}\n{post.text}"), _context(where)


def _section(text: str) -> SlackMessage:
    return {"type": "section", "text": _plain(text)}


def _context(markup: str) -> SlackMessage:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": markup, "verbatim": True}]}


def _plain(text: str) -> SlackMessage:
    return {"type": "plain_text", "text": text, "emoji": False}


def _link(label: str, url: str) -> str:
    return f"<{slack(address(url))}|{label}>"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
