"""Which decisions of a closed minute are written, and how often."""

from collections.abc import Mapping

from msgspec.structs import replace

from pipeline.decisions import NEAR, Judged, Notes
from pipeline.detectors._base import Verdict
from pipeline.holding import Hold
from pipeline.incident_alerts import alert_of
from pipeline.incidents import WITHDRAWN, Answer, Context, FacetAlarm, Incident
from pipeline.silences import Silence
from schemas.brand_log import Counts
from schemas.command import Matcher
from schemas.decision import Decision
from tests.builders import MINUTE, START, watchlist
from tests.incident_life import HARMFUL

RULES = watchlist().rules
ALARM = Verdict(1.5, 9.0, 3.0, 1.0, "complaints per minute", START, calm=False)
CALM = Verdict(0.0, 0.0, 0.0, 1.0, "complaints per minute", START, calm=True)
NOBODY: Mapping[str, FacetAlarm] = {}


def at(minute: int, *campaigns: str) -> Context:
    return Context("acme", START + minute * MINUTE, RULES, "rules", HARMFUL, (), campaigns=campaigns)


def an_incident(**changes: object) -> Incident:
    held = Incident(
        "i1", START, START, START, START, START, severity="error", fired={"complaint_volume": ALARM},
        why="already_paged", counts=Counts(posts=9), authors=(1, 2, 3),
    )  # fmt: skip
    return replace(held, **changes)


def seen(score: float, name: str = "complaint_volume") -> dict[str, Verdict]:
    return {name: replace(CALM, score=score)}


def judged(verdicts: dict[str, Verdict], incident: Incident | None = None, **more: object) -> Judged:
    known = {"facets": NOBODY, "alert": None, "was": incident.why if incident else None, "held": None,
             "hold": Hold(START, "critical", 3.0, "Mei")}  # fmt: skip
    return Judged(verdicts=verdicts, incident=incident, **{**known, **more})


def reasons(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(one.outcome, one.reason) for one in decisions]


def test_a_detector_near_its_threshold_is_told_of_once_an_hour():
    notes = Notes()
    told = [minute for minute in range(150) if notes.of(at(minute), judged(seen(NEAR)))]

    assert told == [0, 60, 120]


def test_one_far_from_it_is_not():
    assert Notes().of(at(0), judged(seen(NEAR - 0.01))) == []


def test_each_detector_has_an_hour_of_its_own():
    notes = Notes()
    both = [reasons(notes.of(at(0), judged(seen(0.9, name)))) for name in ("complaint_volume", "negative_share")]

    assert both == [[("not_paged", "below_threshold")]] * 2


def test_a_campaign_that_is_on_is_named():
    (told,) = Notes().of(at(0, "lucky-draw"), judged(seen(0.8)))

    assert (told.reason, told.campaign, told.score) == ("campaign", "lucky-draw", 0.8)


def test_every_event_of_an_incident_is_a_decision():
    incident = an_incident(why="first")
    alerts = [alert_of(incident, at(0), event, reason, paged=paged) for event, reason, paged in (
        ("opened", "first", True), ("updated", "already_paged", False), ("resolved", "quiet", True),
    )]  # fmt: skip
    told = [reasons(Notes().of(at(0), judged({}, incident, alert=alert))) for alert in alerts]

    assert told == [[("paged", "first")], [("not_paged", "already_paged")], [("resolved", "quiet")]]


def test_that_quoted_posts_are_gone_is_no_decision():
    notes, incident = Notes(), an_incident()
    alert = alert_of(incident, at(0), "updated", WITHDRAWN, paged=False)
    changed = notes.of(at(0), judged({}, incident, alert=alert, was="too_few_authors"))

    assert notes.of(at(0), judged({}, incident, alert=alert)) == []
    assert reasons(changed) == [("not_paged", "already_paged")]


def test_without_an_event_it_is_told_when_the_reason_changes_and_of_alarms_once_an_hour():
    notes, incident = Notes(), an_incident()
    changed = notes.of(at(0), judged({}, incident, was="too_few_authors"))
    after_a_page = notes.of(at(0), judged({}, incident, was="first"))
    quiet = notes.of(at(1), judged({}, incident))
    alarms = [minute for minute in range(2, 130) if notes.of(at(minute), judged({"complaint_volume": ALARM}, incident))]

    assert reasons(changed) == [("not_paged", "already_paged")]
    assert after_a_page == quiet == []
    assert alarms == [2, 62, 122]


def test_near_misses_are_not_told_while_an_incident_is_open():
    assert Notes().of(at(0), judged(seen(0.9), an_incident())) == []


def test_talk_and_parts_that_join_a_harmful_incident_are_inhibited_by_it():
    parts = {"product:charger": FacetAlarm("negative_share", ALARM)}
    notes, incident = Notes(), an_incident()
    told = notes.of(at(0), judged({"mention_burst": ALARM}, incident, facets=parts))
    joined = [(one.detector, one.facet, one.incident_id) for one in told if one.reason == "inhibited"]

    assert joined == [("mention_burst", "", "i1"), ("negative_share", "product:charger", "i1")]
    assert notes.of(at(1), judged({"mention_burst": ALARM}, incident, facets=parts)) == []


def test_an_incident_for_information_inhibits_nothing():
    incident = an_incident(severity="info", fired={"mention_burst": ALARM}, why="attention_only")
    told = Notes().of(at(0), judged({"mention_burst": ALARM}, incident))

    assert reasons(told) == [("not_paged", "attention_only")]


def test_who_ordered_the_quiet_is_named_with_reason_and_end():
    silence = Silence("c1", "silence", "acme", "Mei", "known", Matcher(), START, START + 60 * MINUTE)
    answer = Answer("Li", "on it", "error", "c2")
    silenced = an_incident(why="silenced", silence=silence)
    acknowledged = an_incident(why="acknowledged", acknowledged=answer)
    told = [Notes().of(at(0), judged({}, one, was="first"))[0] for one in (silenced, acknowledged)]

    assert [(one.command, one.command_id, one.by, one.text, one.until) for one in told] == [
        ("silence", "c1", "Mei", "known", START + 60 * MINUTE), ("ack", "c2", "Li", "on it", None),
    ]  # fmt: skip


def test_what_a_hold_keeps_from_opening_is_told_once_an_hour():
    notes = Notes()
    told = [notes.of(at(minute), judged({}, held=an_incident())) for minute in range(3)]

    assert [reasons(one) for one in told] == [[("not_paged", "held")], [], []]
    assert (told[0][0].by, told[0][0].incident_id, told[0][0].severity) == ("Mei", "", "critical")


def test_a_week_of_near_misses_and_alarms_has_a_bounded_number_of_decisions():
    notes, week = Notes(), 7 * 24 * 60
    verdicts = {name: replace(CALM, score=0.99) for name in (*HARMFUL, "mention_burst")}
    near = sum(len(notes.of(at(minute), judged(verdicts))) for minute in range(week))

    assert near == 3 * 7 * 24
    assert len(notes.told) <= 3
