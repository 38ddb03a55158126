"""What must no longer be quoted, as the posts log and the brand log tell the stages that hold texts."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Record

POST, AUTHOR = "post:", "author:"  # how subjects begin

Subject = Annotated[str, Meta(min_length=6, max_length=300, pattern="^(post|author):")]


class Withdrawal(Record, frozen=True, kw_only=True, tag_field="type", tag="withdrawal"):
    """A tombstone as it is passed on to every partition, or its undoing (``back``): posts that come later count again.

    ``subject`` is that of the tombstone: ``post:<uid>`` or ``author:<author_key>``.
    """

    VERSION: ClassVar[int] = 1

    subject: Subject
    back: bool = False
