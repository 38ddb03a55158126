"""One raw payload of a source becomes canonical records that every reader accepts, or a reason why there are none."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from pipeline import channels
from pipeline.channels._base import Adapted, Adapter, Receipt, Record, Unusable
from pipeline.channels._fields import Fields
from pipeline.discover import plugins
from schemas.codec import MAX_DETAIL, Decoder, Malformed, encode, unreadable
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.vocabulary import RejectReason

LONGEST = 8 << 20  # bytes of a payload
RECORD_CAP = 900_000  # bytes of a record; Kafka carries a million
MOST_RECORDS = 10_000  # of one payload

_DECODERS: Mapping[type, Decoder[Any]] = {kind: Decoder(kind) for kind in (SocialPost, Interaction, Tombstone)}
_WRAPPED = {"body", "raw", "xml"}
_BESIDE = frozenset({"uri", "url"})
_JSON = (b"{", b"[", b'"')
_PARSE = msgspec.json.Decoder().decode
_DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


class Written(NamedTuple):
    """A canonical record and its bytes on the wire."""

    record: Record
    value: bytes


def adapters() -> Mapping[str, Adapter]:
    """Every source by its name."""
    return plugins(channels, "ADAPTER")


def adapt(adapter: Adapter, payload: bytes, receipt: Receipt) -> list[Written | Malformed]:
    """The records of a payload: a JSON value, a JSON string that holds a document, or the document itself.

    Never raises. A record is what the readers of its topic accept. Each item of a list has its own verdict.
    """
    if len(payload) > LONGEST:
        return [Malformed("too_long", f"the payload has {len(payload):,} bytes; at most {LONGEST:,} are read")]
    source = _parsed(adapter, payload.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(source, Malformed):
        return [source]
    wrapped = _wrapped(source) if type(source) is dict else None
    found = _adapted(adapter, source.pop(wrapped) if wrapped else source, receipt)
    if wrapped:
        found = _beside_each(found, Fields(source).rest())
    answers = [one if isinstance(one, Malformed) else _written(one) for one in found]
    if len(answers) > MOST_RECORDS:
        return [Malformed("too_long", f"the payload holds {len(answers):,} records; at most {MOST_RECORDS:,} are read")]
    return answers


def _beside_each(found: Iterable[Adapted], envelope: dict[str, Any]) -> Iterator[Adapted]:
    """The same, each record with what a recorder wrote around its payload."""
    for one in found:
        if not isinstance(one, Malformed):
            one.extra["envelope"] = envelope
        yield one


def _parsed(adapter: Adapter, payload: bytes) -> Any:  # noqa: ANN401  # JSON, or Malformed
    if not payload.strip():
        return Malformed("empty", "no value")
    if adapter.of_text and not payload.lstrip().startswith(_JSON):
        return _undecoded(payload)
    try:
        return _PARSE(payload)
    except RecursionError:
        return Malformed("too_deep", "nested too deeply")
    except (msgspec.DecodeError, UnicodeDecodeError):
        if adapter.of_text:  # CSV may begin with a quotation mark, and lines of JSON are no JSON
            return _undecoded(payload)
        return unreadable(payload)


def _undecoded(payload: bytes) -> str:
    """A document whose charset the adapter finds out: bytes beyond ASCII are surrogates."""
    return payload.decode("ascii", "surrogateescape")


def _adapted(adapter: Adapter, source: object, receipt: Receipt) -> Iterator[Adapted]:
    """The records of a source, or of every item if it is a list that means no more than its items."""
    if type(source) is not list or _is_one(adapter, source):
        yield from _judged(adapter, source, receipt)
    elif not source:
        yield Malformed("empty", "a list without items")
    else:
        for item in source:
            yield from _judged(adapter, item, receipt)


def _is_one(adapter: Adapter, items: list[Any]) -> bool:
    return adapter.is_one is not None and adapter.is_one(items)


def _wrapped(source: dict[str, Any]) -> str | None:
    """The field that holds the payload in what recorders write around one: {"_file": ..., "body": ...}."""
    inner = _WRAPPED & source.keys()
    if not inner:
        return None
    others = source.keys() - inner - _BESIDE
    if len(inner) == 1 and others and all(name.startswith("_") for name in others):
        return next(iter(inner))
    return None


def _judged(adapter: Adapter, source: object, receipt: Receipt) -> Iterable[Adapted]:
    """The records, or one verdict. An exception is a defect of the adapter, which must not stop good input."""
    try:
        return list(_called(adapter, source, receipt)) or [Malformed("empty", "a page without posts")]
    except Unusable as why:
        return [Malformed(why.reason, why.detail[:MAX_DETAIL])]
    except RecursionError:
        return [Malformed("too_deep", "nested too deeply")]
    except _DEFECTS as error:
        return [Malformed("adapter_failed", f"{type(error).__name__}: {error}"[:MAX_DETAIL])]


def _called(adapter: Adapter, source: object, receipt: Receipt) -> Iterable[Adapted]:
    if type(source) is dict and adapter.of_object:
        return adapter.of_object(Fields(source), receipt)
    if type(source) is str and adapter.of_text:
        return adapter.of_text(source, receipt)
    if type(source) is list and adapter.of_list and _is_one(adapter, source):
        return adapter.of_list(source, receipt)
    raise Unusable("not_an_object", f"a payload of this source is no JSON {type(source).__name__}")


def _written(record: Record) -> Written | Malformed:
    """The record as readers will see it, if they will."""
    try:
        value = encode(record)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        reason: RejectReason = "invalid_unicode" if isinstance(error, UnicodeError) else "wrong_type"
        return Malformed(reason, str(error)[:MAX_DETAIL])
    if len(value) > RECORD_CAP:
        record = msgspec.structs.replace(record, extra={"left_out_bytes": len(value)})
        value = encode(record)
    read = _DECODERS[type(record)].decode(value)
    return read if isinstance(read, Malformed) else Written(record, value)
