"""A pager that is broken, then busy, then there: the page arrives, and its delivery says how often it was tried."""

import pytest

from tests.chaos import books, feeds

pytestmark = [pytest.mark.embedded]


def test_a_page_answered_500_and_429_arrives_and_the_attempts_are_told(embedded_stack, httpserver, pager) -> None:
    pager(500, 429)
    embedded_stack.start()
    embedded_stack.feed(feeds.a_day(31, feeds.day_script()))
    books.check(embedded_stack, httpserver)
    answers = [reply.status_code for _, reply in httpserver.log]
    attempts = "SELECT attempts, status FROM deliveries FINAL WHERE target = 'webhook' ORDER BY attempts"
    told = embedded_stack.query(attempts)

    assert answers == [500, 429, 202, 202]
    assert told == [(1, "delivered"), (3, "delivered")]
