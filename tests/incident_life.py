"""One brand's incident, minute after minute, as ``Series`` leads it, for the tests of its life."""

from msgspec.structs import replace

from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.incident_steps import step
from pipeline.incidents import Answer, Context, Incident, absorb, open_incident
from pipeline.silences import Silence
from schemas.alert import Alert
from schemas.brand_log import Counts, Evidence
from schemas.command import Matcher
from tests.builders import MINUTE, START, watchlist

RULES = watchlist(quiet_s=600, idle_s=1_200, max_life_s=86_400, ack_s=0).rules
HARMFUL = frozenset({"complaint_volume", "negative_share"})
CALM = Verdict(0.0, 0.0, 0.0, 1.0, "complaints per minute", 0, calm=True)
RESTLESS = replace(CALM, calm=False)


class Life:
    """One brand, minute after minute, as ``Series`` leads it."""

    def __init__(self, digest: str = "rules", ack_s: int = 0) -> None:
        self.incident: Incident | None = None
        self.digest, self.number, self.rules = digest, 0, replace(RULES, ack_s=ack_s)
        self.alerts: list[Alert] = []
        self.silences: list[Silence] = []
        self._authors = 0

    @property
    def now(self) -> int:
        """The log's append time is that of the minute that closes next."""
        return START + self.number * MINUTE

    def minute(
        self, *alarms: str, ratio: float = 3.0, calm: bool = True, calm_of: tuple[str, ...] = (), authors: int = 0,
        **counts: int,
    ) -> None:  # fmt: skip
        """A minute with new ``authors``, in which detectors named in ``alarms`` see ``ratio`` times the usual.

        ``calm`` is said of the other detectors but those in ``calm_of``, which are calm anyway.
        """
        at = START + self.number * MINUTE
        self.number += 1
        self._authors += authors
        hashes = tuple(range(self._authors - authors, self._authors))
        moment = Moment(at, Counts(**counts), hashes, {"channel:video": counts.get("complaints", 0)}, (quote(at),))
        silences = tuple(silence for silence in self.silences if silence.covers("acme", self.now))
        context = Context("acme", at + MINUTE, self.rules, self.digest, HARMFUL, (), self.now, silences)
        alarm = Verdict(1.5, ratio, ratio, 1.0, "complaints per minute", at, calm=False)
        quiet = CALM if calm else RESTLESS
        seen = {name: CALM if name in calm_of else quiet for name in (*sorted(HARMFUL), "mention_burst")}
        verdicts = {name: alarm if name in alarms else verdict for name, verdict in seen.items()}
        if self.incident is not None:
            absorb(self.incident, moment)
        elif alarms:
            self.incident = open_incident(context, {name: verdicts[name] for name in alarms}, [moment])
        if self.incident is None:
            return
        alert = step(self.incident, context, moment, verdicts)
        if alert is not None:
            self.alerts.append(alert)
            self.incident = None if alert.event == "resolved" else self.incident

    def answer(self, by: str = "Mei") -> Answer:
        """What ``by`` says about the open incident."""
        assert self.incident is not None
        return Answer(by, "", self.incident.severity, f"command of {by}")

    def silence(self, minutes: int, **matcher: tuple[str, ...]) -> None:
        """A silence of so many minutes that begins now."""
        number = len(self.silences)
        self.silences.append(Silence(
            f"silence {number}", "silence", "acme", "Mei", "known", Matcher(**matcher), self.now,
            self.now + minutes * MINUTE,
        ))  # fmt: skip

    def told(self) -> list[tuple[str, str]]:
        """Event and reason of all alerts."""
        return [(alert.event, alert.reason) for alert in self.alerts]

    def pages(self) -> list[str]:
        """Reasons of the alerts that page, but for the end."""
        return [alert.reason for alert in self.alerts if alert.paged and alert.event != "resolved"]


def quote(at: int) -> Evidence:
    return Evidence(
        post_uid=str(at), partition=0, offset=0, at=at, platform="x", author_key="a", lang="en", text="", polarity=0.0,
        severity=0, reach=0, why="first",
    )  # fmt: skip


def crisis(digest: str = "rules", ack_s: int = 0) -> Life:
    """An incident that has just opened and paged as a warning."""
    life = Life(digest, ack_s)
    life.minute("complaint_volume", posts=20, complaints=10, authors=10)
    return life
