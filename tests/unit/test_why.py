"""What a tired person is told who asks why they were paged, or were not."""

from functools import cache
from typing import get_args

import pytest
from msgspec.structs import replace

from agents.why_records import from_outputs
from pipeline.stage import Output
from pipeline.why import Known, Question, explain
from pipeline.why_gathering import whole as both
from pipeline.why_text import WORDS, needed, told
from schemas.command import EVERY_BRAND
from schemas.decision import Decision
from schemas.minute import Minute
from schemas.vocabulary import CommandKind, CommandReason, EndReason, PageReason, QuietReason
from tests.builders import START
from tests.golden.test_answers import CRISIS, STORIES
from tests.living_log import BUCKET, ends, living_log, watching
from tests.noise import whole

REASONS = [
    *get_args(PageReason), *get_args(QuietReason), *get_args(EndReason), *get_args(CommandReason),
]  # fmt: skip
DECISION = Decision(
    decision_id="d", brand="acme", at=START, outcome="not_paged", reason="below_threshold", incident_id="i1",
    severity="warning", detector="negative_share", facet="product:charger", score=0.5, observed=0.4, expected=0.1,
    unit="negative share", authors=5, min_authors=8, campaign="draw", command="silence", command_id="c1", by="Mei",
    text="known", until=START, rules="r",
)  # fmt: skip


@cache
def outputs(story: str) -> tuple[Output, ...]:
    """What the stage says, and the log itself."""
    log = living_log(CRISIS, STORIES[story])
    return (*whole(watching(), log), *(Output("social.brand-log.v1", 0, one.key, one.value) for one in log))


def answer(story: str, bucket: int, brand: str = "acme", language: str = "en") -> str:
    asked = Question(brand, ends(bucket) - BUCKET, BUCKET)
    return "\n".join(explain(asked, from_outputs(outputs(story), asked), language))


def test_a_paged_minute_tells_what_was_seen_and_why_it_paged():
    text = answer("nobody_answers", 7)

    assert text.splitlines()[:2] == [
        "acme, 2023-11-15 05:30 UTC to 05:35 UTC",
        "Seen: posts 18, negative 8, complaints 8, critical 0, distinct authors 8",
    ]
    assert "negative share: 44%, 18% expected; 103% of its threshold: ALARM" in text
    assert text.splitlines()[4] == (
        "  no sign: complaint volume, critical complaint, influential complaint, sentiment recovery, slow burn, "
        "source quiet"
    )
    assert "Paged: first page of incident " in text
    assert "would have needed" not in text


def test_a_minute_after_the_page_tells_that_nothing_became_worse():
    text = answer("nobody_answers", 8)

    assert "Open since 2023-11-15 05:35 UTC" in text
    assert "Not paged again: incident " in text
    assert "A page would have needed: a severity above WARNING." in text


def test_a_page_for_want_of_an_answer_says_so():
    assert "Paged again: nobody had acknowledged the last page" in answer("nobody_answers", 9)


def test_a_minute_below_the_threshold_tells_how_far():
    text = answer("nobody_answers", 4)

    assert "Decided: nothing to page for. The strongest detector, negative share, was at 32% of its threshold." in text
    assert "A page would have needed: 3.1 times the score of negative share." in text


def test_a_silenced_minute_names_who_until_when_and_why():
    text = answer("silenced", 7)

    assert "Not paged: Mei had silenced it until 2023-11-15 06:26 UTC: known (silence c1)." in text
    assert "A page would have needed: that `tocsin unsilence` had lifted silence c1." in text
    assert "What responders did:\n  05:11 UTC Mei silenced acme" in text


def test_a_silence_is_told_before_anything_alarms_and_not_after_its_end():
    assert "In force: Mei had silenced acme until 2023-11-15 06:26 UTC" in answer("silenced", 4)
    assert "In force" not in answer("silenced", 1)
    assert "In force" not in answer("silenced", 4, brand="bolt")


def test_an_acknowledged_minute_names_who_has_it():
    text = answer("acknowledged", 11)

    assert "Not paged: Mei had acknowledged incident " in text
    assert "Mei acknowledged incident" in text
    assert "severity WARNING: talking to the plant." in text
    assert "Li noted on incident " in text


def test_an_alarm_of_a_part_is_seen_in_each_minute_of_its_look_and_in_no_other():
    part = "  product charger, negative share: 98%, 62% expected; 101% of its threshold: ALARM"
    told = [bucket for bucket in range(20) if part in answer("acknowledged", bucket).splitlines()]

    assert told == [12]
    assert "  产品 charger，负面占比：98%，预期 62%；达到阈值的 101%：报警" in answer("acknowledged", 12, language="zh")


