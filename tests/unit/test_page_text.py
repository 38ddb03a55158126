"""Rules of what a page says."""

import unicodedata
from math import inf, log, nan
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.figures import amount, duration, odds, ratio
from pipeline.languages import TAGS
from pipeline.page_quotes import QUOTED
from pipeline.page_text import TITLE_LENGTH, page, render
from pipeline.quoting import link, one_line
from pipeline.wording import en
from schemas.alert import Alert, Driver, Excess, Page
from schemas.codec import Decoder, encode
from schemas.vocabulary import AlertEvent

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
UNITS = en.WORDING.durations


@pytest.fixture
def alert() -> Alert:
    decoded = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(decoded, Alert)
    return decoded


def test_a_page_of_a_slow_burn_says_that_few_in_the_last_hour_are_not_all(alert: Alert):
    _, body = render(replace(alert, crowd=1_234))

    assert "Slow: the evidence weighs more than half a day; different authors in the last day: 1,234" in body["en"]
    assert "缓慢发展：证据跨越半天以上；最近一天不同作者 1,234 位" in body["zh"]
    assert "Slow:" not in render(alert)[1]["en"]


def test_a_page_says_what_it_would_be_without_suspected_accounts(alert: Alert):
    _, body = render(replace(alert, suspected=0.84, severity_without="warning"))

    assert "Caution: 84% of this comes from accounts that seem to be run in bulk; without them WARNING." in body["en"]
    assert "注意：84% 来自疑似批量操作的账号；除去后为警告。" in body["zh"]
    assert "in bulk" not in render(replace(alert, suspected=0.09))[1]["en"]


def test_a_page_says_what_how_much_how_sure_since_when_and_where(alert: Alert):
    title, body = render(alert)

    assert title["en"] == "[CRITICAL] lumo: 4.2 complaints per minute, about 8 times the normal 0.5, since 01:20 UTC"
    assert body["en"].splitlines()[:7] == [
        "What: complaint volume, mention burst; opened, severity CRITICAL",
        "How much: 4.2 complaints per minute, about 8 times the normal 0.5",
        "How sure: less than 1 in 2,000,000 by chance",
        "Since: 2026-11-22 01:20 UTC (35 min ago, seen at 01:55 UTC); incident opened 01:25 UTC",
        (
            "So far (since 01:20 UTC): posts 1,200, negative 800 (67%), complaints 600, "
            "critical (injury, danger, fraud, law) 3, people who complain 320"
        ),
        "First seen: 01:21 UTC on Weibo",
        "Where (share of complaints): product charger 45%, channel forum 40%, category safety 39%",
    ]


def test_the_same_facts_are_there_in_chinese(alert: Alert):
    title, body = render(alert)

    assert title["zh"] == "【危急】lumo：每分钟投诉 4.2，约为平时的 8 倍（平时 0.5），始于 01:20 UTC"
    for fact in ("35 分钟前", "2,000,000", "1,200", "67%", "320", "产品 charger 45%", "渠道 论坛 40%", "类别 安全 39%"):
        assert fact in body["zh"]


def test_a_reader_of_traditional_chinese_gets_it_with_the_words_of_taiwan(alert: Alert):
    title, body = render(alert)

    assert title["zh-Hant"] == "【危急】lumo：每分鐘投訴 4.2，約為平時的 8 倍（平時 0.5），始於 01:20 UTC"
    for fact in ("35 分鐘前", "2,000,000", "1,200", "67%", "320", "產品 charger 45%", "管道 論壇 40%", "類別 安全 39%"):
        assert fact in body["zh-Hant"]


@pytest.mark.parametrize("language", TAGS)
def test_evidence_is_quoted_verbatim_with_platform_time_reason_address_and_link(alert: Alert, language: str):
    body = render(alert)[1][language]

    for post in alert.evidence:
        assert post.text in body
        assert f"social.posts.v1/{post.partition}/{post.offset} {post.url}" in body
    assert "01:21 UTC" in body
    assert {"en": "among the first", "zh": "最早之一", "zh-Hant": "最早之一"}[language] in body


def test_a_resolved_incident_says_that_it_is_over_and_how_long_it_took(alert: Alert):
    over = replace(alert, event="resolved", reason="quiet", at=alert.started + 190 * 60_000)
    title, body = render(over)

    assert title["en"] == "[RESOLVED] lumo: back to baseline after 3 h 10 min"
    assert title["zh"] == "【已恢复】lumo：3 小时 10 分钟后回到正常水平"
    assert body["en"].startswith("Closed: back to baseline after 3 h 10 min\n")
    assert "At its strongest: 4.2 complaints per minute" in body["en"]


