"""What must no longer be quoted, as the posts log and the brand log tell the stages that hold texts."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Protocol

from msgspec import Meta

from schemas.record import Record

KEY = b"withdrawal"  # of the records
POST, AUTHOR = "post:", "author:"  # how subjects begin

Subject = Annotated[str, Meta(max_length=300, pattern="^(post|author):.")]


class Withdrawal(Record, frozen=True, kw_only=True, tag_field="type", tag="withdrawal"):
    """A tombstone as it is passed on to every partition, or its undoing (``back``): posts that come later count again.

    ``subject`` is that of the tombstone: ``post:<uid>`` or ``author:<author_key>``. Of a post that withdrew itself
    (``op``) listen says so with the ``watermark`` (ms) of its partition then: it holds before the first minute closes
    that ends after it, so that how sources are interleaved does not show. A tombstone holds at once.
    """

    VERSION: ClassVar[int] = 1

    subject: Subject
    back: bool = False
    watermark: int | None = None


class Quotable(Protocol):
    """A post, as evidence and signals know it."""

    @property
    def post_uid(self) -> str:
        """Its own."""

    @property
    def author_key(self) -> str:
        """Its author's; empty if unknown."""

    @property
    def repost_of(self) -> str:
        """The post whose words it passes on; empty if they are its own."""


def subjects(post: Quotable) -> Iterator[str]:
    """Whatever withdraws a post: its own uid, its author, or the uid of its original."""
    yield POST + post.post_uid
    if post.author_key:
        yield AUTHOR + post.author_key
    if post.repost_of:
        yield POST + post.repost_of
