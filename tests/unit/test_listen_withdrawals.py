"""Listen: what is withdrawn is not heard afterwards, nor quoted, and has been counted all the same."""

import msgspec
import pytest

from pipeline.listen import Listen, Partitions
from pipeline.partition_time import SILENT_MS
from schemas.brand_log import Bundle, Counts, Evidence
from schemas.codec import encode
from schemas.finding import Finding
from schemas.post import SocialPost, Tick
from schemas.withdrawal import KEY, Withdrawal
from tests.builders import LATER, MINUTE, START, bundles, listen, post, record, records

NOW = 600 * MINUTE  # ms since START
CANARY = "acme burns, says the canary"


class Log:
    """A posts partition."""

    def __init__(self, stage: Listen | None = None) -> None:
        self.stage, self.outputs = stage or listen(), list[bytes]()

    def say(self, *values: SocialPost | Tick | Withdrawal, arrived: int = LATER) -> "Log":
        """Append records, and flush."""
        for value in values:
            made = self.stage.apply([record(self.stage.next, value, arrived)])
            self.outputs += [output.value or b"" for output in made]
            self.told = bundles(made) or getattr(self, "told", [])
        self.outputs += [output.value or b"" for output in self.stage.flush()]
        return self

    def state(self) -> bytes:
        """Everything a checkpoint holds."""
        self.stage.mark_all_dirty()
        return b"\n".join(self.stage.snapshot().blocks.values())

    def quotes(self) -> list[str]:
        """Posts quoted in the bundles that left last."""
        found: list[Evidence] = []
        for bundle in self.told:
            for partial in bundle.partials:
                found += [*partial.evidence, *(one.post for one in partial.clusters if one.post)]
        return [one.post_uid for one in found]

    def counted(self) -> Counts:
        """Posts of the minute, in the bundles that left last."""
        (counts,) = (one.counts for bundle in self.told for one in bundle.partials if one.minute == START + NOW)
        return counts


@pytest.mark.parametrize("subject", ["post:1", "author:canary"])
def test_a_create_after_its_delete_is_suppressed_and_counted_as_withdrawn(subject):
    log = Log().say(Withdrawal(subject=subject), post("1", NOW, CANARY, "canary"), post("2", NOW, "acme bad"))
    log.say(Tick(at=START + NOW + 5 * MINUTE))

    assert log.stage.progress().withdrawn == 2
    assert log.counted().posts == 1
    assert all(b"canary" not in value for value in log.outputs)
    assert b"canary" not in log.state()


def test_it_is_suppressed_after_a_restart_and_by_a_copy_of_the_delete_alike():
    before = Log().say(Withdrawal(subject="post:1"), Withdrawal(subject="post:1"))
    again = listen()
    again.restore(*before.stage.snapshot())
    log = Log(again).say(post("1", NOW, CANARY))

    assert all(b"canary" not in value for value in log.outputs)


@pytest.mark.parametrize("back", [Withdrawal(subject="post:1", back=True), post("1", NOW, CANARY, op="undelete")])
def test_what_the_platform_shows_again_is_heard(back):
    log = Log().say(Withdrawal(subject="post:1"), back, post("1", NOW, CANARY))

    assert any(b"canary" in value for value in log.outputs)


@pytest.mark.parametrize("op", ["delete", "withhold", "drop"])
def test_a_post_that_withdraws_itself_is_heard_no_more_nor_quoted_and_the_brand_log_is_told(op):
    gone = post("1", NOW + 2, "", "canary", op=op)
    log = Log().say(post("1", NOW, CANARY, "canary"), post("2", NOW + 1, "acme bad"), post("3", NOW, "acme meh"))
    mark = log.stage.watermark
    heard = len(log.outputs)
    log.say(gone, gone, post("1", NOW, CANARY, "canary"), Tick(at=START + NOW + 5 * MINUTE))
    said = [value for value in log.outputs if b'"withdrawal"' in value]

    assert said == [encode(Withdrawal(subject="post:1", watermark=mark))]
    assert log.stage.progress().withdrawn == 3
    assert log.counted().complaints == 2
    assert "1" not in log.quotes()
    assert all(b"canary says" not in value for value in log.outputs[heard:])
    assert b"says the canary" not in log.state()


@pytest.mark.parametrize("original", [Withdrawal(subject="post:1"), post("1", NOW + 1, "", "canary", op="delete")])
def test_a_repost_that_withdraws_itself_after_its_original_is_heard_to_be_gone(original):
    repost = msgspec.structs.replace(post("2", NOW, CANARY, "fan"), repost_of_uid="1")
    log = Log().say(repost, original)
    heard = len(log.outputs)
    log.say(msgspec.structs.replace(repost, op="delete", revision=1))
    rows = [value for value in log.outputs[heard:] if b'"post_uid":"2"' in value]

    assert [b'"deleted":1' in row for row in rows] == [True]


def test_every_partition_of_the_brand_log_is_told_that_a_post_is_gone_or_back():
    stage = listen(Partitions(1, 3))
    ops = [post("1", NOW), post("1", NOW, op="delete"), post("1", NOW, op="undelete")]
    told = [output for output in stage.apply(records(ops)) if output.key == KEY]
    decode = msgspec.json.Decoder(Withdrawal).decode

    assert [(output.partition, decode(output.value or b"").back) for output in told] == [
        (partition, back) for back in (False, True) for partition in range(3)
    ]


