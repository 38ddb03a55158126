"""What every notifier keeps to, present and future: found by discovery."""

import pytest
from msgspec.structs import replace

from agents.notifiers._base import Delivered
from agents.paging import configured
from pipeline.page_text import page
from schemas.alert import Alert
from tests.contract.notifying import FACTORIES, HTTP, NOW_MS, build
from tests.contract.targets import TARGETS

HOSTILE = "\x1b[2J\u202e\r\n</script>{brand}[bold]%s\x00\ufffd𠮷" + "長" * 50

every = pytest.mark.parametrize("name", FACTORIES)


def test_there_are_notifiers_for_pagers_and_chats():
    assert FACTORIES.keys() >= {
        "alertmanager", "apprise", "dingtalk", "email", "feishu", "feishu_bot", "pagerduty", "slack", "slack_bot",
        "teams", "terminal", "webhook", "wecom", "wecom_app",
    }  # fmt: skip


@pytest.mark.parametrize("name", HTTP)
def test_what_the_target_is_like_is_known(name: str):
    assert name in TARGETS, "describe it in tests/contract/targets.py"


@every
def test_a_notifier_is_named_like_its_module(name: str):
    assert FACTORIES[name].name == name
    assert build(FACTORIES[name], FACTORIES[name].example).name == name


@every
def test_a_notifier_nobody_configured_is_not_there(name: str):
    assert FACTORIES[name].from_settings({}, lambda: NOW_MS) is None
    assert FACTORIES[name].from_settings(dict.fromkeys(FACTORIES[name].example, ""), lambda: NOW_MS) is None


def test_all_examples_together_configure_every_notifier():
    together = {key: value for factory in FACTORIES.values() for key, value in factory.example.items()}

    assert [notifier.name for notifier in configured(together, lambda: NOW_MS)] == list(FACTORIES)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in FACTORIES for key in FACTORIES[name].example])
def test_a_wrong_setting_is_named_and_not_repeated(name: str, key: str):
    options = {**FACTORIES[name].example, key: "b4d s3cret\n"}

    with pytest.raises(ValueError, match=key) as error:
        FACTORIES[name].from_settings(options, lambda: NOW_MS)

    assert "s3cret" not in str(error.value)


@every
async def test_hostile_text_is_delivered_like_any_other(name: str, obliging, alert: Alert):
    notifier = obliging(name)
    posts = tuple(replace(post, text=HOSTILE, url=HOSTILE) for post in alert.evidence)
    hostile = page(replace(alert, brand=HOSTILE, unit=HOSTILE, drivers={HOSTILE: 1.0}, evidence=posts), 1)
    forged = replace(hostile, title=dict.fromkeys(hostile.title, HOSTILE), body=dict.fromkeys(hostile.body, HOSTILE))

    assert isinstance(await notifier.send(hostile), Delivered)
    assert isinstance(await notifier.send(forged), Delivered)


@every
async def test_an_incident_is_acknowledged_and_resolved_as_it_was_triggered(name: str, obliging, alert: Alert):
    notifier = obliging(name)

    answered = page(replace(alert, alert_id="a2", event="acknowledged", acknowledged_by="Li"), 1)

    assert isinstance(await notifier.send(page(alert, 1)), Delivered)
    assert isinstance(await notifier.send(answered), Delivered)
    assert isinstance(await notifier.send(page(replace(alert, event="resolved", reason="quiet"), 2)), Delivered)
