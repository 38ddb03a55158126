"""Which language a reader gets: what they chose, else what their browser asks for, else the one of the pages."""

from pipeline.languages import TAGS

_MOST = 20  # entries of a header that are looked at
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})  # a script, or where it is the usual one (CLDR, likely subtags)


def language(chosen: str, accepted: str, otherwise: str) -> str:
    """A key of TAGS. ``chosen`` is such a key or anything; ``accepted`` is an Accept-Language header (RFC 9110)."""
    if chosen in TAGS:
        return chosen
    weighed = [_weighed(part) for part in accepted.split(",")[:_MOST]]
    best = max(((q, -place, tag) for place, (tag, q) in enumerate(weighed) if tag in TAGS and q > 0), default=None)
    return best[2] if best else otherwise


def _weighed(part: str) -> tuple[str, float]:
    """What an entry means and its weight, 0 if that is no number."""
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        q = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        q = 0.0
    return _meant(tag), q


def _meant(tag: str) -> str:
    """The wording for a language range (RFC 4647), its primary tag if there is none. A script outweighs a region."""
    primary, *further = tag.strip().lower().split("-")
    traditional = primary == "zh" and "hans" not in further and not _TRADITIONAL.isdisjoint(further)
    return "zh-Hant" if traditional else primary
