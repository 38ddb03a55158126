"""How bad it is, and whether it pages."""

import pytest

from pipeline.policy import PAGES, REMINDERS, Facts, Standing, severity, why_page

FACTS = Facts(harmful=1, ratio=3.0, complaints=100, critical=0, authors=50)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "warning"),
        ({"harmful": 0, "ratio": 99.0, "critical": 99}, "info"),
        ({"harmful": 2}, "error"),
        ({"ratio": 4.99}, "warning"),
        ({"ratio": 5.0}, "error"),
        ({"ratio": 20.0}, "critical"),
        ({"critical": 4}, "warning"),
        ({"critical": 5}, "critical"),
        ({"critical": 2, "complaints": 2}, "warning"),
        ({"critical": 3, "complaints": 3}, "critical"),
    ],
)
def test_severity(change, expected):
    assert severity(FACTS._replace(**change)) == expected


@pytest.mark.parametrize(
    ("now", "paged", "authors", "expected"),
    [
        ("info", None, 50, "attention_only"),
        ("info", "error", 50, "attention_only"),
        ("warning", None, 7, "too_few_authors"),
        ("critical", "warning", 7, "too_few_authors"),
        ("warning", None, 8, "first"),
        ("warning", "warning", 50, "already_paged"),
        ("warning", "critical", 50, "already_paged"),
        ("error", "warning", 50, "escalated"),
        ("critical", "error", 50, "escalated"),
    ],
)
def test_why_it_pages_or_does_not(now, paged, authors, expected):
    standing = Standing(paged=paged, unanswered_ms=10**9)

    assert why_page(now, FACTS._replace(authors=authors), standing, min_authors=8, ack_s=0) == expected


ASKED = Standing(paged="error", unanswered_ms=900_000)


@pytest.mark.parametrize(
    ("now", "change", "expected"),
    [
        ("error", {}, "unacknowledged"),
        ("error", {"unanswered_ms": 899_999}, "already_paged"),
        ("error", {"reminders": REMINDERS["error"] - 1}, "unacknowledged"),
        ("error", {"reminders": REMINDERS["error"]}, "already_paged"),
        ("error", {"calm": True}, "already_paged"),
        ("error", {"acknowledged": "warning"}, "unacknowledged"),
        ("error", {"acknowledged": "error"}, "acknowledged"),
        ("critical", {"acknowledged": "error"}, "escalated"),
        ("critical", {"acknowledged": "critical"}, "acknowledged"),
        ("critical", {"owed": True}, "silence_ended"),
        ("critical", {"owed": True, "calm": True}, "recovering"),
        ("error", {"paged": None, "owed": True}, "silence_ended"),
        ("error", {"paged": None, "calm": True}, "first"),
    ],
)
def test_who_answered_is_left_alone_and_who_did_not_is_asked_again(now, change, expected):
    assert why_page(now, FACTS, ASKED._replace(**change), min_authors=8, ack_s=900) == expected


def test_without_a_time_to_answer_nobody_is_asked_again():
    assert why_page("error", FACTS, ASKED, min_authors=8, ack_s=0) == "already_paged"


def test_parts_of_a_brand_alone_wake_nobody():
    facts = FACTS._replace(harmful=0, part_only=True)

    assert why_page(severity(facts), facts, Standing(), min_authors=1, ack_s=900) == "facet_only"


def test_the_worse_it_is_the_more_often_it_asks():
    assert list(REMINDERS.values()) == sorted(REMINDERS.values())


def test_four_reasons_ring():
    assert set(PAGES) == {"first", "escalated", "unacknowledged", "silence_ended"}
