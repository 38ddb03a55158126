"""A finding for each leading voice of a brand that spoke for it and now speaks against it."""

from collections.abc import Iterable, Iterator

from pipeline.incidents import Context, identity
from pipeline.leaders import MOST, Turned
from schemas.finding import LEADER_TURNED, Finding


def leader_findings(context: Context, turned: Iterable[Turned]) -> Iterator[Finding]:
    """One for each, told once until the author is an advocate again. Informs: one voice is attention, not yet harm.

    The evidence is its place: ``score`` is how many times it is above the last place that counts.
    """
    for one in turned:
        yield Finding(
            finding_id=identity("finding", LEADER_TURNED, context.brand, one.author, context.at, context.digest),
            detector=LEADER_TURNED,
            brand=context.brand,
            at=context.at,
            score=MOST / one.place,
            threshold=1.0,
            observed=float(one.negatives),
            expected=0.0,
            unit="negative posts of an advocate",
            since=context.at,
            rules=context.digest,
            facet=f"voice:{one.author:016x}",
        )
