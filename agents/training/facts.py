"""What a weights file was made from and how well it reads: kept beside it, shown in the model card."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agents.training.material import Material, chosen


class Source(msgspec.Struct, frozen=True):
    """One public set."""

    name: str
    terms: str
    learned: int  # posts
    held_out: int


class Facts(msgspec.Struct, frozen=True):
    """About one weights file."""

    name: str
    size: int  # bytes
    corpus_learned: int  # posts of our own
    corpus_held_out: int
    sources: Sequence[Source]
    scores: dict[str, dict[str, Any]]  # by set, as ``pipeline.text.evaluation`` reports


def facts(name: str, size: int, seen: Material, scores: dict[str, dict[str, Any]], *, clean: bool) -> Facts:
    """Facts of weights made from ``seen``."""
    sources = [
        Source(one.name, one.terms, len(seen.public[one.name].texts), len(seen.held_out[one.name].texts))
        for one in chosen(clean=clean)
    ]
    return Facts(name, size, len(seen.corpus.texts), len(seen.held_out["corpus"].texts), sources, _rounded(scores))


def _rounded(value: Any) -> Any:  # noqa: ANN401  # numbers within tables within tables
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