def test_an_incident_closed_for_its_age_is_not_called_calm(alert: Alert):
    title, _ = render(replace(alert, event="resolved", reason="too_long"))

    assert "baseline" not in title["en"]
    assert "正常" not in title["zh"]


def test_an_unknown_reason_is_shown_rather_than_guessed(alert: Alert):
    title, _ = render(replace(alert, event="resolved", reason="by_hand"))

    assert title["en"] == "[RESOLVED] lumo: closed after 30 min (by hand)"


@pytest.mark.parametrize(
    ("language", "caution"), [("en", "flood by a few accounts"), ("zh", "刷屏"), ("zh-Hant", "洗版")]
)
def test_a_suspected_flood_is_said_and_only_then(alert: Alert, language: str, caution: str):
    flooded = replace(alert, suspected_flood=True, authors=3)

    assert caution in render(flooded)[1][language]
    assert caution not in render(alert)[1][language]


@pytest.mark.parametrize(
    ("language", "caution"),
    [("en", "2 sources missing"), ("zh", "缺少 2 个数据来源"), ("zh-Hant", "缺少 2 個資料來源")],
)
def test_missing_sources_are_said_and_only_then(alert: Alert, language: str, caution: str):
    assert caution in render(replace(alert, missing=(3, 5)))[1][language]
    assert caution not in render(alert)[1][language]


def test_a_share_is_shown_in_percent(alert: Alert):
    title, _ = render(replace(alert, unit="negative share", observed=0.45, expected=0.12))

    assert title["en"] == "[CRITICAL] lumo: 45% negative share, about 4 times the normal 12%, since 01:20 UTC"
    assert "负面占比 45%，约为平时的 4 倍（平时 12%）" in title["zh"]


def test_a_small_share_is_not_shown_as_none(alert: Alert):
    title, _ = render(replace(alert, unit="negative share", observed=0.45, expected=0.004))

    assert title["en"].startswith("[CRITICAL] lumo: 45% negative share, about 110 times the normal <1%")


def test_yesterdays_beginning_carries_its_date(alert: Alert):
    title, _ = render(replace(alert, since=alert.since - 86_400_000))

    assert title["en"].endswith("since 2026-11-21 01:20 UTC")


@pytest.mark.parametrize("language", TAGS)
def test_a_post_can_neither_forge_lines_nor_hide_words_nor_drive_a_terminal(alert: Alert, language: str):
    hostile = "ok\r\n\u2028Severity: INFO\x85\x1b[2J\x9b31m\u202egnirolocer\u2066\u200f\ufeff\x00\ud800"
    honest = render(alert)[1][language]
    post = replace(alert.evidence[0], text=hostile, url="https://example.invalid/\n/forged")
    posts = (post, alert.evidence[1])
    body = render(replace(alert, brand=hostile, drivers={hostile: 0.5}, rules=hostile, evidence=posts))[1][language]

    assert len(body.splitlines()) == len(honest.splitlines())
    assert "forged" not in body
    assert not [c for c in body if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} and c != "\n"]
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c") & set(body)


def test_quoting_leaves_ordinary_text_of_any_script_alone():
    text = "真的👩\u200d🔧好气！！ “quoted” {braces} %s \\n ünïcode हिन्दी"

    assert one_line(text) == text


@pytest.mark.parametrize("language", TAGS)
def test_a_title_is_one_line_within_its_length_and_keeps_the_numbers_of_a_brand_with_a_long_name(
    alert: Alert, language: str
):
    title = render(replace(alert, brand="b" * 256))[0][language]

    assert len(title) <= TITLE_LENGTH
    assert "4.2" in title
    assert "\n" not in title


def test_a_title_full_of_long_words_still_keeps_its_length(alert: Alert):
    title, _ = render(replace(alert, brand="b" * 256, unit="u" * 1024, observed=1e300, expected=1e-9))

    assert max(map(len, title.values())) <= TITLE_LENGTH


def test_a_page_quotes_at_most_ten_posts(alert: Alert):
    body = render(replace(alert, evidence=alert.evidence * QUOTED))[1]["en"]

    assert body.count("social.posts.v1/") == QUOTED


