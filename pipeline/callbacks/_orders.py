"""Orders in words, as people type them into a chat: ``ack acme-mobile talking to the plant``."""

from typing import get_args

from pipeline.asked_times import span_ms
from pipeline.callbacks._base import Wish
from schemas.vocabulary import CommandKind

HELP = "write: ack BRAND [why], resolve BRAND [why], note BRAND TEXT, silence BRAND 2h [why]"
_KINDS = {kind: kind for kind in get_args(CommandKind) if kind in {"ack", "resolve", "note", "silence", "unsilence"}}


def order(text: str, by: str, delivery: str) -> Wish:
    """The order that ``text`` gives. Raises ValueError with how to write one."""
    word, _, rest = text.strip().partition(" ")
    kind = _KINDS.get(word.lower())
    brand, _, said = rest.strip().partition(" ")
    if kind is None or not brand:
        raise ValueError(HELP)
    if kind != "silence":
        return Wish(delivery, kind, by, brand=brand, text=said.strip())
    span, _, why = said.strip().partition(" ")
    return Wish(delivery, kind, by, brand=brand, text=why.strip(), for_ms=span_ms(span))
