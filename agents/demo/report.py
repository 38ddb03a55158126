"""The demo's last screen: the incident's life, the numbers in ClickHouse, and where to look next."""

from datetime import UTC, datetime

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from agents.demo.timetable import Script
from agents.embedded import Embedded

LIFE = """
SELECT formatDateTime(at, '%H:%i'), event, reason, severity, complaints, authors, paged
FROM alerts FINAL WHERE incident_id IN (SELECT incident_id FROM alerts FINAL WHERE paged)
ORDER BY at, event = 'resolved'
"""
QUIET = """
SELECT uniqExact(incident_id) FROM alerts FINAL
WHERE incident_id NOT IN (SELECT incident_id FROM alerts FINAL WHERE paged)
"""
BRANDS = """
SELECT brand, sum(posts), sum(negatives), sum(complaints), sum(critical) FROM minute_totals WHERE facet = ''
GROUP BY brand ORDER BY brand
"""
PER_SIGNAL = "SELECT brand, count() FROM signals FINAL ARRAY JOIN brands AS brand GROUP BY brand"
BOOKS = """
SELECT sum(read) - sum(ticks), sum(unmatched), sum(duplicates), sum(expired), sum(rejected), sum(withdrawn)
FROM source_progress FINAL
"""
CRISIS = """
SELECT toStartOfInterval(minute, INTERVAL 10 MINUTE) AS ten, sum(posts), sum(complaints)
FROM minute_totals WHERE facet = '' AND brand = {brand:String} AND minute >= {since:DateTime64(3)}
GROUP BY ten ORDER BY ten
"""
BAR = 48


def incident(console: Console, client: Client, scripted: Script, pages: list[list[str]]) -> None:
    """What was scripted, what happened, the page that rang, and the incident's life."""
    onset, statement = _clock(scripted.onset), _clock(scripted.statement)
    console.rule("the script")
    console.print(f"{scripted.crisis_brand}'s charger burns from {onset}, the company speaks at {statement}.")
    _chart(console, client, scripted)
    console.rule("the page", style="red")
    for line in pages[0] if pages else ["no page came: see the worker's log"]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.rule(style="red")
    console.print(_life(client))


def numbers(console: Console, client: Client, fed: int) -> None:
    """The numbers behind it: every post is in the books."""
    console.print(_brands(client))
    read, unmatched, duplicates, expired, rejected, withdrawn = client.query(BOOKS).result_rows[0]
    signals = client.query("SELECT count() FROM signals FINAL").result_rows[0][0]
    console.print(
        f"books: {fed} posts fed = {read} read = {signals} stored + {unmatched} naming no brand + {rejected} rejected "
        f"({duplicates} duplicates, {expired} too late, {withdrawn} withdrawn)"
    )


def _chart(console: Console, client: Client, scripted: Script) -> None:
    since = datetime.fromtimestamp((scripted.onset - 3_600_000) / 1000, UTC)
    rows = client.query(CRISIS, parameters={"brand": scripted.crisis_brand, "since": since}).result_rows
    most = max((posts for _, posts, _ in rows), default=1)
    console.print(f"{scripted.crisis_brand}, posts per ten minutes ([red]█[/] complaints)")
    for ten, posts, complaints in rows:
        bad, all_of_it = round(BAR * complaints / most), round(BAR * posts / most)
        console.print(f"  {ten:%H:%M} [red]{'█' * bad}[/][dim]{'█' * (all_of_it - bad)}[/] {posts}", highlight=False)


def _life(client: Client) -> Table:
    table = Table("UTC", "event", "why", "severity", "complaints", "authors", "paged", title="The incident's life")
    for at, event, reason, severity, complaints, authors, paged in client.query(LIFE).result_rows:
        table.add_row(at, event, reason, severity, str(complaints), str(authors), "page" if paged else "")
    quiet = client.query(QUIET).result_rows[0][0]
    if quiet:
        table.caption = f"{quiet} more incidents were noted and woke nobody, such as bursts of talk"
    return table


def _brands(client: Client) -> Table:
    rows = {row[0]: row[1] for row in client.query(PER_SIGNAL).result_rows}
    table = Table("brand", "posts", "rows stored", "negative", "complaints", "critical", title="In ClickHouse")
    for brand, posts, negatives, complaints, critical in client.query(BRANDS).result_rows:
        table.add_row(brand, str(posts), str(rows.get(brand, 0)), str(negatives), str(complaints), str(critical))
    return table


def onward(console: Console, running: Embedded, seconds: float) -> None:
    """Where to look next."""
    console.print(f"a day in {seconds:.0f} s. Next:")
    console.print("  tocsin demo --keep            a crisis that goes on, in the console", highlight=False)
    console.print("  tocsin replay FILE            your own posts through the same stages, no broker", highlight=False)
    console.print("  tocsin --help, README.md      Kafka, watch lists, pagers", highlight=False)
    if running.worker.poll() is not None:
        console.print(f"[red]the worker ended with {running.worker.returncode}; see {running.folder / 'worker.log'}[/]")


def keep(console: Console, running: Embedded, url: str) -> None:
    """What can be asked while it stays up, and where the crisis goes on."""
    question = "SELECT * FROM incidents FORMAT Vertical"
    console.rule("the crisis goes on; running until Ctrl-C")
    console.print(f"console     {url}", highlight=False, style="bold")
    console.print(f"Kafka       {running.bootstrap}", highlight=False)
    console.print(f"health      http://{running.http}/healthz  /readyz  /metrics", highlight=False)
    console.print(f"ClickHouse  curl 'http://{running.clickhouse}/?database=tocsin' -d \"{question}\"", highlight=False)
    console.print(f"worker log  {running.folder / 'worker.log'}", highlight=False)


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%H:%M} UTC"
