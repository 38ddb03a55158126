"""A drill on the posts log: synthetic posts, of a type of their own so that nobody can take them for real ones."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.post import SocialPost
from schemas.record import Record, Uid

INCIDENT = "drill-"  # how a drill's incident is named, before the drill's id; a real one has hexadecimal digits alone

DrillId = Annotated[str, Meta(pattern="^[0-9a-f]{12}$", min_length=12, max_length=12, description="names one drill")]


class DrillPost(Record, frozen=True, kw_only=True, tag_field="type", tag="drill"):
    """A post that nobody wrote, counted for ``brand`` (if it names it) in the drill alone. Keyed as a post.

    Without ``pages`` the drill decides, but rings nobody.
    """

    VERSION: ClassVar[int] = 1

    drill: DrillId
    brand: Uid
    pages: bool = True
    post: SocialPost


def of_drill(incident_id: str) -> bool:
    """Whether an incident, or the deduplication key of a page, is that of a drill."""
    return incident_id.startswith(INCIDENT)
