"""The figures that every run of ``make bench`` must have: what each says, and what must be reached."""

from typing import Literal, NamedTuple


class Asked(NamedTuple):
    """One figure. ``floor`` must be reached, ``goal`` would be good; None where nothing is asked of it."""

    name: str
    unit: str
    better: Literal["more", "less"]
    floor: float | None
    goal: float | None
    about: str


ASKED = (
    Asked("w_against_plain_loop", "x", "more", 0.6, 1.0, "events/s of W, against a confluent-kafka and orjson loop"),
    Asked("w_against_bytewax", "x", "more", 2.5, 4, "the same against Bytewax's windows"),
    Asked("w_against_quix_windows", "x", "more", 6, 10, "the same against Quix Streams' windows and state"),
    Asked("w_against_quix_own_state", "x", "more", None, None, "the same against Quix Streams with dicts"),
    Asked("w_against_arroyo", "x", "more", None, None, "the same against sentry-arroyo"),
    Asked("w_against_idiomatic_faust", "x", "more", 40, 80, "the same against Faust's records and tables"),
    Asked("cpu_per_event_against_orjson_loads", "x", "less", 7, 4, "CPU of one event of W, in orjson.loads of a post"),
    Asked("full_path_posts_per_second_one_core", "posts/s", "more", 25_000, 60_000, "F: posts a CPU second, store on"),
    Asked("cost_per_event_1m_against_10k_authors", "x", "less", 1.5, 1.2, "cost of an event of W by known authors"),
    Asked("p99_produce_to_alert_ms_at_5000_per_s", "ms", "less", 50, 25, "producer to alert topic, W at 5,000 posts/s"),
    Asked("p99_against_plain_loop", "x", "less", 2, None, "the same against the plain loop's"),
    Asked("longest_loop_pause_ms", "ms", "less", 50, 20, "longest pause of the event loop at 5,000 posts/s"),
    Asked("catch_up_of_600000_s", "s", "less", 10, 5, "W: a backlog of 600,000 events, one worker"),
    Asked("two_workers_against_one", "x", "more", 1.3, 1.7, "W: two workers beside the broker on this machine"),
    Asked("store_on_extra_cpu", "share", "less", 0.6, 0.25, "F: CPU that the store and its engine add"),
    Asked("text_against_sklearn", "x", "more", 10, 20, "n-gram scores, against hashed n-grams and a linear model"),
    Asked("text_posts_per_second_one_core", "posts/s", "more", 30_000, 100_000, "all of `tocsin classify`, posts/s"),
    Asked("detect_us_per_key_minute", "us", "less", None, None, "all detectors over one minute of a brand"),
    Asked("detect_bytes_per_key", "B", "less", None, None, "state of all detectors of a brand"),
    Asked("critical_finding_p99_ms", "ms", "less", None, None, "a dangerous post to its finding, at 5,000 posts/s"),
    Asked("adapt_bluesky_payloads_per_second", "1/s", "more", None, None, "Bluesky's payloads as canonical records"),
    Asked("adapt_x_v2_payloads_per_second", "1/s", "more", None, None, "X's payloads as canonical records"),
    Asked("influence_interactions_per_second", "1/s", "more", None, None, "both stages of influence, one core"),
    Asked("influence_bytes_per_author", "B", "less", None, None, "memory of the state by author"),
    Asked("influence_cost_1m_against_10k", "x", "less", None, None, "cost of an interaction by known authors"),
    Asked("restore_1m_authors_s", "s", "less", None, None, "the state of a million authors from a checkpoint"),
    Asked("dashboard_panel_p95_ms", "ms", "less", None, None, "slowest panel of the dashboards"),
    Asked("post_to_page_p99_s", "s", "less", None, None, "a post to its page, everything running"),
)  # fmt: skip
NAMES = tuple(one.name for one in ASKED)
WATCHED = ("w_against_plain_loop", "full_path_cpu_against_orjson_loads")  # a slow-down of W or F shows in these


def better(name: str) -> Literal["more", "less"]:
    """Which way is better; of a figure that is not asked for its unit tells."""
    known = {one.name: one.better for one in ASKED}
    return known.get(name, "less")
