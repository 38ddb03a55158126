"""Whatever posts say, a message stays within its target's limit, tells the most important, and obeys no stranger."""

import re
from pathlib import Path
from string import ascii_letters

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline import slack_message
from pipeline.adaptive_card import adaptive_card
from pipeline.languages import TAGS
from pipeline.markdown import markdown
from pipeline.markup import address, segment, wide
from pipeline.page_message import Message, fit, message
from pipeline.page_text import page
from schemas.alert import Alert
from schemas.codec import Decoder, encode

CHARGER = Decoder[Alert](Alert).decode((Path(__file__).parents[1] / "golden" / "alerts" / "charger.json").read_bytes())
MARKS = "<>[]()*_`#!@|~\\&\"'"
WORDS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(MARKS)), max_size=500)
LINKS = st.one_of(st.just(""), WORDS.map(lambda words: f"https://example.invalid/{words}"), WORDS)
LANGUAGES = st.sampled_from(sorted(TAGS))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    assert isinstance(CHARGER, Alert)
    one = CHARGER.evidence[0]
    quoted = draw(st.lists(st.tuples(WORDS, LINKS), max_size=10))
    posts = tuple(replace(one, text=text, url=url, offset=offset) for offset, (text, url) in enumerate(quoted))
    name = draw(st.text(min_size=1, max_size=250))
    told = page(replace(CHARGER, brand=name, incident_id=name, evidence=posts), 1)
    return message(told, draw(LANGUAGES), draw(st.sampled_from(["", "https://tocsin.example.com"])))


@given(messages(), LANGUAGES, st.integers(2_500, 20_000))
def test_a_message_fits_in_bytes_and_keeps_its_title(told: Message, language: str, limit: int):
    text = fit(told, language, lambda less: markdown(less, "\n"), lambda written: len(written.encode()) <= limit)

    assert len(text.encode()) <= limit
    assert wide(told.title) in text


@given(messages())
def test_slack_takes_every_message(told: Message):
    written = fit(told, "en", slack_message.slack_message, slack_message.fits)

    assert slack_message.fits(written)
    assert len(written["blocks"][0]["text"]["text"]) <= 150


@given(messages())
def test_teams_takes_every_message(told: Message):
    card = fit(told, "en", adaptive_card, lambda made: len(encode(made)) <= 27_000)

    assert len(encode(card)) <= 27_000


@given(messages())
def test_markdown_has_no_mark_but_our_own(told: Message):
    ours = len(told.quotes) + bool(told.url)
    text = re.sub(r"\]\([^)]*\)", "]()", markdown(told, "\n"))  # what a link may hold is the next rule
    marks = {mark: text.count(mark) for mark in "[]`<@~|\\"}

    assert marks["["] == marks["]"] <= ours
    assert all(marks[mark] == 0 for mark in "`<@~|\\")
    assert text.count("**") == 2 * (1 + bool(told.quotes))


@given(WORDS)
def test_a_link_ends_where_we_end_it(words: str):
    assert not set(address(words)) & set("()[]<>|\"'\\")


@given(st.text())
def test_a_name_is_one_segment_of_a_path(name: str):
    assert set(segment(name)) <= set(ascii_letters + "0123456789-._~%")
