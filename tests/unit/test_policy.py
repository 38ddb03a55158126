"""How bad it is, and whether it pages."""

import pytest

from pipeline.policy import PAGES, Facts, severity, why_page

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
    assert why_page(now, paged, FACTS._replace(authors=authors), min_authors=8) == expected


def test_only_the_first_page_and_an_escalation_ring():
    assert set(PAGES) == {"first", "escalated"}
