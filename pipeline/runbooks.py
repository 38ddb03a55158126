"""Which runbook helps with an incident: that of the gravest detector that alarmed."""

from collections.abc import Collection

KINDS = (  # the gravest first; each is a detector, and a file of deploy/runbooks
    "critical_complaint", "complaint_volume", "negative_share", "slow_burn", "influential_complaint", "mention_burst",
    "source_quiet", "sentiment_recovery", "critical_post", "influential_post",
)  # fmt: skip


def runbook(detectors: Collection[str], base: str) -> str:
    """The address below ``base``; empty without a base, or where no detector is one of ours."""
    kind = next((kind for kind in KINDS if kind in detectors), "")
    return f"{base.rstrip('/')}/{kind}.md" if base and kind else ""
