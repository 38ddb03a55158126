"""The console's pure parts: who may use it, its language, where an incident stands, what is alike and drawn."""

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.console.access import Person, accounts, by_proxy, by_token, loopback, networks, roles, trusted
from pipeline.console.answers import UNCONDITIONAL, Answer, answered
from pipeline.console.chart import Minute, chart
from pipeline.console.endorsers import SHOWN, endorsers
from pipeline.console.language import language
from pipeline.console.likeness import Traits, alike, matches
from pipeline.console.recovery import quiet_ms, recovery
from pipeline.console.standing import CONSOLE, ranked, standing, state
from pipeline.figures import clock
from pipeline.page_text import LANGUAGES
from pipeline.watchlist import Rules, WatchList
from schemas.endorsement import Reason
from schemas.vocabulary import ENDORSING
from tests.builders import MINUTE, START
from tests.incident_life import crisis

TOKEN = "0123456789abcdef"
ALERT = crisis().alerts[0]
NOW = ALERT.at + 60 * MINUTE


def traits(name: str, started: int = 0, **more: object) -> Traits:
    known = {
        "incident_id": name, "brand": "acme", "started": started, "at": started + 1, "severity": "error",
        "reason": "quiet", "complaints": 3, "detectors": ["complaint_volume"], "drivers": {"product:charger": 0.9},
        "categories": {"safety": 1.0},
    }  # fmt: skip
    return msgspec.convert({**known, **more}, Traits)


def acknowledgement(**more: object) -> Answer:
    known = {"brand": ALERT.brand, "incident_id": ALERT.incident_id, "command": "ack", "command_id": "c", "by": "Mei"}
    return msgspec.convert({"severity": ALERT.severity, **known, **more}, Answer)


def test_a_token_is_its_persons_and_nobody_elses():
    known = accounts(f"mei:respond:{TOKEN}, li:view:other:{TOKEN}")

    assert by_token(known, TOKEN) == Person("mei", "respond")
    assert by_token(known, f"other:{TOKEN}") == Person("li", "view")
    assert by_token(known, TOKEN[:-1]) is None
    assert by_token(known, "\udcff") is None
    assert by_token((), "") is None


@pytest.mark.parametrize(
    "text", ["mei", f"mei:owner:{TOKEN}", "mei:view:short", f":view:{TOKEN}", f"a:view:{TOKEN},a:view:{TOKEN}x",
             f"a:view:{TOKEN},b:view:{TOKEN}", f"a\x1b:view:{TOKEN}", f"{'a' * 101}:view:{TOKEN}"],
)  # fmt: skip
def test_users_that_are_written_wrong_are_refused_without_their_token(text: str):
    with pytest.raises(ValueError, match=r"\w") as caught:
        accounts(text)

    assert TOKEN not in str(caught.value)


def test_a_role_includes_those_before_it():
    assert [Person("x", "respond").may(role) for role in ("view", "respond", "admin")] == [True, True, False]


def test_a_proxy_is_believed_by_its_address_only_and_its_users_have_the_roles_of_the_settings():
    proxies, known = networks("10.0.0.0/8, ::1/128"), roles("mei:admin,*:view")

    assert [trusted(proxies, peer) for peer in ("10.1.2.3", "::ffff:10.1.2.3", "::1", "11.0.0.1", "", "unix")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert by_proxy(known, "mei") == Person("mei", "admin")
    assert by_proxy(known, "li") == Person("li", "view")
    assert [by_proxy(known, name) for name in ("", "*", "a\nb", " mei")] == [None, None, None, None]
    assert by_proxy(roles("mei:admin"), "li") is None


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("localhost", True), ("LOCALHOST", True),
     ("0.0.0.0", False), ("example.com", False), ("localhost.example.com", False), ("127.0.0.1.example.com", False)],
)  # fmt: skip
def test_only_names_of_this_machine_are_loopback(host: str, is_loopback: bool):
    assert loopback(host) is is_loopback