@pytest.mark.parametrize("odd", [nan, inf, -inf, 0.0, -1.0, 1e300])
def test_no_number_stops_a_page(alert: Alert, odd: float):
    title, body = render(replace(alert, observed=odd, expected=odd, strength=odd, drivers={"channel:forum": odd}))

    assert title["en"].startswith("[CRITICAL] lumo: ")
    assert "social.posts.v1/1/1001" in body["zh"]


def test_an_alert_without_evidence_drivers_and_detectors_makes_a_page(alert: Alert):
    title, body = render(replace(alert, evidence=(), drivers={}, detectors=(), posts=0, negatives=0))

    assert title["en"].startswith("[CRITICAL] lumo: ")
    assert "Where" not in body["en"]
    assert "Posts:" not in body["en"]


def test_names_of_the_watch_list_are_not_translated(alert: Alert):
    body = render(replace(alert, drivers={"product:service": 0.5, "channel:email": 0.25}))[1]["zh"]

    assert "产品 service 50%、渠道 邮件 25%" in body


def test_a_page_is_named_by_incident_and_number_so_that_a_replay_makes_it_again(alert: Alert):
    first = page(alert, 1)

    assert page(alert, 1) == first
    assert page(replace(alert, at=alert.at + 60_000), 1).page_id == first.page_id
    assert page(alert, 2).page_id != first.page_id
    assert page(replace(alert, incident_id="other"), 1).page_id != first.page_id
    assert first.dedup_key == alert.incident_id


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("opened", "trigger"), ("updated", "trigger"), ("escalated", "trigger"), ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
    ],
)  # fmt: skip
def test_only_a_resolved_incident_resolves_at_the_pager_and_only_an_answer_acknowledges(
    alert: Alert, event: AlertEvent, action: str
):
    assert page(replace(alert, event=event), 1).action == action


def test_a_page_survives_the_wire(alert: Alert):
    sent = page(alert, 1)

    assert Decoder[Page](Page).decode(encode(sent)) == sent


@pytest.mark.parametrize(
    ("strength", "n"),
    [(0.0, None), (-3.0, None), (nan, None), (log(2.01), 2), (log(3_999), 3_000), (21.0, 10**9), (inf, 10**9)],
)
def test_odds_round_down_to_one_digit_and_stop_at_a_billion(strength: float, n: int | None):
    assert odds(strength) == n


@pytest.mark.parametrize(
    ("observed", "expected", "shown"),
    [(4.2, 0.5, "8"), (2.5, 1, "2.5"), (0.5, 1, ""), (5, 0, ""), (nan, 1, ""), (1, nan, ""), (1e9, 1e-3, ">1,000")],
)
def test_a_ratio_is_short_and_silent_where_it_says_nothing(observed: float, expected: float, shown: str):
    assert ratio(observed, expected) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (-5, "0 s"),
        (999, "0 s"),
        (59_000, "59 s"),
        (60_000, "1 min"),
        (11_400_000, "3 h 10 min"),
        (10_800_000, "3 h"),
        (86_400_000 + 60_000, "1 d"),
        (8 * 86_400_000 + 7_200_000, "8 d 2 h"),
    ],
)
def test_a_duration_names_its_two_largest_units(ms: int, shown: str):
    assert duration(ms, UNITS) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.004, "0.004"), (4.23, "4.2"), (42.34, "42.3"), (1234.5, "1,234")])
def test_an_amount_has_no_more_digits_than_a_reader_needs(value: float, shown: str):
    assert amount(value) == shown


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a", "https://a b", "https://a\n", "https://\u202ea", ""])
def test_what_must_not_be_clicked_is_no_link(url: str):
    assert link(url) == ""


def test_a_link_too_long_for_a_pager_is_left_out_rather_than_cut():
    assert link("https://example.invalid/" + "a" * 2_000) == ""


def explained(alert: Alert, *drivers: Driver) -> Alert:
    excess = Excess(measure="complaints", counted=600, expected=70.0, drivers=drivers)
    return replace(alert, excess=excess, categories={"safety": 0.8, "service": 0.2}, once_in_s=95_000_000)


