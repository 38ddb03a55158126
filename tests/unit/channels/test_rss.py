"""Feeds of every kind: an article per entry, with a verdict of its own."""

import pytest

from tests.adapted import record, records
from tests.channel_examples import examples

MAY_DAY = 1_714_550_400_000
EXAMPLES = {one.about: one.payload for one in examples() if one.source == "rss"}
ATOM = EXAMPLES["Atom with XHTML, and an entry without words"]
RSS = EXAMPLES["RSS 2.0 with content:encoded"]
RDF = EXAMPLES["RSS 1.0"]
ENTRY = EXAMPLES["an entry as an object"]


def item(inside, head=""):
    return f"{head}<rss><channel><title>Shop news</title><item>{inside}</item></channel></rss>"


@pytest.mark.parametrize(
    ("feed", "uid", "text"),
    [(ATOM, "news:urn:example:1", "It leaks"), (RSS, "news:g1", "水壶漏水"), (RDF, "news:https://r.example/1", "D"),
     (ENTRY, "news:1", "It leaks")],
)  # fmt: skip
def test_formats(feed, uid, text):
    article = records("rss", feed)[0]
    assert (article.post_uid, article.text, article.event_time, article.kind) == (uid, text, MAY_DAY, "article")


def test_an_entry_without_words_does_not_stop_the_others():
    assert [getattr(one, "reason", "") for one in records("rss", ATOM)] == ["", "missing_field"]


def test_what_an_atom_entry_tells():
    article = records("rss", ATOM)[0]
    assert (article.url, article.hashtags, article.lang) == ("https://b.example/1", ("kettle",), "en")
    assert (article.author.native_id, article.author.display_name) == ("https://b.example/ann", "Ann")
    assert (article.media[0].type, article.media[0].bytes) == ("audio", 5)
    assert article.revision == MAY_DAY + 3_600_000


def test_what_the_feed_tells_goes_with_its_first_article():
    assert records("rss", RSS)[0].extra["feed"]["channel"]["title"] == "新闻"


def test_an_article_with_only_a_title_says_what_its_title_says():
    assert record("rss", item("<title>It leaks</title>")).text == "It leaks"


def test_a_feed_in_the_charset_it_declares():
    feed = item("<title>漏水</title>", '<?xml version="1.0" encoding="gb2312"?>')
    assert record("rss", feed.encode("gbk")).text == "漏水"
    assert record("rss", feed).text == "漏水"  # a JSON string is decoded already


def test_the_date_may_be_in_any_notation():
    for date in ("2024-05-01 08:00:00", "Wed, 1 May 2024 08:00 GMT", "2024-05-01T16:00:00+08:00"):
        assert record("rss", item(f"<title>x</title><pubDate>{date}</pubDate>")).event_time == MAY_DAY


@pytest.mark.parametrize(
    ("document", "reason"),
    [("<html/>", "other_format"), ("<rss><channel/></rss>", "empty"), (item(""), "empty"), ("<rss>", "invalid_xml"),
     ("plain", "invalid_xml"), ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + item("<title>&b;</title>"), "invalid_xml")],
)  # fmt: skip
def test_what_is_no_feed_is_refused(document, reason):
    assert record("rss", document).reason == reason
