"""The life of an incident: one page per episode, one more when it gets worse, an end that lasts."""

from msgspec.structs import replace

from pipeline.closing import Moment
from pipeline.incident_steps import step
from pipeline.incidents import Context, open_incident
from schemas.brand_log import Counts
from tests.builders import MINUTE, START
from tests.incident_life import CALM, HARMFUL, RESTLESS, RULES, Life, crisis


def test_an_alarm_opens_an_incident_and_pages_once():
    life = crisis()
    for _ in range(30):
        life.minute("complaint_volume", posts=1)

    assert life.told() == [("opened", "first")]


def test_it_pages_again_when_it_gets_worse_and_only_then():
    life = crisis()
    life.minute("complaint_volume", ratio=6.0, posts=1)
    life.minute("complaint_volume", ratio=7.0, posts=1)
    life.minute("complaint_volume", ratio=25.0, posts=1)
    life.minute("complaint_volume", ratio=3.0, posts=1)

    assert life.told() == [("opened", "first"), ("escalated", "escalated"), ("escalated", "escalated")]
    assert [alert.severity for alert in life.alerts] == ["warning", "error", "critical"]


def test_a_second_detector_of_harm_makes_it_worse():
    life = crisis()
    life.minute("negative_share", posts=1)

    assert [(alert.event, alert.severity) for alert in life.alerts] == [("opened", "warning"), ("escalated", "error")]
    assert life.alerts[-1].detectors == ("complaint_volume", "negative_share")


def test_severity_never_goes_down():
    life = crisis()
    life.minute("complaint_volume", ratio=25.0, posts=1, complaints=1)
    life.minute(posts=1, complaints=1000)

    assert life.alerts[-1].severity == "critical"


def test_much_talk_without_harm_is_information_and_wakes_nobody():
    life = Life()
    life.minute("mention_burst", posts=900, authors=50)

    assert life.told() == [("opened", "attention_only")]
    assert (life.alerts[0].severity, life.alerts[0].paged) == ("info", False)


def test_talk_that_turns_into_harm_pages():
    life = Life()
    life.minute("mention_burst", posts=900, authors=50)
    life.minute("complaint_volume", posts=900, complaints=500)

    assert life.told() == [("opened", "attention_only"), ("escalated", "first")]


def test_a_flood_by_few_authors_is_said_to_be_one_and_wakes_nobody():
    life = Life()
    life.minute("complaint_volume", posts=500, complaints=500, authors=7)

    assert life.told() == [("opened", "too_few_authors")]
    assert (life.alerts[0].suspected_flood, life.alerts[0].paged) == (True, False)


def test_when_enough_authors_join_the_flood_it_pages_after_all():
    life = Life()
    life.minute("complaint_volume", posts=500, complaints=500, authors=7)
    life.minute(posts=1, complaints=1, authors=1)

    assert life.told()[1:] == [("escalated", "first")]
    assert (life.alerts[1].suspected_flood, life.alerts[1].paged) == (False, True)


def test_an_update_goes_out_each_time_the_complaints_have_doubled():
    life = crisis()
    told_at = []
    for _ in range(70):
        before = len(life.alerts)
        life.minute(calm=False, posts=1, complaints=1)
        if len(life.alerts) > before:
            told_at.append(life.alerts[-1].complaints)

    assert told_at == [20, 40, 80]
    assert life.pages() == ["first"]


def test_it_ends_once_calm_has_lasted():
    life = crisis()
    for _ in range(9):
        life.minute(posts=5)
    before = life.told()
    life.minute(posts=5)

    assert before == [("opened", "first"), ("updated", "recovering")]
    assert life.told()[2:] == [("resolved", "quiet")]


def test_unrest_starts_the_waiting_anew():
    life = crisis()
    for number in range(18):
        life.minute(calm=number != 8, posts=5)

    assert "resolved" not in [event for event, _ in life.told()]
    assert life.told()[1:] == [("updated", "recovering")]


def test_after_its_recovery_was_told_only_an_alarm_or_lasting_unrest_is_a_relapse():
    brief, lasting, alarm = crisis(), crisis(), crisis()
    for life in (brief, lasting, alarm):
        for _ in range(5):
            life.minute(posts=5)
    for number in range(6):
        brief.minute(calm=number % 2 == 0, posts=5)
        lasting.minute(calm=number == 0, posts=5)
    alarm.minute("complaint_volume", posts=5)

    assert brief.told()[1:] == [("updated", "recovering")]
    assert lasting.told()[1:] == alarm.told()[1:] == [("updated", "recovering"), ("updated", "relapsed")]


def test_a_slow_incident_tells_of_its_recovery_and_relapse_once_and_not_all_day():
    life = crisis()
    for number in range(1_000):
        life.minute(calm=number % 9 < 6, posts=1)

    assert life.told() == [("opened", "first"), ("updated", "recovering")]

    for number in range(400):
        life.minute(calm=number % 12 < 6, posts=1)

    assert life.told()[2:] == [("updated", "relapsed")]


