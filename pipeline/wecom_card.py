"""The card of WeCom 企业微信 with the buttons that answer a page; its text fields know no markup."""

import re
from typing import Any

from pipeline.page_buttons import ACTION, BUTTONS, answerable
from pipeline.page_message import Message
from pipeline.page_names import name
from pipeline.page_text import LANGUAGES
from pipeline.quoting import clip
from schemas.alert import Page

TASK_END = "@"  # of the incident in the id of a card, which no two cards may share
TITLE, MORE, LABEL = 36, 112, 10  # characters that are shown of a title, of the text below it, and of a button

_INCIDENT = re.compile(r"[0-9A-Za-z_-]{1,64}")  # what may stand in the id of a card

WeComCard = dict[str, Any]


def wecom_card(told: Message, page: Page, language: str) -> WeComCard | None:
    """What answers the incident of ``page``; None if there is nothing to answer."""
    if not answerable(page) or not _INCIDENT.fullmatch(page.dedup_key):
        return None
    words = LANGUAGES[language]
    return {
        "card_type": "button_interaction",
        "main_title": {"title": clip(told.headline, TITLE)},
        "sub_title_text": clip(told.facts[0] if told.facts else told.title, MORE),
        "task_id": f"{page.dedup_key}{TASK_END}{page.page_id}"[:128],
        "button_list": [
            {"text": clip(name(kind, words), LABEL), "style": style, "key": f"{ACTION}{kind}"}
            for style, kind in enumerate(BUTTONS, 1)
        ],
        **({"card_action": {"type": 1, "url": told.url}} if told.url else {}),
    }


def answered(task: str) -> str:
    """The incident in the id of a card."""
    return task.partition(TASK_END)[0]
