"""Several pages as one: the last word on each incident, the gravest first."""

from collections.abc import Sequence
from hashlib import blake2b

from msgspec import structs

from pipeline.figures import moment
from pipeline.languages import said
from pipeline.page_digest import PREFIX
from pipeline.page_text import LANGUAGES
from pipeline.policy import RANK
from schemas.alert import Page

LISTED = 50  # incidents


def digest(target: str, pages: Sequence[Page]) -> Page:
    """One page that tells of ``pages``, which are in their order; the same pages make the same digest.

    Its ``alert`` is that of the gravest, which carries nothing that is shown.
    """
    last = {page.dedup_key: page for page in pages}
    ranked = sorted(last.values(), key=lambda page: (page.action != "trigger", -RANK[page.severity], page.at))
    name = blake2b("\x1f".join([target, *(page.page_id for page in pages)]).encode(), digest_size=12).hexdigest()
    gravest, brands = ranked[0], len({page.brand for page in ranked})
    counts = {"incidents": len(ranked), "brands": brands}
    return structs.replace(
        gravest,
        page_id=name,
        dedup_key=f"{PREFIX}{name}",
        action="trigger",
        at=max(page.at for page in pages),
        title={language: words.digest.format(**counts) for language, words in LANGUAGES.items()},
        body={language: "\n".join(_lines(ranked, language)) for language in LANGUAGES},
    )


def _lines(ranked: Sequence[Page], language: str) -> list[str]:
    lines = [f"{moment(page.at)} {said(page.title, language)}" for page in ranked[:LISTED]]
    missing = len(ranked) - LISTED
    return [*lines, LANGUAGES[language].digest_more.format(n=missing)] if missing > 0 else lines
