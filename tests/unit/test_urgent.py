"""Posts that do not wait: told the moment they are read, once, few, and with the post itself."""

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.hearing import MAX_REACH
from pipeline.listen import Listen
from pipeline.urgent import A_MINUTE, RARE, REMEMBERED_MS, SIZES, Urgent
from schemas.finding import Finding
from schemas.post import SocialPost, Tick
from schemas.signal import Signal
from tests.builders import MINUTE, SIGNAL, START, listen, post, record, records

CRITICAL = replace(SIGNAL, severity=3, brands=("acme",), fingerprint=1, reach=0)
HOUR = 60 * MINUTE


def scattered(number: int) -> int:
    """A text that has nothing in common with others."""
    return (number + 1) * 0x9E37_79B9_7F4A_7C15 % 2**63


def told(urgent: Urgent, *signals: Signal, now: int = START) -> list[Finding]:
    outputs = [output for signal in signals for output in urgent.findings(signal, now)]
    return [msgspec.json.decode(output.value, type=Finding) for output in outputs]


def fresh() -> Urgent:
    return Urgent(1, MINUTE, "rules")


def findings(stage: Listen, *posts: SocialPost | Tick, first: int = 0) -> list[Finding]:
    """What one batch makes known, without a flush."""
    outputs = stage.apply([record(first + number, one) for number, one in enumerate(posts)])
    return [
        msgspec.json.decode(output.value, type=Finding) for output in outputs if output.topic == "social.findings.v1"
    ]


def test_a_critical_complaint_is_told_in_the_batch_that_brings_it_with_the_post_inside():
    (finding,) = findings(listen(), post("1", 0), post("2", 1, "acme burns in my hand"), post("3", 2))
    (quote,) = finding.evidence

    assert (finding.detector, finding.brand, finding.at) == ("critical_post", "acme", START + 1)
    assert (quote.text, quote.partition, quote.offset, quote.severity) == ("acme burns in my hand", 0, 1, 3)


@pytest.mark.parametrize("changes", [{"severity": 2}, {"complaint_p": 0.19}])
def test_less_than_that_waits(changes):
    assert told(fresh(), replace(CRITICAL, **changes)) == []


def test_each_brand_that_is_named_hears_of_it():
    both = told(fresh(), replace(CRITICAL, brands=("acme", "bolt")))

    assert [finding.brand for finding in both] == ["acme", "bolt"]
    assert both[0].finding_id != both[1].finding_id


def test_copies_are_told_once_an_hour():
    urgent, near = fresh(), replace(CRITICAL, fingerprint=0b1101, post_uid="2")

    assert len(told(urgent, CRITICAL, near)) == 1
    assert told(urgent, near, now=START + REMEMBERED_MS - 1) == []
    assert len(told(urgent, near, now=START + REMEMBERED_MS)) == 1


def test_copies_in_two_partitions_have_one_id_and_other_texts_another():
    one, other = told(fresh(), CRITICAL), told(fresh(), replace(CRITICAL, post_uid="2", source_partition=1))
    third = told(fresh(), replace(CRITICAL, fingerprint=scattered(3)))

    assert one[0].finding_id == other[0].finding_id != third[0].finding_id


def test_a_minute_has_few_and_the_next_has_more():
    urgent = fresh()
    storm = [replace(CRITICAL, fingerprint=scattered(number), post_uid=str(number)) for number in range(50)]

    assert len(told(urgent, *storm)) == A_MINUTE
    assert [one.evidence[0].post_uid for one in told(urgent, *storm, now=START + MINUTE)] == ["2", "3"]


def test_the_same_post_again_is_told_no_more():
    stage = listen()
    burns = post("1", 0, "acme burns")

    assert len(findings(stage, burns, burns)) == 1
    assert findings(stage, burns, Tick(at=START + 10 * MINUTE), burns, first=2) == []


def test_a_late_post_is_told_and_an_expired_one_is_not():
    stage = listen()
    late, expired = post("2", HOUR - 5 * MINUTE, "acme burns"), post("3", 0, "acme burns down")

    assert len(findings(stage, post("1", HOUR), late, expired)) == 1


def test_an_edit_is_no_new_post():
    assert findings(listen(), post("1", 0, "acme burns", op="update")) == []


def loud(reach: int, number: int = 0) -> Signal:
    return replace(CRITICAL, severity=1, reach=reach, fingerprint=scattered(number), post_uid=f"loud {number}")


def known(count: int, reach: int = 300) -> Urgent:
    """A brand of which so many posts are known."""
    urgent = fresh()
    told(urgent, *(replace(SIGNAL, brands=("acme",), complaint_p=0.0, reach=reach) for _ in range(count)))
    return urgent


def test_a_complaint_by_an_author_of_rare_reach_is_told():
    (finding,) = told(known(RARE), loud(50_000))

    assert (finding.detector, finding.observed, finding.expected) == ("influential_post", 50_000, 32_768)
    assert finding.score >= 1


def test_while_a_brand_is_new_only_very_large_reach_counts():
    assert told(known(RARE - 1), loud(50_000)) == []
    assert len(told(known(0), loud(100_000))) == 1


def test_reach_that_is_usual_for_a_brand_is_not_told():
    assert told(known(RARE, reach=60_000), loud(50_000)) == []


def test_small_reach_is_never_told_however_rare():
    assert told(known(RARE, reach=0), loud(9_999)) == []


def test_what_a_brand_says_itself_is_not_told():
    own = post("1", 0, "acme burns")
    official = replace(own, author=replace(own.author, type="brand_owned"))

    assert findings(listen(), official) == []


def test_praise_by_whomever_waits():
    assert told(known(RARE), replace(loud(10**9), complaint_p=0.1)) == []


def test_the_largest_reach_there_is_has_a_place():
    assert len(told(fresh(), loud(MAX_REACH))) == 1
    assert MAX_REACH.bit_length() < SIZES


def test_what_is_remembered_survives_a_checkpoint_and_stays_small():
    urgent = known(30 * RARE)
    told(urgent, *(loud(10**6, number) for number in range(1_000)))
    blocks = dict(urgent.snapshot())
    again = fresh()
    again.restore(blocks)

    assert told(again, loud(10**6, 0)) == []
    assert dict(urgent.snapshot()) == {}
    assert sum(map(len, blocks.values())) < 2_000


def test_neither_cuts_nor_restarts_show():
    texts = ["acme burns", "acme burns hot", "acme burns a hole into the sofa", "acme bad", "acme burns my hand badly"]
    log = records([post(f"{n}", n * 7_000, texts[n % 5] + " again" * (n % 3), reach=n * 9_000) for n in range(200)])
    whole = [output for output in listen().apply(log) if output.topic == "social.findings.v1"]
    stage, pieces = listen(), []
    for start in range(0, len(log), 7):
        pieces += stage.apply(log[start : start + 7])
        stage.flush()
        stage.mark_all_dirty()
        blocks, head = stage.snapshot()
        stage, held = listen(), dict(blocks)
        stage.restore(held, head)

    assert [output for output in pieces if output.topic == "social.findings.v1"] == whole
    assert len(whole) > 2 * A_MINUTE
