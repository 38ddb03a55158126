"""A change of the rules, on the brand log: from this record on, watch judges by another watch list."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from schemas.record import Millis, Name, Record, Uid
from schemas.vocabulary import RulesScope


class RulesChange(Record, frozen=True, kw_only=True, tag_field="type", tag="rules", omit_defaults=False):
    """From here on the partition is judged by ``watchlist``. Told to every partition; told again it changes nothing.

    ``watchlist`` is the checked file as JSON; none ends the shadow. ``digest`` is what alerts will carry as ``rules``.
    """

    VERSION: ClassVar[int] = 1

    change_id: Uid  # one for all partitions
    scope: RulesScope
    digest: Annotated[str, Meta(max_length=64)]
    watchlist: dict[str, Any] | None
    at: Millis  # the sender's clock
    by: Name  # who or what asked for it
    reason: Name = ""
