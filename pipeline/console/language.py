"""Which language a reader gets: what they chose, else what their browser asks for, else the one of the pages."""

from types import MappingProxyType

TAGS = MappingProxyType({"en": "en", "zh": "zh-Hans"})  # language of the wording -> language of the document
_MOST = 20  # entries of a header that are looked at


def language(chosen: str, accepted: str, otherwise: str) -> str:
    """A key of TAGS. ``chosen`` is such a key or anything; ``accepted`` is an Accept-Language header (RFC 9110)."""
    if chosen in TAGS:
        return chosen
    weighed = [_weighed(part) for part in accepted.split(",")[:_MOST]]
    best = max(((q, -place, tag) for place, (tag, q) in enumerate(weighed) if tag in TAGS and q > 0), default=None)
    return best[2] if best else otherwise


def _weighed(part: str) -> tuple[str, float]:
    """The primary tag of an entry and its weight, 0 if that is no number."""
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        q = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        q = 0.0
    return tag.strip().lower().partition("-")[0], q
