"""PagerDuty's webhooks (v3): acknowledged or resolved there is acknowledged or resolved here.

Source: developer.pagerduty.com, "Webhooks: verifying signatures" and "payload"; the signature covers the body alone, so
that freshness is the event's own time, and its id counts once.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from pipeline.callbacks._base import Nothing, Request, Wish, fields, look, same
from schemas.vocabulary import CommandKind

LATE_S = 86_400.0  # PagerDuty sends again for long what was not answered
KINDS: Mapping[str, CommandKind] = MappingProxyType({"incident.acknowledged": "ack", "incident.resolved": "resolve"})
_HEADER, _MOST = "x-pagerduty-signature", 10  # signatures, while a secret changes


class PagerDuty:
    """Incidents are found by their key, ``<incident>/<severity>``, as the notifier writes it."""

    secret = "pagerduty_webhook_secret"  # noqa: S105  # the name of a setting

    def refusal(self, secret: str, request: Request) -> str | None:
        """By ``x-pagerduty-signature``, several of which are separated by commas."""
        wanted = f"v1={hmac.digest(secret.encode(), request.body, 'sha256').hex()}"
        given = request.headers.get(_HEADER, "").split(",")[:_MOST]
        matches = [same(wanted, one.strip()) for one in given]
        return None if any(matches) else f"{_HEADER} is missing, or of another secret or body"

    def read(self, request: Request) -> Wish | Nothing:
        """The event. What Tocsin itself did there comes back as well, and changes nothing that is so already."""
        event = fields(request.body).get("event")
        kind = KINDS.get(look(event, "event_type"))
        if kind is None:
            return Nothing("no event that answers anything")
        delivery, at = look(event, "id"), look(event, "occurred_at")
        if not delivery or not _recent(at, request.now_s):
            raise ValueError("event.id and event.occurred_at of the last day are needed")
        key = look(event, "data", "incident_key")
        by, agent = look(event, "agent", "summary"), look(event, "agent", "type")
        if not key or not agent.startswith("user"):
            return Nothing("not done by a person, or to no incident of ours")
        return Wish(delivery, kind, by or "somebody", incident=key.partition("/")[0])


def _recent(at: str, now_s: float) -> bool:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(moment.timestamp() - now_s) <= LATE_S


CALLBACK = PagerDuty()