@pytest.mark.parametrize(
    ("chosen", "accepted", "spoken"),
    [
        ("", "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"), ("", "ZH-hk", "zh-Hant"), ("", "zh-Hant-MY,zh;q=0.9", "zh-Hant"),
        ("", "zh-CN,zh;q=0.9", "zh"), ("", "zh-Hans-HK", "zh"), ("", "en-TW", "en"), ("zh-Hant", "en", "zh-Hant"),
        ("", "en-GB,en;q=0.9,zh;q=0.8", "en"), ("en", "zh", "en"), ("fr", "fr,de", "en"), ("zh-TW", "", "en"),
        ("", "fr, zh-Hant;q=0.1", "zh-Hant"), ("", "zh;q=0, en;q=0.1", "en"), ("", "zh;q=nan", "en"),
        ("", "zh;q=x", "en"), ("", "", "en"), ("", ";,;;,=" * 100, "en"),
    ],
)  # fmt: skip
def test_a_reader_gets_what_they_chose_or_what_their_browser_asks_for(chosen: str, accepted: str, spoken: str):
    assert language(chosen, accepted, "en") == spoken


def test_an_incident_that_paged_is_nobodys_until_somebody_answers():
    silenced = replace(ALERT, silenced_by="Li", silenced_until=NOW + 1)

    assert state(ALERT, paged=True, now=NOW) == "firing"
    assert state(ALERT, paged=False, now=NOW) == "noted"
    assert state(replace(ALERT, acknowledged_by="Mei"), paged=True, now=NOW) == "acknowledged"
    assert state(silenced, paged=True, now=NOW) == "silenced"
    assert state(silenced, paged=True, now=NOW + 1) == "firing"
    assert state(replace(ALERT, recovering_since=START), paged=True, now=NOW) == "recovering"
    assert state(replace(silenced, event="resolved"), paged=True, now=NOW) == "resolved"


def test_what_nobody_has_stands_first_then_the_gravest_then_the_newest():
    alerts = [
        (replace(ALERT, incident_id="taken", severity="critical", acknowledged_by="Mei"), True),
        (replace(ALERT, incident_id="quiet", severity="critical"), False),
        (replace(ALERT, incident_id="old", severity="error"), True),
        (replace(ALERT, incident_id="new", severity="error", since=ALERT.since + 1), True),
        (replace(ALERT, incident_id="grave", severity="critical"), True),
    ]

    assert [alert.incident_id for alert, _ in ranked(alerts, NOW)] == ["grave", "new", "old", "taken", "quiet"]


@pytest.mark.parametrize("spoken", CONSOLE)
@pytest.mark.parametrize("event", ["opened", "resolved"])
def test_an_incident_is_told_in_each_language(spoken: str, event: str):
    shown = standing(replace(ALERT, event=event, brand="b" * 99 + "\n"), spoken, paged=True, now=NOW)

    assert shown.step
    assert "\n" not in shown.brand
    assert len(shown.brand) <= 40
    assert {key: figure for key, _, figure in shown.counts}["complaints"] == "10"


def test_an_acknowledgement_counts_until_it_gets_worse():
    worse = replace(ALERT, severity="critical", acknowledged_by="Mei")

    assert answered(ALERT, [acknowledgement()], NOW).acknowledged_by == "Mei"
    assert answered(worse, [acknowledgement()], NOW).acknowledged_by == ""
    assert answered(ALERT, [acknowledgement(incident_id="another")], NOW).acknowledged_by == ""
    assert answered(ALERT, [acknowledgement(brand="bolt")], NOW).acknowledged_by == ""


def test_a_silence_of_the_console_counts_at_once_and_until_it_is_lifted_or_over():
    silence = acknowledgement(command="silence", command_id=f"{UNCONDITIONAL}1", until=NOW + 1, incident_id="")
    lifted = acknowledgement(command="unsilence", command_id="2")
    of_some = acknowledgement(command="silence", command_id="matches who knows what", until=NOW + 1)

    assert answered(ALERT, [silence], NOW).silenced_until == NOW + 1
    assert answered(ALERT, [silence, lifted], NOW).silenced_by == ""
    assert answered(ALERT, [silence], NOW + 1).silenced_by == ""
    assert answered(ALERT, [of_some], NOW).silenced_by == ""


