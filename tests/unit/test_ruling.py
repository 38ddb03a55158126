"""Which list is told to the log, and which is not: a restart with an old file must not silently go back."""

import pytest
from msgspec.structs import replace

from pipeline.configuration import rules_digest
from pipeline.ruling import REMEMBERED, Choice, Ruling, at_start, differences, listed, matching, on_change
from pipeline.watchlist import WatchList, WatchListError, parse
from schemas.codec import Malformed
from tests.builders import rules_change, watchlist

ONE, TWO, THREE = watchlist(), watchlist(min_authors=20), watchlist(min_authors=30)
RENAMED = replace(ONE, brands=(replace(ONE.brands[0], aliases=("other",)), ONE.brands[1]))


def ruled(*lists: WatchList, logged: bool = True) -> Ruling:
    """In force is the last one."""
    ruling = Ruling(lists[0], lists[0])
    for one in lists:
        ruling.change(one, rules_digest(one) if logged else "")
    return ruling


def test_a_start_with_the_list_in_force_tells_nothing():
    assert at_start(ruled(ONE), ONE) == Choice(None, "in_force")


def test_a_list_that_the_log_has_never_named_is_told_at_the_start():
    assert at_start(Ruling(ONE, ONE), ONE) == Choice(ONE, "in_force")
    assert at_start(ruled(ONE, logged=False), ONE).watchlist == ONE


def test_a_start_with_a_list_that_is_new_tells_it():
    assert at_start(ruled(ONE), TWO) == Choice(TWO, "new")
    assert at_start(ruled(ONE), RENAMED) == Choice(RENAMED, "new")


def test_a_start_with_a_list_that_the_log_has_left_tells_nothing():
    assert at_start(ruled(ONE, TWO), ONE) == Choice(None, "older_than_log")
    assert at_start(ruled(ONE, TWO, THREE), TWO) == Choice(None, "older_than_log")


def test_what_listen_matches_by_is_that_of_an_old_file_and_the_thresholds_are_the_logs():
    ruling = ruled(RENAMED, TWO)
    told = at_start(ruling, RENAMED)
    ruling.change(told.watchlist, rules_digest(told.watchlist))

    assert told == Choice(replace(RENAMED, rules=TWO.rules), "older_than_log")
    assert at_start(ruling, RENAMED) == Choice(None, "older_than_log")


def test_a_list_that_comes_back_in_force_is_not_old():
    assert at_start(ruled(ONE, TWO, ONE), ONE) == Choice(None, "in_force")
    assert at_start(ruled(ONE, TWO, ONE), TWO) == Choice(None, "older_than_log")


def test_old_lists_are_remembered_to_a_bound():
    lists = [watchlist(min_authors=number) for number in range(1, REMEMBERED + 10)]

    assert len(ruled(*lists).left) == REMEMBERED


def test_a_file_that_somebody_changes_is_meant_even_if_it_goes_back():
    assert on_change(TWO, ONE) == Choice(ONE, "new")
    assert on_change(ONE, ONE) == Choice(None, "in_force")


@pytest.mark.parametrize("rule", ["bucket_s", "lateness_s", "horizon_s"])
def test_what_listen_counts_by_needs_a_restart(rule: str):
    other = watchlist(**{rule: {"bucket_s": 30, "lateness_s": 60, "horizon_s": 900}[rule]})

    assert on_change(ONE, other).why == "needs_restart"
    assert on_change(ONE, RENAMED).why == "needs_restart"


def test_names_zones_and_dates_of_campaigns_need_none():
    text = """
brands:
  - id: acme
    name: {name}
    aliases: [acme]
    timezone: {zone}
    campaigns: [{{id: sale, aliases: [acme sale], starts: {starts}}}]
"""
    one, other = (
        parse(text.format(name=name, zone=zone, starts=starts), "w")
        for name, zone, starts in (("A", "UTC", "2025-01-01"), ("B", "Asia/Shanghai", "2025-02-01"))
    )

    assert matching(one) == matching(other)
    assert on_change(one, other) == Choice(other, "new")


def test_a_difference_is_told_by_brand_and_rule():
    assert differences(ONE, TWO) == ["rules.min_authors: 8 -> 20"]
    assert differences(ONE, RENAMED) == ['brands.acme.aliases[0]: "acme" -> "other"']


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "wrong_type"),
        ({"brands": "acme"}, "wrong_type"),
        ({"brands": [], "rules": {"min_authors": 0}}, "wrong_type"),
        ({"brands": [], "rules": {"bucket_s": 7}}, "wrong_type"),
        ({"brands": [], "rules": {"bucket_s": 70}}, "out_of_range"),
        ({"brands": [], "rules": {"quiet_s": 900, "idle_s": 60}}, "out_of_range"),
        ({"brands": [{"id": "a", "name": "a", "aliases": [], "timezone": "Mars/Olympus"}]}, "out_of_range"),
        ({"brands": [{"id": "a", "name": "a", "aliases": [], "timezone": "../../etc/passwd"}]}, "out_of_range"),
    ],
)
def test_no_list_of_the_log_is_believed_that_a_file_check_would_refuse(document, reason):
    found = listed(replace(rules_change(ONE), watchlist=document))

    assert isinstance(found, Malformed)
    assert found.reason == reason


def test_a_list_of_the_log_is_that_of_the_file():
    assert listed(rules_change(TWO)) == TWO


def test_a_budget_of_more_than_a_page_a_bucket_is_no_budget():
    rules = "brands: [{id: acme, aliases: [acme]}]\nrules: {bucket_s: 300, pages_per_week: %s}"

    assert parse(rules % 2016, "w.yaml").rules.pages_per_week == 2016
    with pytest.raises(WatchListError, match="write at most 2016"):
        parse(rules % 2017, "w.yaml")
