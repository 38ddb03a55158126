"""X API v1.1: statuses, search results, messages of streams, compliance events, and pushes about one account.

https://developer.x.com/en/docs/x-api/v1/data-dictionary
"""

from collections.abc import Iterable

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, page
from pipeline.channels._fields import Fields
from pipeline.channels._x_compliance import events
from pipeline.channels.x_v1.account_activity import activities
from pipeline.channels.x_v1.status import post


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of a status or of a page of search results; tombstones of a compliance event; what a push tells."""
    if "statuses" in payload:
        found = page(payload.take("statuses"), lambda one: [post(one, receipt)])
        return beside(found, payload.rest())
    if "for_user_id" in payload:
        return beside(activities(payload, receipt), payload.rest())
    if withdrawn := list(events(payload, receipt)):
        return beside(withdrawn, payload.rest())
    if "verb" in payload or "actor" in payload:
        raise Unusable("other_format", "verb and actor belong to Activity Streams; use the source gnip")
    if "data" in payload or "author_id" in payload:
        raise Unusable("other_format", "data and author_id belong to API v2; use the source x_v2")
    return [post(payload, receipt)]


ADAPTER = Adapter(of_object=adapt)
