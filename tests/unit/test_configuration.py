"""The digest on alerts covers the watch list, its rules, and the constants of everything that judges by them."""

import importlib

import pytest

from pipeline import configuration
from pipeline.configuration import constants, rules_digest
from tests.builders import watchlist

CONSTANTS = [
    ("pipeline.detectors._base", "TOLERANCE"), ("pipeline.detectors.complaint_volume", "RISES"),
    ("pipeline.detectors.mention_burst", "THRESHOLD"), ("pipeline.detectors._season", "PSEUDO_COUNT"),
    ("pipeline.policy", "CRITICAL_POSTS"), ("pipeline.incident_steps", "GROWTH"), ("pipeline.series", "MEMORY_MS"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name"), CONSTANTS, ids=[name for _, name in CONSTANTS])
def test_another_constant_is_another_digest(module: str, name: str, monkeypatch: pytest.MonkeyPatch):
    before = configuration._digest()
    monkeypatch.setattr(importlib.import_module(module), name, 17)

    assert before == configuration.DETECTORS_DIGEST
    assert configuration._digest() != before


def test_other_rules_are_another_digest_and_the_same_are_the_same():
    assert rules_digest(watchlist(min_authors=20)) != rules_digest(watchlist())
    assert rules_digest(watchlist(min_authors=8)) == rules_digest(watchlist())


def test_other_detectors_are_another_digest(monkeypatch: pytest.MonkeyPatch):
    before = rules_digest(watchlist())
    monkeypatch.setattr(configuration, "DETECTORS_DIGEST", "other")

    assert rules_digest(watchlist()) != before


def test_other_words_of_pages_change_what_is_verified_and_not_what_alerts_carry(monkeypatch: pytest.MonkeyPatch):
    before, rules = configuration._told(), rules_digest(watchlist())
    english = configuration.LANGUAGES["en"]
    monkeypatch.setattr(configuration, "LANGUAGES", {"en": english._replace(separator=" and ")})

    assert before == configuration.TOLD_DIGEST
    assert configuration._told() != before
    assert rules_digest(watchlist()) == rules


def test_what_is_no_constant_does_not_count():
    module = type(configuration)("made")
    module.LIMIT, module.SET, module.T, module.helper, module.CLASS = 3, frozenset({2, 1}), object(), 4, str

    assert list(constants(module)) == [b"CLASS=?", b"LIMIT=3", b"SET=[1,2]", b"T=?"]
