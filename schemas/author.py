"""Who wrote a post or acted: a pseudonym, and what the source says about the account."""

from schemas.record import Count, Millis, Name, Record, Uid, Url
from schemas.vocabulary import AuthorKind, VerifiedKind


class Author(Record, frozen=True, kw_only=True):
    """An account as the source describes it.

    ``author_key`` is the HMAC-SHA256 pseudonym of ``platform:native_id``, truncated to 128 bit; ``key_id`` names the
    secret used. ``native_id``, ``handle`` and ``display_name`` never leave the restricted tables.
    """

    author_key: Uid
    key_id: Name | None = None
    native_id: Name | None = None
    handle: Name | None = None
    display_name: Name | None = None
    url: Url | None = None
    type: AuthorKind = "unknown"
    verified: bool = False
    verified_kind: VerifiedKind = "none"
    verified_note: Name | None = None
    followers: Count | None = None
    following: Count | None = None
    posts: Count | None = None
    listed: Count | None = None
    as_of: Millis | None = None  # when the four counts were true
    account_created_at: Millis | None = None
    profile_location: Name | None = None
    profile_region: Name | None = None
    gender: Name | None = None
    bio_hash: Name | None = None
    suspended: bool = False
    protected: bool = False
    deleted: bool = False
