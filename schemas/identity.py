"""Who is behind a pseudonym: kept apart from everything else, for as short as the operator decides."""

from typing import ClassVar

from schemas.record import Millis, Name, Record, Uid, Url
from schemas.vocabulary import Platform


class Identity(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What a source calls an account, as last seen. Keyed by ``author_key``; no other record holds any of it."""

    VERSION: ClassVar[int] = 1

    author_key: Uid
    key_id: Name = ""  # names the secret of the pseudonym
    platform: Platform
    native_id: Name = ""
    handle: Name = ""
    display_name: Name = ""
    url: Url = ""
    seen_at: Millis
