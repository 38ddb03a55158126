"""What tells a digest of pages from the page of an incident."""

from schemas.alert import Page

PREFIX = "digest-"  # of its dedup key; an incident is named by hexadecimal digits alone


def is_digest(page: Page) -> bool:
    """Whether the lines of its body are all that there is to show."""
    return page.dedup_key.startswith(PREFIX)