def test_incidents_are_alike_by_what_alarmed_and_where_it_came_from():
    of = traits("now", started=100)
    same, other = traits("same"), traits("other", detectors=["mention_burst"], drivers={"region:x": 1.0}, categories={})

    assert alike(of, same) == pytest.approx(1)
    assert alike(of, other) == 0
    assert alike(of, traits("empty", detectors=[], drivers={}, categories={})) == 0
    assert [match.past.incident_id for match in matches(of, [other, same, of, traits("later", started=101)])] == [
        "same"
    ]


def test_at_most_five_are_shown_and_the_same_brand_is_preferred():
    past = [traits(f"other {number}", brand="bolt") for number in range(9)] + [traits("own")]

    found = matches(traits("now", started=100), past)
    assert len(found) == 5
    assert found[0].past.incident_id == "own"


def test_the_recovery_clock_runs_from_the_calm_to_the_end_that_the_rules_set():
    calm = replace(ALERT, recovering_since=ALERT.since + 30 * MINUTE)
    back = recovery(calm, 60 * MINUTE, calm.recovering_since + 15 * MINUTE)

    assert (back.burned_ms, back.closes_at, back.share) == (30 * MINUTE, calm.recovering_since + 60 * MINUTE, 0.25)
    assert recovery(calm, None, NOW).closes_at is None
    assert recovery(ALERT, 1, NOW).burned_ms == NOW - ALERT.since
    assert recovery(replace(calm, event="resolved"), 1, NOW).share == 1


def test_the_rules_say_how_long_calm_must_last_and_rubbish_does_not():
    watchlist = WatchList(brands=(), rules=Rules(quiet_s=120))

    assert quiet_ms(msgspec.json.encode(watchlist).decode()) == 120_000
    assert [quiet_ms(text) for text in ("", "null", "{}", '{"rules": {"quiet_s": "x"}}')] == [None] * 4


def test_a_chart_has_its_minutes_in_order_and_says_what_nobody_knows():
    minutes = [
        msgspec.convert(
            {"t": t, "posts": 5, "negatives": 2, "complaints": t // 1000, "observed": seen, "expected": {}}, Minute
        )
        for t, seen in ((2_000, {"slow_burn": 0.5}), (1_000, {}))
    ]
    drawn = chart(minutes, ["slow_burn"], LANGUAGES["en"], CONSOLE["en"])

    assert drawn["t"] == [1, 2]
    assert [series["observed"] for series in drawn["series"]] == [[1, 2], [5, 5], [None, 0.5]]
    assert drawn["series"][0]["expected"] == [None, None]


@pytest.mark.parametrize("spoken", CONSOLE)
@pytest.mark.parametrize("kind", ["", *ENDORSING, "a kind of tomorrow"])
def test_a_reason_of_influence_is_a_sentence_of_who_did_what_when_and_how_much_it_added(spoken: str, kind: str):
    one = Reason(actor="0123456789abcdef", at=NOW - 5 * MINUTE, added=0.4567, kind=kind)
    (said,) = endorsers(msgspec.json.encode([one]).decode(), CONSOLE[spoken], NOW)

    for part in ("0123456789abcdef", clock(one.at, NOW), "0.46", CONSOLE[spoken].endorsements.get(kind, "")):
        assert part in said


def test_reasons_are_no_more_than_three_and_rubbish_is_none():
    one = {"actor": "0123456789abcdef", "at": NOW, "added": 1.0}
    rubbish = ("", "null", "{}", "[1]", '[{"actor": "<script>alert(1)</script>", "at": 1, "added": 1}]', "[" * 10_000)

    assert len(endorsers(msgspec.json.encode([one] * 50).decode(), CONSOLE["en"], NOW)) == SHOWN
    assert [endorsers(text, CONSOLE["en"], NOW) for text in rubbish] == [()] * len(rubbish)
