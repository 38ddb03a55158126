"""X API v2: posts alone, in responses and in streams, and compliance events.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, beside, page
from pipeline.channels._fields import MOST, Fields, only
from pipeline.channels._x_compliance import events, job_result
from pipeline.channels.x_v2.includes import Includes
from pipeline.channels.x_v2.post import post

_ALONE = Includes(Fields({}))


def adapt(payload: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The posts of a post object, a response or a message of a stream; tombstones of a compliance event."""
    if "data" in payload or "includes" in payload:
        is_post = _is_post(payload.get("data"))  # one that is withheld somewhere says so in a word of compliance events
        withdrawn = [] if is_post else list(events(payload.inside("data"), receipt))
        return beside(withdrawn, payload.rest()) if withdrawn else _response(payload, receipt)
    if "action" in payload and "redacted_at" in payload:
        return job_result(payload, receipt)
    if "id_str" in payload or "user" in payload or "full_text" in payload:
        raise Unusable("other_format", "id_str, user and full_text belong to API v1.1; use the source x_v1")
    if "text" not in payload and "note_tweet" not in payload:
        raise Unusable("missing_field", "text is missing: this is no post")
    return [post(payload, _ALONE, (), receipt)]


def _is_post(one: Any) -> bool:  # noqa: ANN401  # JSON
    return type(one) is dict and ("text" in one or "note_tweet" in one)


def _response(payload: Fields, receipt: Receipt) -> list[Adapted]:
    """The posts of ``data``; what belongs to none of them is told in ``extra.response`` of the first."""
    data = payload.take("data")
    data = data if type(data) is list else [data]
    posts = [one for one in data if _is_post(one)]
    if not posts:
        raise Unusable("irrelevant", "data holds no posts: users, counts, rules and jobs are not for a bell")
    includes = Includes(payload.inside("includes"))
    rules = tuple([rule for one in payload.each("matching_rules") if (rule := one.id("id"))][:MOST])
    adapted = page(posts, lambda one: [post(one, includes, rules, receipt)])
    if type(payload.get("includes")) is dict:
        payload.take("includes")
    others = [one for one in data if not _is_post(one)]
    rest = Fields({"data": others}).rest() | payload.rest() | only({"includes": includes.unused()})
    return beside(adapted, rest)


ADAPTER = Adapter(of_object=adapt)
