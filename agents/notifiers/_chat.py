"""Group bots that say in a code, inside HTTP 200, what became of a message: one exchange with one of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from agents.notifiers._base import Delivered, Outcome, Refused, Retry, judge
from agents.notifiers._egress import JSON, Egress, Reply
from pipeline.quoting import clip
from pipeline.retry_after import retry_after
from schemas.codec import Decoder, Malformed, encode

SAID_LENGTH = 200  # of an error message

_ANSWER: Decoder[dict[str, Any]] = Decoder(dict[str, Any])


class Service(NamedTuple):
    """How a service answers. Code 0 is success. What a code that is not listed means depends on the status."""

    code: str  # name of the field with the code
    text: str  # name of the field that explains it
    lasting: frozenset[int]  # the settings are wrong, or the message is
    busy: Mapping[int, float]  # too many messages: seconds until there may be another


class Said(NamedTuple):
    """What became of a message, the code that said so (None if the service said nothing), and all that it said."""

    outcome: Outcome
    code: int | None = None
    fields: Mapping[str, Any] = MappingProxyType({})


async def post(
    egress: Egress, body: Mapping[str, Any], service: Service, now_ms: int, secret: str = "",
    headers: Mapping[str, str] = JSON,
) -> Said:  # fmt: skip
    """Send ``body`` as JSON. What the service explains is told without the URL's credentials and the ``secret``."""
    return _said(await egress.post(encode(body), headers), egress, service, now_ms, secret)


async def get(egress: Egress, service: Service, now_ms: int, secret: str = "") -> Said:
    """Ask, with all that there is to say in the URL."""
    return _said(await egress.get(), egress, service, now_ms, secret)


def _said(reply: Reply | Retry | Refused, egress: Egress, service: Service, now_ms: int, secret: str) -> Said:
    if not isinstance(reply, Reply):
        return Said(reply)
    said = _ANSWER.decode(reply.text)
    code = None if isinstance(said, Malformed) else said.get(service.code)
    wait = retry_after(reply.retry_after, now_ms)
    if isinstance(said, Malformed) or type(code) is not int:
        return Said(judge(reply.status, wait, accepted=()))
    explained = egress.redacted(str(said.get(service.text, "")), secret)
    detail = clip(f"code {code} {explained}".rstrip(), SAID_LENGTH)
    return Said(_judge(reply.status, code, wait, service, detail), code, said)


def _judge(status: int, code: int, wait: float | None, service: Service, detail: str) -> Outcome:
    if code in service.busy:
        return Retry(wait or service.busy[code], detail)
    if code in service.lasting:
        return Refused(detail)
    outcome = judge(status, wait, range(200, 300), detail)
    if not isinstance(outcome, Delivered):
        return outcome
    return Retry(wait, detail) if code else Delivered(detail)
