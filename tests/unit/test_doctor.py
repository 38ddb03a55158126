"""What `tocsin doctor` says of notifiers."""

from agents.cli.doctor import _notifiers, _safely
from agents.settings import load


def test_a_wrong_setting_is_named_without_its_value():
    (finding,) = _safely(_notifiers, load({"TOCSIN_SLACK_BOT_TOKEN": "s3cret"}))

    assert "slack_bot_token: write" in finding.found
    assert "s3cret" not in finding.found
    assert finding.advice


def test_those_that_are_on_are_listed():
    (finding,) = _safely(_notifiers, load({"TOCSIN_WECOM_URL": "https://qyapi.example.com/send?key=1"}))

    assert finding.found == "pages go to: terminal, wecom"
    assert not finding.advice


def test_pages_for_nobody_are_a_fault():
    (finding,) = _safely(_notifiers, load({"TOCSIN_TERMINAL": "off"}))

    assert finding.advice
