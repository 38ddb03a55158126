"""What an adapter is: a function from one payload of a source to canonical records, and why there may be none."""

import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from pipeline.channels._field_map import FieldMap
from pipeline.channels._fields import Fields
from schemas.author import Author
from schemas.codec import Malformed
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.vocabulary import Platform, RejectReason

Record = SocialPost | Interaction | Tombstone
Adapted = Record | Malformed  # a page may hold what cannot be used
UID = 256  # characters of an identifier


class Receipt(NamedTuple):
    """When and by whom a payload was received, and the secret under which its authors become pseudonyms."""

    received_at: int  # ms UTC, by the collector's clock
    secret: bytes
    key_id: str = "default"  # names the secret, so that it can be rotated
    collector: str = "tocsin"
    rows: FieldMap = FieldMap()  # what csv and jsonl mean

    def author_key(self, platform: Platform, native_id: str) -> str:
        """The pseudonym of an account: 128 bits of HMAC-SHA256, in hex."""
        return hmac.digest(self.secret, f"{platform}:{native_id}".encode("utf-8", "replace"), "sha256").hex()[:32]

    def author(self, platform: Platform, native_id: str, **known: Any) -> Author:  # noqa: ANN401  # fields of Author
        """An account under its pseudonym; ``known`` is what else the source says."""
        key = self.author_key(platform, native_id)
        return Author(author_key=key, key_id=self.key_id, native_id=native_id, **known)


class Unusable(Exception):  # noqa: N818  # named as what the payload is
    """No record can be made of a payload. ``detail`` names the field."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: RejectReason = reason
        self.detail = detail


class Adapter(NamedTuple):
    """How the payloads of one source are read.

    ``of_object`` takes a JSON object, ``of_text`` a document of another kind (XML, RFC 5322, CSV). Each item of a JSON
    array is a payload, unless ``is_one`` says that the array as a whole is one for ``of_list``. All may raise Unusable.
    """

    of_object: Callable[[Fields, Receipt], Iterable[Adapted]] | None = None
    of_text: Callable[[str, Receipt], Iterable[Adapted]] | None = None
    of_list: Callable[[list[Any], Receipt], Iterable[Adapted]] | None = None
    is_one: Callable[[list[Any]], bool] | None = None


def page(items: Any, adapt: Callable[[Fields], Iterable[Adapted]]) -> list[Adapted]:  # noqa: ANN401  # JSON
    """The records of the items of a page, each with a verdict of its own."""
    found: list[Adapted] = []
    for one in items if type(items) is list else [items]:
        if type(one) is not dict:
            found.append(Malformed("not_an_object", "an item of the page is no object"))
            continue
        try:
            found += list(adapt(Fields(one)))
        except Unusable as why:
            found.append(Malformed(why.reason, why.detail))
    return found


def beside(found: Iterable[Adapted], rest: dict[str, Any], name: str = "response") -> list[Adapted]:
    """The answers; the first record tells under ``extra[name]`` what stood beside all of them in the payload."""
    answers = list(found)
    first = next((one for one in answers if not isinstance(one, Malformed)), None)
    if first is not None and rest:
        first.extra[name] = {**first.extra.get(name, {}), **rest}
    return answers


def required(value: str | None, fields: Fields, name: str) -> str:
    """The value, which was read from the field ``name``.

    Raises:
        Unusable: it is None.
    """
    if value is not None:
        return value
    if fields.get(name) in (None, "", {}, []):
        raise Unusable("missing_field", f"{name} is missing")
    raise Unusable("wrong_type", f"{name} is unusable: {str(fields.get(name))[:80]!r}")


def named(prefix: str, native_id: str) -> str:
    """The uid ``prefix:native_id``; a hash stands for an id that is longer than a uid may be."""
    if len(native_id) < UID - len(prefix):
        return f"{prefix}:{native_id}"
    return f"{prefix}:sha256-{sha256(native_id.encode('utf-8', 'replace')).hexdigest()[:40]}"


def named_or_hashed(prefix: str, native_id: str | None, source: Fields) -> str:
    """The uid; what has no id is known by all that it says, so that the same payload is the same record.

    Ask before fields are taken out of ``source``.
    """
    return named(prefix, native_id or f"sha256-{sha256(source.digestible()).hexdigest()[:40]}")
