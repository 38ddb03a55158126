"""Signatures of group bots, against values worked out by OpenSSL."""

import pytest

from agents.notifiers import _signing

SECRET = "SEC0123456789"


def test_dingtalk_signs_milliseconds_and_secret_with_the_secret():
    assert _signing.dingtalk(SECRET, 1_795_312_500_123) == "l07k/j4XSTYIUc6J4nj1oAmJBQGIV9A+9uBHkhwOUtw="


def test_feishu_signs_nothing_with_seconds_and_secret():
    assert _signing.feishu(SECRET, 1_795_312_500) == "2ja2EIt5gcRpwT5XQ8sS3UOQHi2EuOskpIqatMDpC+8="


@pytest.mark.parametrize("given", ["two words", "line\n", "密"])
def test_a_secret_with_spaces_was_copied_wrongly(given: str):
    with pytest.raises(ValueError, match="bot_secret: write"):
        _signing.secret("bot_secret", {"bot_secret": given})


def test_a_bot_need_not_sign():
    assert _signing.secret("bot_secret", {}) == ""