def test_a_minute_that_has_ended_was_told_and_a_post_that_withdraws_itself_does_not_tell_it_again():
    log = Log().say(post("1", NOW, CANARY), Tick(at=START + NOW + 5 * MINUTE))
    log.told = []
    log.say(post("1", NOW + 5 * MINUTE, "", op="delete"))

    assert log.told == []


@pytest.mark.parametrize("subject", ["post:1", "author:canary"])
@pytest.mark.parametrize("ended", [False, True], ids=["open minute", "ended minute"])
def test_a_post_that_was_counted_is_quoted_no_more_and_stays_counted(subject, ended):
    log = Log().say(post("1", NOW, CANARY, "canary"), post("2", NOW + 1, "acme bad", "other"))
    if ended:
        log.say(Tick(at=START + NOW + 5 * MINUTE))
    log.say(Withdrawal(subject=subject), post("3", NOW, "acme meh"), Tick(at=START + NOW + 6 * MINUTE))

    assert log.counted().complaints == 2
    assert "1" not in log.quotes()
    assert "2" in log.quotes()
    assert b"canary" not in log.state()


def test_a_total_that_was_told_with_a_quote_is_told_again_without():
    log = Log().say(post("1", NOW, CANARY), Tick(at=START + NOW + 5 * MINUTE))
    told = log.quotes()
    log.told = []
    log.say(Withdrawal(subject="post:1"))
    bundle = msgspec.json.decode(log.outputs[-1], type=Bundle)

    assert told == ["1"]
    assert [(one.counts.posts, one.evidence) for one in bundle.partials] == [(1, ())]


def test_reposts_of_a_withdrawn_post_pass_its_words_on_no_more():
    original = post("1", NOW, CANARY, "canary")
    repost = msgspec.structs.replace(post("2", NOW, CANARY, "fan"), repost_of_uid="1")
    log = Log().say(original, repost, Withdrawal(subject="post:1"))
    late = msgspec.structs.replace(post("3", NOW, CANARY, "fan"), repost_of_uid="1")
    heard = len(log.outputs)
    log.say(late)

    assert all(b"canary" not in value for value in log.outputs[heard:])
    assert b"says the canary" not in log.state()


def test_a_finding_that_left_cannot_be_called_back_but_the_same_post_makes_no_other():
    log = Log().say(post("1", NOW, CANARY), Withdrawal(subject="post:1"))
    decode = msgspec.json.Decoder(Finding).decode
    said = [decode(value) for value in log.outputs if b'"finding_id"' in value]
    log.say(post("1", NOW + 61 * MINUTE, CANARY))

    assert len(said) == 1
    assert len([value for value in log.outputs if b'"finding_id"' in value]) == 1


def test_a_flood_of_unknown_posts_and_foreign_brands_leaves_the_totals_alone():
    log = Log().say(post("1", NOW, "acme bad"), post("nobody", NOW, "somebody else"))
    log.say(*(Withdrawal(subject=f"post:unknown-{number}") for number in range(500)), Withdrawal(subject="post:nobody"))
    log.say(Tick(at=START + NOW + 5 * MINUTE))

    assert log.counted().posts == 1
    assert log.quotes() == ["1"]


def test_withdrawals_move_no_time_in_a_partition_that_speaks_or_is_fed_from_a_file():
    live, filed = Log(), Log()
    live.say(post("1", NOW), Withdrawal(subject="post:2"), arrived=START + NOW)
    filed.say(post("1", NOW), Withdrawal(subject="post:2"))
    marks = live.stage.watermark, filed.stage.watermark

    assert marks == (START + NOW - 30_000,) * 2


def test_withdrawals_tell_a_live_partition_the_time_when_nobody_else_does():
    log = Log().say(post("1", NOW), arrived=START + NOW)
    before = log.stage.watermark
    log.say(Withdrawal(subject="post:2"), arrived=START + NOW + SILENT_MS + 3 * MINUTE)

    assert log.stage.watermark == before + SILENT_MS + 3 * MINUTE - log.stage.time.delay
    assert log.told


def test_a_broker_whose_clock_is_hours_ahead_makes_no_post_late_by_a_withdrawal():
    log = Log().say(post("1", NOW), arrived=START + NOW)
    log.say(Withdrawal(subject="post:2"), arrived=START + NOW + 8 * 60 * MINUTE)
    log.say(post("3", NOW + MINUTE), Tick(at=START + NOW + 5 * MINUTE), arrived=START + NOW + 5 * MINUTE)
    counts = {one.minute - START: one.counts.posts for bundle in log.told for one in bundle.partials}

    assert log.stage.progress().expired == 0
    assert counts[NOW + MINUTE] == 1


def test_a_partition_that_only_heard_of_withdrawals_is_vacant():
    assert Log().say(Withdrawal(subject="post:2")).stage.vacant
    assert not Log().say(Withdrawal(subject="post:2"), Tick(at=START)).stage.vacant


def test_a_feed_that_has_ended_has_ended_whatever_is_withdrawn():
    log = Log().say(post("1", NOW), Tick(at=START + NOW + MINUTE, ended=START + NOW), Withdrawal(subject="post:1"))
    log.say(Tick(at=START + NOW + 9 * MINUTE, ended=START + NOW))

    assert {bundle.ended for bundle in log.told} == {START + NOW}
