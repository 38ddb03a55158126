"""What a page says of those who answered, of those who did not, of silence, of calm, and of parts of the brand."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.page_text import TITLE_LENGTH, render
from schemas.alert import Alert
from schemas.codec import Decoder

MINUTE = 60_000
decoded = Decoder[Alert](Alert).decode((Path(__file__).parents[1] / "golden" / "alerts" / "charger.json").read_bytes())
assert isinstance(decoded, Alert)
ALERT = decoded


def body(language: str, **changes: object) -> str:
    return render(replace(ALERT, **changes))[1][language]


def test_a_page_for_want_of_an_answer_says_so_first_and_how_to_answer():
    title, text = render(replace(ALERT, event="escalated", reason="unacknowledged"))

    assert title["en"].startswith("[CRITICAL, NOT ACKNOWLEDGED] lumo: 4.2 complaints per minute")
    assert title["zh"].startswith("【危急，无人确认】lumo：")
    assert "Nobody has acknowledged the last page. `tocsin ack lumo` says that somebody has it." in text["en"]
    assert "`tocsin ack lumo`" in text["zh"]


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"reason": "silence_ended"}, "It was silenced; the silence is over, and it goes on.", "静默已结束"),
        ({"acknowledged_by": "Mei", "paged": False}, "Acknowledged by Mei.", "Mei 已确认。"),
        (
            {"acknowledged_by": "Mei", "paged": True}, "Mei acknowledged it when it was less severe. This needs",
            "Mei 在情况较轻时确认过；现在已加重",
        ),
        (
            {"silenced_by": "Li", "silenced_until": ALERT.at + MINUTE},
            "Silenced by Li until 01:56 UTC.", "Li 已静默至 01:56 UTC。",
        ),
        ({"recovering_since": ALERT.at - 5 * MINUTE}, "Calm since 01:50 UTC.", "自 01:50 UTC 起已平静。"),
        (
            {"facets": ("product:charger", "region:taipei")},
            "Parts of the brand over a threshold of their own: product charger, region taipei",
            "单独超出阈值的部分：产品 charger、地区 taipei",
        ),
    ],
)  # fmt: skip
def test_what_was_answered_is_told_in_both_languages(changes: dict[str, object], en: str, zh: str):
    plain = [body(language) for language in ("en", "zh")]

    assert (en in plain[0], zh in plain[1]) == (False, False)
    assert en in body("en", **changes)
    assert zh in body("zh", **changes)


def test_an_answer_is_told_first_with_who_has_it():
    title, text = render(replace(ALERT, event="acknowledged", acknowledged_by="Mei", paged=False))

    assert title["en"].startswith("[ACKNOWLEDGED] lumo: Mei has it; 4.2 complaints per minute")
    assert title["zh"].startswith("【已确认】lumo：Mei 正在处理；每分钟投诉 4.2")
    assert "Acknowledged by Mei." in text["en"]


def test_the_end_counts_from_the_evidence_to_the_calm_that_lasted():
    calm = ALERT.since + 190 * MINUTE
    over = replace(ALERT, event="resolved", reason="quiet", at=calm + 60 * MINUTE, recovering_since=calm)
    title, text = render(over)

    assert title["en"] == "[RESOLVED] lumo: back to baseline after 3 h 10 min"
    assert title["zh"] == "【已恢复】lumo：3 小时 10 分钟后回到正常水平"
    assert "Calm since" not in text["en"]


def test_who_resolved_it_is_named():
    title, _ = render(replace(ALERT, event="resolved", reason="resolved_by", resolved_by="Mei", at=ALERT.started))

    assert title["en"] == "[RESOLVED] lumo: closed by Mei after 0 s"
    assert "由 Mei 关闭" in title["zh"]


def test_names_that_people_give_cannot_forge_lines_or_push_the_numbers_out():
    hostile = "x\nPosts:\x1b[31m{by}" * 40
    changes = {"acknowledged_by": hostile, "silenced_by": hostile, "facets": (f"product:{hostile}",)}
    for language in ("en", "zh"):
        told = body(language, **changes)
        assert "\x1b" not in told
        assert len(told.splitlines()) == len(body(language).splitlines()) + len(changes)
    titles, _ = render(replace(ALERT, event="resolved", reason="resolved_by", resolved_by=hostile))

    assert all(len(title) <= TITLE_LENGTH for title in titles.values())
