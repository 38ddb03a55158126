"""What of a record may be told to everybody, and the identity that is kept apart from it."""

from collections.abc import Iterator

from msgspec.structs import replace

from pipeline.channels._base import Record
from schemas.author import Author
from schemas.identity import Identity
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Mention
from schemas.vocabulary import Platform


def public(record: Record) -> Record:
    """The record without what names a person: pseudonyms and what the text itself says stay.

    ``extra`` goes as well, since nobody knows what a source puts there. The raw topic has it, as long as that is kept.
    """
    if isinstance(record, SocialPost):
        mentions = tuple(Mention(author_key=one.author_key) for one in record.mentions if one.author_key)
        author = _pseudonymous(record.author)
        return replace(record, author=author, mentions=mentions, text_raw=None, raw=None, extra={})
    if isinstance(record, Interaction):
        return replace(record, actor=_pseudonymous(record.actor), extra={})
    return replace(record, extra={})


def identities(record: Record, seen_at: int) -> Iterator[Identity]:
    """Who wrote or acted, if the source names them; ``seen_at`` in ms."""
    if isinstance(record, Tombstone):
        return
    author = record.author if isinstance(record, SocialPost) else record.actor
    if author is not None and (author.native_id or author.handle or author.display_name):
        yield _identity(author, record.platform, seen_at)


def _pseudonymous(author: Author | None) -> Author | None:
    return author and replace(author, native_id=None, handle=None, display_name=None, url=None)


def _identity(author: Author, platform: Platform, seen_at: int) -> Identity:
    return Identity(
        author_key=author.author_key, key_id=author.key_id or "", platform=platform, native_id=author.native_id or "",
        handle=author.handle or "", display_name=author.display_name or "", url=author.url or "", seen_at=seen_at,
    )  # fmt: skip