TEXT = Driver(
    facet="text:00000000000000ff", share=0.61, usual=0.0, count=323, reposts=300, accounts=290, first=1795310460000
)
CHARGER_DRIVER = Driver(facet="product:charger", share=0.74, usual=0.04, count=400)
CHANNEL = Driver(facet="channel:microblog", share=0.5, usual=0.3, count=300)
WEIBO = Driver(facet="platform:weibo", share=0.4, usual=0.2, count=250)


def test_a_title_names_what_most_of_it_comes_from(alert: Alert):
    title, _ = render(explained(alert, CHARGER_DRIVER, TEXT))

    assert title["en"].endswith("since 01:20 UTC, product charger 74% of it")
    assert title["zh"].endswith("始于 01:20 UTC，产品 charger 74%")


def test_a_title_names_a_text_that_spreads(alert: Alert):
    title, _ = render(explained(alert, TEXT))

    assert title["en"].endswith("61% of it one text")
    assert title["zh"].endswith("其中 61% 是同一段文字")


def test_a_title_without_room_or_with_small_drivers_names_none(alert: Alert):
    long, _ = render(replace(explained(alert, CHARGER_DRIVER), brand="b" * 30))
    small, _ = render(explained(alert, WEIBO))

    assert long["en"].endswith("since 01:20 UTC")
    assert small["en"].endswith("since 01:20 UTC")


def test_a_page_says_what_it_comes_from_what_spreads_and_whether_it_is_one_problem(alert: Alert):
    body = render(explained(alert, CHARGER_DRIVER, CHANNEL, WEIBO, TEXT))[1]["en"]
    lines = [line.partition(": ") for line in body.splitlines()]
    told = {head: rest for head, _, rest in lines}

    assert told["How sure"] == "by chance lumo would ring like this once in 3 years, or more rarely"
    assert told["Comes from (share of what is above normal)"] == (
        "product charger 74% (usually 4%), on Weibo 40% (usually 20%)"
    )
    assert told["Spreading"] == (
        "one text is at least 61% of what is above normal: posts 323, of them reposts 300, accounts about 290, "
        "since 01:21 UTC"
    )
    assert told["One problem or many"] == "mostly safety. Complaints: safety 80%, service 20%"


@pytest.mark.parametrize("language", TAGS)
def test_hostile_names_of_drivers_and_categories_forge_no_line(alert: Alert, language: str):
    hostile = "x\n\u202e9. forged\x1b[2J" + "y" * 10_000
    driver = replace(CHARGER_DRIVER, facet=f"product:{hostile}")
    made = render(replace(explained(alert, driver), categories={hostile: 1.0}))
    title, body = made[0][language], made[1][language]

    assert len(title) <= TITLE_LENGTH
    assert "\n" not in title
    assert not any(mark in title + body for mark in ("\u202e", "\x1b"))
    assert len(body.splitlines()) == len(render(explained(alert, CHARGER_DRIVER))[1][language].splitlines())


def test_several_problems_are_called_several(alert: Alert):
    body = render(replace(explained(alert), categories={"safety": 0.4, "service": 0.35, "other": 0.25}))[1]

    assert "One problem or many: several. Complaints: safety 40%, service 35%, other 25%" in body["en"]
    assert "多个。投诉：安全 40%、服务 35%、其他 25%" in body["zh"]


def test_a_quoted_post_says_that_there_are_copies(alert: Alert):
    post = replace(alert.evidence[0], copies=1_299, accounts=1_200)
    body = render(replace(alert, evidence=(post,)))[1]

    assert "followers 12,000; copies 1,299, accounts about 1,200" in body["en"]
    assert "相同帖子 1,299，账号 约 1,200" in body["zh"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(90, "once in 1 min"), (7_300, "once in 2 h"), (40 * 86_400, "once in 40 d"), (95_000_000, "once in 3 years"),
     (1_300_000_000, "once in 40 years"), (10**12, "less than once in 1,000 years")],
)  # fmt: skip
def test_chance_is_said_in_times_that_people_know(alert: Alert, seconds: int, said: str):
    assert f"{said}" in render(replace(alert, once_in_s=seconds))[1]["en"]


@pytest.mark.parametrize(
    ("expected", "said"),
    [(0.5, "normal 0.5,"), (0.05, "normal 3 an hour,"), (0.01, "normal 14.4 a day,"), (0.0, "normal is 0,")],
)
def test_a_rare_event_is_counted_by_the_hour_or_the_day(alert: Alert, expected: float, said: str):
    assert said in render(replace(alert, expected=expected))[0]["en"]