def test_what_only_informs_is_not_called_talk_for_a_source_gone_quiet_is_the_opposite():
    quiet = replace(DECISION, reason="attention_only", detector="source_quiet", observed=0.0, expected=30.0,
                    unit="posts since the last")  # fmt: skip

    assert told(quiet, "en") == (
        "Not paged: source quiet (0 posts since the last, normal is 30) is no harm by itself. Incident i1 informs only."
    )
    assert "本身不是危害" in told(quiet, "zh")


def test_a_part_that_joined_is_named_with_the_incident_it_joined():
    assert "negative share product charger (98% negative share, about 1.6 times the normal 62%) joined" in answer(
        "acknowledged", 12
    )


def test_a_part_alone_is_named_without_a_page():
    alone = replace(DECISION, reason="facet_only")

    assert told(alone, "en").startswith("Not paged: only product charger was over its threshold (negative share: 40%")
    assert told(alone, "zh").startswith("未呼叫：只有 产品 charger 超出阈值")


def test_a_resolved_minute_and_the_hold_after_it_name_who_resolved():
    assert "Resolved: by Mei: recall announced (incident " in answer("resolved_by_hand", 19)
    assert "Not paged: Mei had resolved the incident, and this" in answer("resolved_by_hand", 21)


def test_a_minute_that_is_not_closed_says_through_when_minutes_are():
    assert "not closed yet: minutes are closed through 2023-11-15 07:55 UTC" in answer("nobody_answers", 100)


def test_a_minute_before_all_records_says_where_they_begin():
    assert "what is kept begins at 2023-11-14 22:15 UTC" in answer("nobody_answers", -100)


def test_where_nothing_is_closed_it_asks_for_the_worker():
    asked = Question("acme", START, BUCKET)

    assert "is a worker running" in explain(asked, Known(), "en")[1]


def test_a_closed_minute_without_a_record_had_no_posts():
    asked = Question("acme", START, BUCKET)
    text = explain(asked, Known(first=START - BUCKET, closed=START + BUCKET), "en")

    assert text[1:] == [
        "Seen: nothing was posted.",
        "Decided: nothing. No detector was near its threshold, and no incident was open.",
    ]


def test_the_same_is_told_in_chinese():
    text = answer("silenced", 7, language="zh")

    for fact in ("所见：帖子 18", "报警", "未呼叫：Mei 已静默至 2023-11-15 06:26 UTC：known", "处理人员的操作："):
        assert fact in text


def test_a_lifted_silence_is_in_force_no_more():
    silence = replace(DECISION, outcome="applied", reason="commanded", until=START + 9 * BUCKET)
    lifted = replace(silence, decision_id="e", command="unsilence", command_id="c2", until=None, at=START + BUCKET)
    minute = Minute(brand="acme", minute=START + 2 * BUCKET, bucket_ms=BUCKET, posts=1)
    asked = Question("acme", START + 2 * BUCKET, BUCKET)
    told_of = [
        "In force" in "\n".join(explain(asked, Known(START, START + 9 * BUCKET, minute, decisions), "en"))
        for decisions in ((silence,), (silence, lifted), (replace(silence, brand=EVERY_BRAND),))
    ]

    assert told_of == [True, False, True]


def test_a_corrected_minute_keeps_what_the_detectors_saw():
    first = Minute(brand="acme", minute=START, bucket_ms=BUCKET, posts=3, scores={"negative_share": 0.7})
    second = Minute(brand="acme", minute=START, bucket_ms=BUCKET, posts=9, revision=2)

    assert {(one.posts, one.scores["negative_share"]) for one in (both(first, second), both(second, first))} == {
        (9, 0.7)
    }


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_its_words(reason: str, language: str):
    outcome = "ignored" if reason in get_args(CommandReason) and reason != "commanded" else "not_paged"
    one = replace(DECISION, reason=reason, outcome="applied" if reason == "commanded" else outcome)
    text = told(one, language) + needed(one, language)

    assert text
    assert "{" not in text


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("kind", get_args(CommandKind))
def test_every_command_has_its_words(kind: CommandKind, language: str):
    text = told(replace(DECISION, outcome="applied", reason="commanded", command=kind), language)

    assert "Mei" in text
    assert "{" not in text


def test_what_strangers_wrote_cannot_forge_lines_or_drive_a_terminal():
    hostile = "x\n  Paged: first\x1b[31m\u202e{by}"
    one = replace(DECISION, outcome="applied", reason="commanded", by=hostile, text=hostile, brand=hostile)

    for language in WORDS:
        assert "\n" not in told(one, language)
        assert "\x1b" not in told(one, language)
        assert "{by}" in told(one, language)


def test_who_cannot_be_told_worse_is_told_so():
    worst = replace(DECISION, reason="already_paged", severity="critical")

    assert needed(worst, "en") == "nothing, it could not get worse"
