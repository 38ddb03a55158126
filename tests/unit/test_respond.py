"""What responders type: spans that lie ahead, and who speaks where nobody says."""

import pytest

from agents.cli import speaker as asked
from agents.cli.respond import _until
from agents.cli.speaker import speaker
from pipeline.asked_times import ahead_ms

AT = 1_800_000_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("written", "ms"), [("2h", AT + 2 * HOUR), (" 90s ", AT + 90_000), ("2027-01-15T08:00:00Z", AT)]
)
def test_maintenance_begins_a_span_from_now_and_not_ago(written: str, ms: int):
    assert ahead_ms(written, AT) == ms


@pytest.mark.parametrize("written", ["-15m", "soon", ""])
def test_what_is_past_or_no_time_is_refused(written: str):
    with pytest.raises(ValueError, match="not a time"):
        ahead_ms(written, AT)


def test_a_silence_until_2h_ends_two_hours_after_its_beginning():
    assert _until("", "2h", AT) == _until("2h", "", AT) == AT + 2 * HOUR


@pytest.mark.parametrize("error", [KeyError("uid not found"), OSError("no name")])
def test_a_container_whose_user_has_no_name_can_still_answer(monkeypatch: pytest.MonkeyPatch, error: Exception):
    def nameless() -> str:
        raise error

    monkeypatch.setattr(asked, "getuser", nameless)

    assert speaker() == "somebody"
