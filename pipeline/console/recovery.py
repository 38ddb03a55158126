"""The recovery clock of an incident: for how long it burned, since when it is calm, when it closes by itself."""

from typing import NamedTuple

import msgspec

from pipeline.watchlist import Rules
from schemas.alert import Alert


class Recovery(NamedTuple):
    """Times in ms since 1970."""

    burned_ms: int
    calm_since: int | None
    closes_at: int | None  # if the calm lasts; unknown where the rules are
    share: float  # of the calm that is needed, 0 to 1
    closed: bool


class _Rules(msgspec.Struct):
    rules: Rules


def quiet_ms(watchlist: str) -> int | None:
    """How long calm must last by a watch list in JSON, as the table ``rules`` has it."""
    try:
        return int(msgspec.json.decode(watchlist, type=_Rules).rules.quiet_s * 1000)
    except msgspec.MsgspecError:
        return None


def recovery(alert: Alert, quiet: int | None, now: int) -> Recovery:
    """Where the last ``alert`` of an incident stands on its way back."""
    closed = alert.event == "resolved"
    calm = alert.recovering_since
    end = calm or (alert.at if closed else now)
    closes = calm + quiet if calm and quiet and not closed else None
    waited = (now - calm) / quiet if calm and quiet else 0.0
    return Recovery(max(end - alert.since, 0), calm, closes, 1.0 if closed else min(max(waited, 0.0), 1.0), closed)
