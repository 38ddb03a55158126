"""``tocsin drill``."""

import time
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from agents.cli.complaint import Complaint, complaining
from agents.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.drill_course import Course
    from pipeline.drill_posts import Script
    from pipeline.watchlist_entries import Rules, WatchList

SETTLE_S = 5.0  # without another delivery, after which no more are expected
SPARE_S = 30.0  # on top of what the rules make every page wait

BrandId = Annotated[str, typer.Argument(metavar="BRAND", help="Id of the brand, as in the watch list.")]
About = Annotated[str, typer.Option("--kind", help="What the posts say: safety (injuries, fires) or complaints.")]
Posts = Annotated[int, typer.Option(help="How many, each by an author of its own.", min=1, max=2_000)]
Seconds = Annotated[float, typer.Option(help="Over how long they are sent.", min=0, max=30)]
Pages = Annotated[bool, typer.Option("--page/--no-page", help="Whether it rings people, or ends at the alert.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before ringing people.")]


def drill(
    brand: BrandId, kind: About = "safety", posts: Posts = 40, seconds: Seconds = 10, page: Pages = True,
    yes: Yes = False,
) -> None:  # fmt: skip
    """Rehearse a crisis on the live system: does a page come, and how soon?

    Invented posts go to social.posts.v1, marked so that nothing real counts
    them. The workers judge them on a copy of what they know of BRAND, and
    ring whom a real page would ring, with DRILL before the title. Ten minutes
    later the drill resolves itself. ClickHouse keeps nothing of it.

      tocsin drill acme-mobile --no-page

      tocsin drill acme-mobile --kind complaints --posts 100 --yes

    Exit status 1 if nothing came in time; it says what may be the reason.
    """
    from kafka.errors import KafkaError

    from agents.drilling import Drilling
    from agents.feeding import EMBEDDED_API
    from agents.watchlist_file import read_watchlist
    from pipeline.drill_course import Course

    settings = load()
    watchlist = read_watchlist(settings.watchlist)
    script = _script(watchlist, brand, kind, pages=page)
    if page and not yes:
        typer.confirm(f"This rings everybody whom a page about {brand} rings, now. Go on?", abort=True, err=True)
    course = Course(script, posts)
    with complaining(f"Kafka at {settings.kafka}", KafkaError, LookupError):
        drilling = Drilling(settings.brokers, EMBEDDED_API if settings.embedded_broker else None, script)
        try:
            drilling.follow()
            _watch(drilling.run(course, posts, seconds, _patience_s(watchlist.rules, seconds)), course, posts)
        except KeyboardInterrupt:
            typer.echo("stopped listening; what was sent is judged all the same", err=True)
        finally:
            drilling.close()
    _report(course, script, watchlist.rules)


def _script(watchlist: "WatchList", brand: str, kind: str, *, pages: bool) -> "Script":
    from pipeline.drill_posts import KINDS, Script

    known = {one.id: one for one in watchlist.brands}
    if brand not in known:
        raise Complaint(f"{brand}: not on the watch list; known are {', '.join(sorted(known))}")
    if kind not in KINDS:
        raise Complaint(f"--kind {kind}: known are {', '.join(KINDS)}")
    return Script(uuid4().hex[:12], known[brand], kind, pages)


def _patience_s(rules: "Rules", seconds: float) -> float:
    """The minute of the last post, or the one after, must end and be passed by every source that is not missing."""
    return seconds + 2 * rules.bucket_s + rules.lateness_s + rules.patience_s + SPARE_S


def _watch(sent: "Iterator[int]", course: "Course", posts: int) -> None:
    """Hear until the drill has come as far as it should, and nothing more is delivered for a moment."""
    news, since = None, time.monotonic()
    with Console(stderr=True).status("") as status:
        for number in sent:
            reached = [mark.stage for mark in course.marks() if mark.after is not None]
            status.update(f"{number} of {posts} posts sent; so far: {', '.join(reached) or 'nothing'}")
            if reached != news:
                news, since = reached, time.monotonic()
            if course.passed and time.monotonic() - since >= SETTLE_S:
                return


def _report(course: "Course", script: "Script", rules: "Rules") -> None:
    """The table, what was slow, and why nobody was paged. Exit status 1 if that is so."""
    console = Console(highlight=False)
    table = Table("stage", "seconds", "", title=f"drill {script.drill} of {script.brand.id}", title_justify="left")
    for mark in course.marks():
        table.add_row(mark.stage, "-" if mark.after is None else f"{mark.after:.1f}", mark.said)
    console.print(table)
    if course.passed:
        console.print(course.slowest(rules))
        return
    console.print(course.advice(rules))
    raise typer.Exit(1)
