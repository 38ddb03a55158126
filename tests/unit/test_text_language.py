"""Languages are told by script and frequent words."""

import json
from pathlib import Path

import pytest

from pipeline.text.language import languages
from pipeline.text.model.canonical import pack

_ROWS = Path(__file__).parents[1].joinpath("golden/text/language.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("row", [json.loads(row) for row in _ROWS], ids=lambda row: row["text"][:20])
def test_the_language_is_the_one_most_of_the_text_is_in(row: dict[str, str]):
    assert languages(pack([row["text"]])) == [row["lang"]]
