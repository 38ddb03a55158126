"""What responders answer, and what silence does: who has it is left alone, who sleeps is woken again."""

import pytest

from tests.incident_life import Life, crisis


def burn(life: Life, minutes: int, ratio: float = 3.0, **counts: int) -> None:
    for _ in range(minutes):
        life.minute("complaint_volume", ratio=ratio, posts=1, **counts)


def test_a_page_that_nobody_acknowledges_rings_again_once_for_a_warning():
    life = crisis(ack_s=300)
    burn(life, 4)
    before = life.pages()
    burn(life, 100)

    assert before == ["first"]
    assert life.pages() == ["first", "unacknowledged"]


def test_the_worse_it_is_the_more_often_it_rings_again():
    life = crisis(ack_s=300)
    burn(life, 100, ratio=25.0)

    assert life.pages() == ["first", "escalated", *["unacknowledged"] * 3]


def test_a_rise_in_severity_begins_to_wait_anew():
    life = crisis(ack_s=300)
    burn(life, 4)
    burn(life, 5, ratio=6.0)
    before = life.pages()
    burn(life, 1, ratio=6.0)

    assert before == ["first", "escalated"]
    assert life.pages()[2:] == ["unacknowledged"]


def test_nobody_is_woken_again_for_what_is_calm():
    life = crisis(ack_s=300)
    for _ in range(9):
        life.minute(posts=1)

    assert life.pages() == ["first"]


def test_pagers_hear_once_that_somebody_has_what_paged_and_who():
    life = crisis()
    assert life.incident is not None
    life.incident.acknowledged = life.answer()
    burn(life, 30)

    assert life.told()[1:] == [("acknowledged", "acknowledged")]
    assert (life.alerts[-1].acknowledged_by, life.alerts[-1].paged) == ("Mei", False)

    life.incident.acknowledged = life.answer("Li")
    burn(life, 30)

    assert life.told()[2:] == [("acknowledged", "acknowledged")]


def test_an_answer_that_comes_with_a_rise_or_before_any_page_is_none_for_the_pager():
    risen, unpaged = crisis(), Life()
    unpaged.minute("mention_burst", posts=900, authors=50)
    for life in (risen, unpaged):
        assert life.incident is not None
        life.incident.acknowledged = life.answer()
        burn(life, 5, ratio=6.0)

    assert [event for event, _ in risen.told()] == [event for event, _ in unpaged.told()] == ["opened", "escalated"]


def test_who_acknowledged_is_not_asked_again():
    life = crisis(ack_s=300)
    assert life.incident is not None
    life.incident.acknowledged = life.answer()
    burn(life, 100, complaints=50)

    assert life.pages() == ["first"]
    assert life.alerts[-1].acknowledged_by == "Mei"
    assert life.alerts[-1].reason == "acknowledged"


def test_what_gets_worse_pages_in_spite_of_an_acknowledgement_and_waits_for_another():
    life = crisis(ack_s=300)
    assert life.incident is not None
    life.incident.acknowledged = life.answer()
    burn(life, 50)
    burn(life, 50, ratio=25.0)

    assert life.pages() == ["first", "escalated", *["unacknowledged"] * 3]


def test_an_acknowledgement_holds_before_the_first_page_too():
    life = Life()
    life.minute("complaint_volume", posts=500, complaints=500, authors=7)
    assert life.incident is not None
    life.incident.acknowledged = life.answer()
    life.minute(posts=1, complaints=1, authors=5)

    assert life.pages() == []


def test_a_silence_keeps_pages_back_and_alerts_go_on():
    life = Life()
    life.silence(60)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    burn(life, 20, ratio=25.0)

    assert life.pages() == []
    assert life.told()[:2] == [("opened", "silenced"), ("escalated", "silenced")]
    assert {alert.silenced_by for alert in life.alerts} == {"Mei"}


def test_when_the_silence_ends_and_it_still_burns_it_pages_then():
    life = Life()
    life.silence(10)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    burn(life, 8)
    before = life.pages()
    burn(life, 20)

    assert before == []
    assert life.pages() == ["silence_ended"]


def test_when_the_silence_ends_and_it_is_calm_nobody_is_woken():
    life = Life()
    life.silence(6)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    for _ in range(12):
        life.minute(posts=1)

    assert [alert.paged for alert in life.alerts if alert.paged] == []
    assert life.told()[-1] == ("resolved", "quiet")


def test_what_burns_again_after_a_silence_that_ended_in_calm_pages():
    life = Life()
    life.silence(6)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    for _ in range(8):
        life.minute(posts=1)
    burn(life, 1)

    assert life.pages() == ["silence_ended"]


def test_a_silence_that_begins_after_the_page_stops_the_asking_until_it_ends():
    life = crisis(ack_s=300)
    life.silence(30)
    burn(life, 29)
    before = life.pages()
    burn(life, 5)

    assert before == ["first"]
    assert life.pages() == ["first", "unacknowledged"]


@pytest.mark.parametrize(
    ("matcher", "quiet"),
    [
        ({"detectors": ("complaint_volume",)}, True),
        ({"detectors": ("negative_share",)}, False),
        ({"severities": ("info", "warning")}, True),
        ({"severities": ("critical",)}, False),
        ({"facets": ("channel:video",)}, True),
        ({"facets": ("channel:forum",)}, False),
        ({"detectors": ("complaint_volume",), "severities": ("critical",)}, False),
    ],
)
def test_a_silence_is_of_what_it_matches(matcher: dict[str, tuple[str, ...]], quiet: bool):
    life = Life()
    life.silence(60, **matcher)
    life.minute("complaint_volume", "mention_burst", posts=20, complaints=10, authors=10)

    assert (life.pages() == []) is quiet


def test_a_second_detector_of_harm_breaks_the_silence_of_the_first():
    life = Life()
    life.silence(60, detectors=("complaint_volume",))
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    life.minute("negative_share", posts=20)

    assert life.pages() == ["first"]


def test_what_outgrows_a_silence_is_not_told_as_a_silence_that_has_ended():
    life = Life()
    life.silence(60, severities=("warning",))
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    burn(life, 3, ratio=6.0)

    assert life.pages() == ["first"]


def test_an_incident_resolved_by_order_ends_with_the_next_minute_and_says_who():
    life = crisis()
    assert life.incident is not None
    life.incident.closing = life.answer("Li")
    life.minute(posts=1)

    assert life.told()[-1] == ("resolved", "resolved_by")
    assert life.alerts[-1].resolved_by == "Li"
    assert life.alerts[-1].paged


def test_the_end_tells_since_when_it_has_been_calm_and_so_does_the_recovery():
    life = crisis()
    burn(life, 7)
    calm_since = life.now
    for _ in range(10):
        life.minute(posts=1)

    assert [(alert.reason, alert.recovering_since) for alert in life.alerts[1:]] == [
        ("recovering", calm_since), ("quiet", calm_since),
    ]  # fmt: skip


def test_what_burns_again_after_its_recovery_was_told_is_told_too():
    life = crisis()
    for _ in range(5):
        life.minute(posts=1)
    burn(life, 1)

    assert life.told()[1:] == [("updated", "recovering"), ("updated", "relapsed")]
    assert life.alerts[-1].recovering_since is None
