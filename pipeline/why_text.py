"""One decision in words, in each language, safe for a terminal."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.figures import amount, moment, share
from pipeline.page_causes import level
from pipeline.page_text import LANGUAGES
from pipeline.quoting import clip
from pipeline.wording import why_en, why_zh, why_zh_hant
from pipeline.wording.why import WhyWording
from schemas.command import EVERY_BRAND
from schemas.decision import Decision

WORDS: Mapping[str, WhyWording] = MappingProxyType(
    {"en": why_en.WORDING, "zh": why_zh.WORDING, "zh-Hant": why_zh_hant.WORDING}
)
SHORT, LONG = 80, 1_000  # characters of a name, and of what somebody said


def told(decision: Decision, language: str) -> str:
    """What was decided, in a sentence."""
    words, facts = WORDS[language], _facts(decision, language)
    if decision.outcome == "applied":
        return words.commands[decision.command or "note"].format(**facts)
    if decision.outcome == "ignored":
        return words.ignored.format(why=words.reasons[decision.reason].format(**facts), **facts)
    return words.reasons[decision.reason].format(**facts)


def needed(decision: Decision, language: str) -> str:
    """What a page would have needed; empty where there was one, or nothing was missing."""
    words = WORDS[language]
    if decision.reason in ("already_paged", "acknowledged") and decision.severity == "critical":
        return words.worst
    return words.needs.get(decision.reason, "").format(**_facts(decision, language))


def name(word: str, language: str) -> str:
    """What a detector, a severity or a unit is called."""
    known = LANGUAGES[language].names.get(word)
    return clip(word.replace("_", " "), SHORT) if known is None else known


def part(facet: str, language: str) -> str:
    """What a part of a brand is called, ``<kind>:<value>``."""
    kind, _, value = facet.partition(":")
    return f"{name(kind, language)} {clip(value, SHORT)}"


def _facts(decision: Decision, language: str) -> dict[str, str]:
    said = clip(decision.text, LONG)
    return {
        "brand": WORDS[language].every_brand if decision.brand == EVERY_BRAND else clip(decision.brand, SHORT),
        "incident": clip(decision.incident_id, SHORT),
        "severity": name(decision.severity or "info", language),
        "detector": name(decision.detector, language),
        "facet": f" {part(decision.facet, language)}" if decision.facet else "",
        "level": level(decision, LANGUAGES[language]),
        "score": share(decision.score),
        "factor": amount(1 / decision.score) if decision.score > 0 else "?",
        "authors": str(decision.authors),
        "min_authors": str(decision.min_authors),
        "campaign": clip(decision.campaign, SHORT),
        "command": decision.command or "",
        "command_id": clip(decision.command_id, SHORT),
        "by": clip(decision.by, SHORT),
        "because": WORDS[language].because.format(text=said) if said else "",
        "until": moment(decision.until) if decision.until else "?",
    }
