"""A page in parts: what is left out first, and that nothing is lost while there is room."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.languages import TAGS
from pipeline.page_message import RESOLVED, Message, fit, message, without_posts
from pipeline.page_text import page
from schemas.alert import Alert, Page
from schemas.codec import Decoder

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"


@pytest.fixture
def sent() -> Page:
    alert = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(alert, Alert)
    return page(alert, 1)


def plain(told: Message) -> str:
    quoted = [line for quote in told.quotes for line in quote.lines()]
    return "\n".join([told.title, *told.facts, told.heading, *quoted, told.left_out, told.reference])


def within(told: Message, size: int) -> str:
    return fit(told, "en", plain, lambda text: len(text) <= size)


@pytest.mark.parametrize("language", TAGS)
def test_all_that_the_body_says_is_in_the_message(sent: Page, language: str):
    told = message(sent, language, "")
    lines = plain(told).splitlines()

    assert [line for line in sent.body[language].splitlines() if line and line not in lines] == [
        told.reference.removeprefix("Tocsin. ")
    ]
    assert told.title == sent.title[language]


def test_what_fits_is_told_whole(sent: Page):
    told = message(sent, "en", "")

    assert within(told, len(plain(told))) == plain(told)


def test_quotes_are_shortened_before_one_is_left_out(sent: Page):
    long = replace(sent.alert.evidence[0], text="word " * 100)
    told = message(page(replace(sent.alert, evidence=(long, long)), 1), "en", "")
    shorter = within(told, len(plain(told)) - 1)

    assert shorter.count('…"') == 2
    assert "not shown" not in shorter


def test_posts_go_before_facts_and_their_number_is_told(sent: Page):
    told = message(sent, "en", "")
    without = plain(without_posts(told, "en"))
    one_left = within(told, len(plain(told)) - 60)
    none_left = within(told, len(without) + 50)

    assert one_left.count("social.posts.v1/") == 1
    assert "Posts that are not shown here: 1" in one_left
    assert "Posts that are not shown here: 2" in none_left
    assert all(fact in none_left for fact in told.facts)


def test_the_last_facts_go_first_and_title_and_reference_stay(sent: Page):
    told = message(sent, "en", "")
    little, least = within(told, 400), within(told, 0)

    assert told.facts[0] in little
    assert told.facts[-1] not in little
    assert told.title in least
    assert told.reference in least


def test_a_link_too_long_for_little_room_gives_way_to_the_place_of_the_post(sent: Page):
    linked = replace(sent.alert.evidence[0], url="https://example.invalid/" + "a" * 1_000)
    told = message(page(replace(sent.alert, evidence=(linked,)), 1), "en", "")

    assert "example.invalid" not in within(told, 1_500)
    assert "social.posts.v1/1/1001" in within(told, 1_500)


def test_words_are_neutralised_wherever_strangers_may_have_written_and_links_are_not(sent: Page):
    named = page(replace(sent.alert, brand="<b>", incident_id="<i>"), 1)
    told = message(named, "en", "").neutralised(lambda text: text.replace("<", "("))
    loud = replace(sent.alert.evidence[0], text="<t>", platform="<p>", url="https://example.invalid/<u>")
    quoted = message(page(replace(sent.alert, evidence=(loud,)), 1), "en", "").neutralised(str.upper).quotes[0]

    assert "<" not in plain(told)
    assert (quoted.text, "<P>" in quoted.head) == ('"<T>"', True)
    assert quoted.url == "https://example.invalid/<u>"


def test_the_tone_is_the_severity_until_the_end(sent: Page):
    over = page(replace(sent.alert, event="resolved", reason="quiet"), 2)

    assert message(sent, "en", "").headline.startswith("🔴 [CRITICAL]")
    assert message(over, "en", "").tone == RESOLVED


def test_a_console_is_linked_by_incident_whatever_its_name(sent: Page):
    odd = replace(sent, dedup_key="a/../b?c 火")

    assert message(sent, "en", "").url == ""
    assert message(sent, "en", "https://t.example.com/").url == "https://t.example.com/incidents/5d1f0c3a"
    assert message(odd, "en", "https://t.example.com").url.endswith("/incidents/a%2F..%2Fb%3Fc%20%E7%81%AB")
