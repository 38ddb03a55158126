"""For whom pages are written: their language, and where they can open an incident."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Self, TypeVar

from yarl import URL

from agents.notifiers._base import language
from pipeline.languages import Language
from pipeline.page_message import Message, fit, message, without_posts
from pipeline.slack_message import SlackMessage, fits, slack_message, with_buttons
from schemas.alert import Page

T = TypeVar("T")

ADDRESS_LENGTH = 200


class Audience(NamedTuple):
    """Those who read what a notifier sends."""

    language: Language = "en"
    console: str = ""  # address below which incidents are shown; empty: there is none
    buttons: bool = False  # whether somebody listens to those of Slack

    @classmethod
    def from_settings(cls, options: Mapping[str, str]) -> Self:
        """By the settings ``language``, ``console_url`` and ``slack_buttons``. Raises ValueError if one is wrong."""
        buttons = options.get("slack_buttons") == "on"
        console = address(options, "console_url", "where responders open the console", "https://tocsin.example.com")
        return cls(language(options), console, buttons)

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


def address(options: Mapping[str, str], name: str, what: str, example: str) -> str:
    """The web address in the setting ``name``, or an empty string. Raises ValueError if it is none."""
    given = options.get(name, "")
    if not given:
        return ""
    wanted = ValueError(f"{name}: write {what}, such as {example}")
    try:
        url = URL(given)
    except ValueError:
        raise wanted from None
    if url.scheme not in {"https", "http"} or not url.host or url.query_string or len(str(url)) > ADDRESS_LENGTH:
        raise wanted
    return str(url)


def runbooks(options: Mapping[str, str]) -> str:
    """The address below which runbooks are, by the setting ``runbook_url``. Raises ValueError if it is none."""
    return address(options, "runbook_url", "where the runbooks are", "https://wiki.example.com/runbooks")
