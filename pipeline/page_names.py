"""How a page names severities, units, facets and platforms: known words in its language, others clipped."""

from pipeline.quoting import clip
from pipeline.wording import Wording

NAME_LENGTH = 80  # of a facet, detector or unit

_OWN_NAMES = frozenset({"product", "region", "campaign"})  # facets whose values the watch list names


def name(word: str, words: Wording) -> str:
    """A word of ours."""
    known = words.names.get(word)
    return clip(word.replace("_", " "), NAME_LENGTH) if known is None else known


def facet(facet: str, words: Wording) -> str:
    """A facet, ``<kind>:<value>``."""
    kind, _, value = facet.partition(":")
    return f"{name(kind, words)} {clip(value, NAME_LENGTH) if kind in _OWN_NAMES else name(value, words)}".rstrip()
