"""Readers of pages: their language and their console."""

import pytest

from agents.notifiers._audience import Audience


def test_readers_have_a_language_and_a_console():
    told = Audience.from_settings({"language": "zh", "console_url": "https://tocsin.example.com/base"})

    assert told == Audience("zh", "https://tocsin.example.com/base")
    assert Audience.from_settings({}) == Audience("en", "")


@pytest.mark.parametrize(
    "url",
    ["tocsin.example.com", "ftp://tocsin.example.com", "javascript:alert(1)", "https://", "https://a/?b=c", "https://[",
     f"https://example.com/{'a' * 200}"],
)  # fmt: skip
def test_a_console_is_a_web_address_below_which_there_is_room(url: str):
    with pytest.raises(ValueError, match="console_url: write where"):
        Audience.from_settings({"console_url": url})