def test_what_got_worse_tells_of_its_recovery_again():
    life = crisis()
    for ratio in (3.0, 8.0, 30.0):
        life.minute("complaint_volume", ratio=ratio, posts=1)
        for _ in range(6):
            life.minute(posts=1)

    assert [reason for _, reason in life.told()[1:]] == ["recovering", "escalated", "recovering", "escalated",
                                                         "recovering"]  # fmt: skip


def test_a_detector_that_has_not_alarmed_keeps_no_incident_open():
    life = Life()
    life.minute("negative_share", posts=20, authors=10)
    for _ in range(10):
        life.minute(calm=False, calm_of=("negative_share",), posts=5)

    assert life.told()[-1] == ("resolved", "quiet")


def test_silence_is_calm_but_only_who_is_spoken_of_again_is_back_to_baseline():
    silent, spoken = crisis(), crisis()
    for number in range(10):
        silent.minute(calm=False)
        spoken.minute(posts=int(number == 3))

    assert silent.told()[1:] == [("updated", "recovering"), ("resolved", "idle")]
    assert spoken.told()[1:] == [("updated", "recovering"), ("resolved", "quiet")]


def test_a_brand_that_is_still_silent_is_not_back_to_baseline():
    life = Life()
    life.minute("mention_burst")
    for _ in range(10):
        life.minute()

    assert life.told()[1:] == [("resolved", "idle")]


def test_an_incident_without_a_post_ends_as_idle():
    life = crisis()
    for _ in range(20):
        life.minute("complaint_volume")

    assert life.told()[-1] == ("resolved", "idle")


def test_no_incident_lives_longer_than_allowed():
    life = crisis()
    for _ in range(1_440):
        life.minute(calm=False, posts=1)

    assert life.told()[-1] == ("resolved", "too_long")


def test_a_restless_brand_does_not_open_again_without_a_new_alarm():
    life = crisis()
    for _ in range(10):
        life.minute(posts=1)
    for _ in range(50):
        life.minute(calm=False, posts=50, complaints=50)

    assert [event for event, _ in life.told()] == ["opened", "updated", "resolved"]


def test_a_new_alarm_after_the_end_is_another_incident_with_a_page_of_its_own():
    life = crisis()
    for _ in range(10):
        life.minute(posts=1)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)

    assert life.pages() == ["first", "first"]
    assert len({alert.incident_id for alert in life.alerts}) == 2


def test_the_end_pages_only_if_the_incident_did():
    loud, silent = crisis(), Life()
    silent.minute("mention_burst", posts=900, authors=50)
    for life in (loud, silent):
        for _ in range(10):
            life.minute(posts=1)

    assert [life.alerts[-1].event for life in (loud, silent)] == ["resolved", "resolved"]
    assert (loud.alerts[-1].paged, silent.alerts[-1].paged) == (True, False)


def test_ids_are_the_same_in_every_replay_and_others_under_other_rules():
    one, again, other = crisis(), crisis(), crisis("other rules")

    assert one.alerts == again.alerts
    assert one.alerts[0].incident_id != other.alerts[0].incident_id
    assert one.alerts[0].alert_id != other.alerts[0].alert_id


def test_every_alert_has_an_id_of_its_own():
    life = crisis()
    for number in range(100):
        life.minute("complaint_volume", ratio=2.0 + number, posts=1, complaints=1, authors=1)

    assert len(life.alerts) > 3
    assert len({alert.alert_id for alert in life.alerts}) == len(life.alerts)


def test_evidence_is_few_posts_each_once():
    life = crisis()
    for _ in range(50):
        life.minute(calm=False, posts=1)
    life.minute("negative_share", posts=1)
    uids = [post.post_uid for post in life.alerts[-1].evidence]

    assert len(uids) == len(set(uids)) == 6


def test_counts_begin_with_the_evidence_not_with_the_alarm():
    minutes = [Moment(START + number * MINUTE, Counts(posts=1)) for number in range(10)]
    since = START + 6 * MINUTE
    alarm = replace(RESTLESS, score=1.0, since=since)
    context = Context("acme", START + 10 * MINUTE, RULES, "rules", HARMFUL, ())
    incident = open_incident(context, {"complaint_volume": alarm}, minutes)

    assert (incident.since, incident.counts.posts) == (since, 4)


def test_the_story_is_told_by_the_strongest_alarm_of_harm():
    life = Life()
    life.minute("mention_burst", "negative_share", ratio=4.0, posts=1, authors=10)
    life.minute("mention_burst", ratio=90.0, posts=1)
    life.minute("complaint_volume", ratio=9.0, posts=1)

    assert (life.alerts[-1].observed, life.alerts[-1].strength) == (9.0, 9.0)


def test_drivers_are_shares_of_the_complaints():
    life = crisis()

    assert life.alerts[0].drivers == {"channel:video": 1.0}


def test_the_missing_sources_of_the_last_minute_are_named():
    life = crisis()
    assert life.incident is not None
    verdicts = dict.fromkeys([*HARMFUL, "mention_burst"], CALM)
    context = Context("acme", START + 30 * MINUTE, RULES, "rules", HARMFUL, (3,))
    alert = step(life.incident, context, Moment(START + 29 * MINUTE, Counts(posts=1)), verdicts)

    assert alert is not None
    assert alert.missing == (3,)
