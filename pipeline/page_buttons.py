"""The buttons by which a chat answers a page: below which pages they stand, and what a pressed one orders."""

from typing import get_args

from pipeline.page_digest import is_digest
from schemas.alert import Page
from schemas.finding import AT_ONCE
from schemas.vocabulary import CommandKind

ACTION = "tocsin_"  # of a button, before the command it gives
BUTTONS = ("ack", "resolve")

_KINDS: dict[str, CommandKind] = {f"{ACTION}{kind}": kind for kind in get_args(CommandKind) if kind in BUTTONS}


def answerable(page: Page) -> bool:
    """Whether there is an incident to answer: none has ended, and neither digests nor single posts are one."""
    return page.action == "trigger" and not is_digest(page) and page.alert.reason not in AT_ONCE


def pressed(name: str) -> CommandKind | None:
    """What the button of this name orders; None if it is none of ours."""
    return _KINDS.get(name)
