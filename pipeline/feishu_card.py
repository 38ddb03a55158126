"""A page as a card of Feishu 飞书 or Lark: strangers' words in fields of plain text, where nothing is markup."""

from types import MappingProxyType
from typing import Any

from pipeline.markup import address
from pipeline.page_buttons import ACTION, BUTTONS, answerable
from pipeline.page_message import ACKNOWLEDGED, RESOLVED, Message
from pipeline.page_names import name
from pipeline.page_quotes import Quote
from pipeline.page_text import LANGUAGES
from schemas.alert import Page

COLOURS = MappingProxyType({
    "critical": "red", "error": "orange", "warning": "yellow", "info": "blue", ACKNOWLEDGED: "blue", RESOLVED: "green",
})  # fmt: skip

FeishuCard = dict[str, Any]


def feishu_card(told: Message) -> FeishuCard:
    """Its header has the colour of the severity."""
    posts = [element for post in told.quotes for element in _post(post, told.open_post)]
    opening = _link(told.open_incident, told.url) if told.url else ""
    elements = ("\n".join(told.facts), told.heading, *posts, told.left_out, opening)
    return {
        "config": {"wide_screen_mode": True},
        "header": {"template": COLOURS[told.tone], "title": _plain(told.headline)},
        "elements": [
            *({"tag": "div", "text": _plain(one) if isinstance(one, str) else one} for one in elements if one),
            {"tag": "note", "elements": [_plain(told.reference)]},
        ],
    }


def with_buttons(card: FeishuCard, page: Page, language: str) -> FeishuCard:
    """``card`` with what answers the incident of ``page``; as it is if there is nothing to answer."""
    if not answerable(page):
        return card
    words = LANGUAGES[language]
    actions = [
        {
            "tag": "button", "type": "primary" if kind == BUTTONS[0] else "default", "text": _plain(name(kind, words)),
            "value": {"order": f"{ACTION}{kind}", "incident": page.dedup_key},
        }
        for kind in BUTTONS
    ]  # fmt: skip
    return {**card, "elements": [*card["elements"], {"tag": "action", "actions": actions}]}


def _post(post: Quote, label: str) -> tuple[str | dict[str, str], ...]:
    quoted = f"{post.head}\n{post.text}"
    return (quoted, _link(label, post.url)) if post.url else (f"{quoted}\n{post.place}",)


def _link(label: str, url: str) -> dict[str, str]:
    return {"tag": "lark_md", "content": f"[{label}]({address(url)})"}


def _plain(text: str) -> dict[str, str]:
    return {"tag": "plain_text", "content": text}
