"""For whom pages are written: their language, and where they can open an incident."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Self, TypeVar

from yarl import URL

from agents.notifiers._base import Language, language
from pipeline.page_message import Message, fit, message, without_posts
from pipeline.slack_message import SlackMessage, fits, slack_message, with_buttons
from schemas.alert import Page

T = TypeVar("T")

CONSOLE_LENGTH = 200


class Audience(NamedTuple):
    """Those who read what a notifier sends."""

    language: Language = "en"
    console: str = ""  # address below which incidents are shown; empty: there is none
    buttons: bool = False  # whether somebody listens to those of Slack

    @classmethod
    def from_settings(cls, options: Mapping[str, str]) -> Self:
        """By the settings ``language``, ``console_url`` and ``slack_buttons``. Raises ValueError if one is wrong."""
        buttons = options.get("slack_buttons") == "on"
        return cls(language(options), _console(options.get("console_url", "")), buttons)

    def slack(self, page: Page) -> SlackMessage:
        """As much of ``page`` as Slack takes, with buttons if there are to be some."""
        if not self.buttons:
            return self.fit(page, slack_message, fits)
        return self.fit(page, lambda told: with_buttons(slack_message(told), page, self.language), fits)

    def message(self, page: Page) -> Message:
        """``page`` in their language."""
        return message(page, self.language, self.console)

    def without_posts(self, page: Page) -> Message:
        """``page`` in their language, without strangers' words but in names."""
        return without_posts(self.message(page), self.language)

    def fit(self, page: Page, write: Callable[[Message], T], fits: Callable[[T], bool]) -> T:
        """What ``write`` makes of as much of ``page`` as ``fits``."""
        return fit(self.message(page), self.language, write, fits)


def _console(address: str) -> str:
    if not address:
        return ""
    wanted = ValueError("console_url: write where responders open the console, such as https://tocsin.example.com")
    try:
        url = URL(address)
    except ValueError:
        raise wanted from None
    if url.scheme not in {"https", "http"} or not url.host or url.query_string or len(str(url)) > CONSOLE_LENGTH:
        raise wanted
    return str(url)
