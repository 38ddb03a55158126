"""How long tables keep rows: the catalogue's days unless the settings say others."""

import pytest

from pipeline.retention import LONGEST, retention
from schemas.tables import TABLES


def test_without_a_word_it_is_what_the_catalogue_says():
    assert retention("") == {table.name: table.kept_days for table in TABLES if table.kept_days}


def test_what_is_named_differs_and_the_rest_stays():
    assert retention(f" signals = 90 ,identities={LONGEST},") == {**retention(""), "signals": 90, "identities": LONGEST}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("signal=9", "'signal' is no table that expires; known are signals"), ("source_progress=9", "no table"),
        ("=9", "'' is no table"), ("signals", "whole days"), ("signals=", "whole days"), ("signals=-1", "whole days"),
        ("signals=1.5", "whole days"), ("signals=nan", "whole days"), ("signals=٩", "whole days"),
        ("signals=" + "9" * 5_000, "whole days"), ("signals=0", "from 1"), ("signals=36501", "from 1"),
        ("signals=1,signals=2", "named twice"), ("x" * 5_000, "no table"),
        ("signals=1; DROP TABLE signals", "whole days"),
    ],
)  # fmt: skip
def test_what_is_no_retention_is_told(text: str, complaint: str):
    with pytest.raises(ValueError, match=complaint) as refused:
        retention(text)

    assert len(str(refused.value)) < 400
