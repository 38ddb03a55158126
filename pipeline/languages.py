"""The languages in which people are told: which there are, and what stands in for one that a record does not have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Language = Literal["en", "zh", "zh-Hant"]  # zh: simplified characters

TAGS: Mapping[str, str] = MappingProxyType({"en": "en", "zh": "zh-Hans", "zh-Hant": "zh-Hant"})  # of documents, BCP 47
MEANT: Mapping[str, Language] = MappingProxyType({"en": "en", "zh": "zh", "zh-Hans": "zh", "zh-Hant": "zh-Hant"})


def said(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in a related one, else in English, else in any; empty if there is none.

    A page that was written before a language was known has no words in it, and is told all the same.
    """
    near = (language, language.partition("-")[0], "en")
    return next((texts[tag] for tag in near if tag in texts), next(iter(texts.values()), ""))
