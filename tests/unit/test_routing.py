"""Routing: who hears of a page, when on their clock, and what is wrong with a file."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.routing.choosing import Occasion, choose
from pipeline.routing.clocks import following, is_open
from pipeline.routing.entries import Routing, Window, everyone
from pipeline.routing.file import Known, parse
from pipeline.routing.wording import conditions, deeds
from pipeline.watchlist_errors import WatchListError

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "routing.yaml"
KNOWN = Known(
    ("email", "feishu", "pagerduty", "terminal"),
    {"email_server": False, "email_from": False, "email_to": False, "feishu_url": True, "pagerduty_routing_key": True},
    {"acme-mobile": ("shanghai", "taipei"), "acme-stay": ()},
)
SHANGHAI = "Asia/Shanghai"


def at(text: str, zone: str = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.fixture(scope="module")
def routing() -> Routing:
    return parse(EXAMPLE.read_text(encoding="utf-8"), "routing.yaml", KNOWN)


def told(routing: Routing, of: Occasion, moment: int) -> list[tuple[str, int]]:
    """Who, and after how many minutes."""
    return [(leg.target, (leg.due - moment) // 60_000) for leg in choose(routing, of, moment).legs]


def test_by_day_the_desk_is_told_and_after_ten_minutes_who_is_on_call(routing: Routing):
    noon = at("2026-11-24T12:00")

    assert told(routing, Occasion("acme-stay", "error"), noon) == [("log", 0), ("shanghai-desk", 0), ("on-call", 10)]


def test_who_is_off_duty_is_left_out_and_said_to_be(routing: Routing):
    night = at("2026-11-24T03:12")
    chosen = choose(routing, Occasion("acme-stay", "critical"), night)

    assert [leg.target for leg in chosen.legs] == ["log", "on-call"]
    assert chosen.left_out == ("shanghai-desk is off duty: Tue 03:12 Asia/Shanghai",)


def test_danger_goes_to_the_lawyers_as_well(routing: Routing):
    of = Occasion("acme-mobile", "critical", frozenset({"safety"}))

    assert {leg.target for leg in choose(routing, of, at("2026-11-24T12:00")).legs} == {
        "legal", "log", "on-call", "shanghai-desk",
    }  # fmt: skip


def test_what_matters_little_waits_for_the_next_digest_on_the_readers_clock(routing: Routing):
    (leg,) = choose(routing, Occasion("acme-stay", "warning"), at("2026-11-24T09:00")).legs

    assert (leg.target, leg.digest, leg.due) == ("shanghai-desk", True, at("2026-11-24T17:30"))


def test_each_route_that_did_not_take_it_says_why(routing: Routing):
    looked = choose(routing, Occasion("acme-stay", "error"), at("2026-11-24T12:00")).looked

    assert [(one.route, one.against) for one in looked] == [
        ("danger", "brand is acme-stay, not acme-mobile"),
        ("first-sign", "it is for single posts"),
        ("little", "severity is error, not info or warning"),
        ("rest", ""),
    ]


def test_a_single_post_goes_to_those_who_ask_for_it_and_an_incident_does_not(routing: Routing):
    noon = at("2026-11-24T12:00")
    of_post = choose(routing, Occasion("acme-stay", "critical", post="critical_post"), noon)
    of_incident = choose(routing, Occasion("acme-stay", "critical"), noon)

    assert [(leg.target, leg.route) for leg in of_post.legs] == [("shanghai-desk", "first-sign")]
    assert [one.against for one in of_incident.looked if one.route == "first-sign"] == ["it is for single posts"]
    assert told(routing, Occasion("acme-stay", "critical", post="influential_post"), noon) == []


def written(receivers: str, routes: str) -> Routing:
    return parse(f"receivers:\n{receivers}\nroutes:\n{routes}\n", "routing.yaml", KNOWN)


DAY = "  - {id: day, notifier: terminal, timezone: Asia/Shanghai, hours: 09:00-18:00}"
DEPUTY = "  - {id: deputy, notifier: terminal, timezone: Asia/Shanghai, hours: 08:00-20:00}"


def test_a_step_that_is_off_duty_hands_its_moment_to_the_next():
    routing = written(f"{DAY}\n{DEPUTY}", "  - {id: all, steps: [{notify: [day]}, {after: 30m, notify: [deputy]}]}")

    assert told(routing, Occasion("acme-stay", "error"), at("2026-11-24T18:30")) == [("deputy", 0)]


def test_if_nobody_is_on_duty_the_first_step_is_rung_all_the_same():
    routing = written(f"{DAY}\n{DEPUTY}", "  - {id: all, steps: [{notify: [day]}, {after: 30m, notify: [deputy]}]}")
    chosen = choose(routing, Occasion("acme-stay", "error"), at("2026-11-24T03:00"))

    assert [leg.target for leg in chosen.legs] == ["day"]
    assert "nobody of all is on duty" in chosen.left_out[-1]


def test_the_hours_of_a_route_are_those_of_its_first_receiver_unless_it_says():
    night = "  - {id: night, hours: 22:00-07:00, days: fri, notify: [day]}\n  - {id: all, notify: [deputy]}"
    routing = written(f"{DAY}\n{DEPUTY}", night)

    def taken(moment: int) -> str:
        return choose(routing, Occasion("acme-stay", "error"), moment).looked[-1].route

    assert taken(at("2026-11-27T23:00")) == "night"  # a Friday
    assert taken(at("2026-11-28T06:59")) == "night"  # which lasts until Saturday morning
    assert taken(at("2026-11-27T06:59")) == "all"
    assert taken(at("2026-11-27T23:00", "UTC")) == "all"


def test_without_a_file_every_notifier_is_told_at_once():
    assert told(everyone(["webhook", "slack"]), Occasion("any", "info"), 1_800_000_000_000) == [
        ("slack", 0), ("webhook", 0),
    ]  # fmt: skip


@given(st.integers(1_700_000_000_000, 1_900_000_000_000), st.sampled_from([SHANGHAI, "Europe/Berlin", "UTC"]))
def test_a_window_is_open_exactly_when_its_complement_is_shut(moment: int, zone: str):
    assert is_open(Window(540, 1080), moment, zone) != is_open(Window(1080, 540), moment, zone)


@given(st.integers(1_700_000_000_000, 1_900_000_000_000), st.integers(0, 1439))
def test_the_next_digest_is_ahead_and_at_most_a_day_and_a_changed_clock_away(moment: int, minute: int):
    due = following((minute,), moment, "Europe/Berlin")

    assert moment < due <= moment + 25 * 3_600_000


RECEIVER = "receivers:\n  - {id: a, notifier: terminal}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: the file is empty; write 'receivers:' and 'routes:', at least one entry below each"),
        ("receivers: [", "1: this is not YAML: "),
        ("receivers: []\nroutes: []", "1: receivers: no receiver; write at least one"),
        ("receivers:\n  - {id: a, notifier: feishuu}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].notifier: no such notifier: 'feishuu'; write 'feishu'"),
        ("receivers:\n  - {id: a, notifier: terminal, hours: 9-18}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].hours: '9-18' are no hours; write 09:00-18:00, or 22:00-07:00 over midnight"),
        ("receivers:\n  - {id: a, notifier: terminal, days: mo-fr}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].days: 'mo-fr' are no days; write mon-fri, or sat,sun"),
        ("receivers:\n  - {id: a, notifier: terminal, timezone: Asia/Shangai}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].timezone: 'Asia/Shangai' is no IANA time zone; write 'Asia/Shanghai'"),
        ("receivers:\n  - {id: a, notifier: terminal, language: fr}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].language: 'fr' is no language of pages; write en, zh, zh-Hans, zh-Hant"),
        ("receivers:\n  - {id: a, notifier: terminal, per_minute: 0}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].per_minute: '0' is no number from 1 to 6000"),
        ("receivers:\n  - {id: a, notifier: feishu, settings: {feishu_url: x}}\nroutes:\n  - {id: r, notify: [a]}",
         "2: receivers[0].settings.feishu_url: this is a secret; write feishu_url_file with the path of a file"),
        (f"{RECEIVER}  - {{id: a, notifier: terminal}}\nroutes:\n  - {{id: r, notify: [a]}}",
         "3: receivers[1]: id 'a' is there twice"),
        (f"{RECEIVER}  - {{id: b, notifier: terminal}}\nroutes:\n  - {{id: r, notify: [a]}}",
         "3: receivers[1]: no route names 'b'; name it or remove it"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [aa]}}",
         "4: routes[0].notify[0]: no such receiver: 'aa'; write 'a'"),
        (f"{RECEIVER}routes:\n  - {{id: r, brands: [acme-moble], notify: [a]}}\n  - {{id: s, notify: [a]}}",
         "4: routes[0].brands[0]: no such brand: 'acme-moble'; write 'acme-mobile'"),
        (f"{RECEIVER}routes:\n  - {{id: r, severities: [high], notify: [a]}}\n  - {{id: s, notify: [a]}}",
         "4: routes[0].severities[0]: no such severity: 'high'; known are critical, error, info, warning"),
        (f"{RECEIVER}routes:\n  - {{id: r, regions: [berlin], notify: [a]}}\n  - {{id: s, notify: [a]}}",
         "4: routes[0].regions[0]: no such region: 'berlin'; known are shanghai, taipei"),
        (f"{RECEIVER}routes:\n  - {{id: r, severities: [error], notify: [a]}}",
         "4: routes[0]: some pages would reach nobody; let the last route have neither conditions nor 'further: yes'"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [a]}}\n  - {{id: s, notify: [a]}}",
         "5: routes[1]: no page comes so far: route 'r' above takes all; give it a condition"),
        (f"{RECEIVER}routes:\n  - {{id: r, steps: [{{notify: [a]}}, {{notify: [a]}}]}}",
         "4: routes[0].steps[1]: this is no later than the step before; write 'after: 10m' or more"),
        (f"{RECEIVER}routes:\n  - {{id: r, steps: [{{notify: [a]}}, {{after: soon, notify: [a]}}]}}",
         "4: routes[0].steps[1].after: not a span: 'soon'; write 30m, 2h or 1d"),
        (f"{RECEIVER}routes:\n  - {{id: r}}",
         "4: routes[0]: write 'notify' with receivers, or 'steps', one of the two"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: []}}", "4: routes[0].notify: no receiver; write at least one"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [a], digest: ['9']}}",
         "4: routes[0].digest[0]: '9' is no time of a day; write 09:00"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [a], further: maybe}}",
         "4: routes[0].further: 'maybe' is neither; write yes or no"),
        (f"{RECEIVER}routes:\n  - {{id: r, posts: [critical_post], categories: [safety], notify: [a]}}",
         "4: routes[0].categories: a single post has no categories yet; remove this line, or 'posts'"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [a], severity: [error]}}",
         "4: routes[0].severity: unknown key; write 'severities'"),
        ("receivers:\n  - {id: a, notifier: pagerduty}\nroutes:\n  - {id: r, notify: [a], digest: ['09:00']}",
         "4: routes[0].digest: 'a' is a pagerduty, which cannot read a digest; name a chat or e-mail"),
        (f"{RECEIVER}routes:\n  - {{id: r, notify: [a]}}\nexpire: 30d", "5: expire: '30d' is longer than a week"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_what_to_write(text: str, problem: str):
    with pytest.raises(WatchListError) as caught:
        parse(text, "routing.yaml", KNOWN)

    assert any(line.startswith(f"routing.yaml:{problem}") for line in str(caught.value).splitlines()), caught.value


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "replace")))
def test_any_text_is_a_routing_or_a_named_mistake(text: str):
    with pytest.raises(WatchListError):
        parse(text, "routing.yaml", KNOWN)


def test_a_routing_can_be_told_in_words(routing: Routing):
    assert [(conditions(one), deeds(one)) for one in routing.routes] == [
        ("acme-mobile; critical; safety", "legal at once; then the routes below"),
        ("critical_post; 08:00-22:00 on the clock of the first receiver", "shanghai-desk at once"),
        ("info or warning", "shanghai-desk in a digest at 09:00, 17:30"),
        ("everything", "shanghai-desk, log at once; on-call after 10 min"),
    ]
