"""How bad an incident would be without the accounts that seem to be run in bulk."""

import pytest

from pipeline.detectors._base import Verdict
from pipeline.discount import discount
from pipeline.incidents import Incident, facts
from pipeline.running import BULK
from schemas.brand_log import Counts
from tests.builders import START

HARMFUL = frozenset({"complaint_volume"})


def incident(
    posts: int, complaints: int, critical: int, bulk: list[int] | None, ratio: float
) -> tuple[Incident, Verdict]:
    made = Incident("i", START, START, START, START, START, severity="critical")
    made.counts = Counts(posts=posts, negatives=complaints, complaints=complaints, critical=critical)
    lead = Verdict(1.5, 9.0, ratio, 1.0, "complaints per minute", START, calm=False)
    made.fired = {"complaint_volume": lead}
    if bulk is not None:
        made.account.splits[BULK] = bulk
    return made, lead


@pytest.mark.parametrize(
    ("bulk", "share", "severity"),
    [
        (None, 0.0, "critical"),
        ([0, 0, 0, 0], 0.0, "critical"),
        ([50, 50, 50, 0], 0.5, "error"),
        ([90, 90, 90, 0], 0.9, "warning"),
        ([99, 99, 99, 0], 0.99, "info"),
        ([500, 500, 500, 0], 1.0, "info"),
    ],
)
def test_the_part_of_suspected_accounts_comes_off_the_level(bulk, share, severity):
    made, lead = incident(120, 100, 0, bulk, 20.0)

    assert discount(made, lead, facts(made, HARMFUL)) == (share, severity)


def test_dangers_that_only_suspected_accounts_report_make_nothing_critical():
    made, lead = incident(20, 10, 4, [4, 4, 4, 4], 3.0)

    assert discount(made, lead, facts(made, HARMFUL)) == (0.4, "warning")
