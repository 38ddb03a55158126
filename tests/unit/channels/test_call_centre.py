"""Transcripts: the customer's words are the text, whatever the system calls its fields."""

import pytest

from tests.adapted import RECEIVED, record

TURNS = [{"speaker": "agent", "text": "Hello?"}, {"speaker": "customer", "text": "It leaks."}]
MAY_DAY = 1_714_550_400_000


@pytest.mark.parametrize(
    "call",
    [
        {"turns": TURNS},
        {"transcript": {"segments": TURNS}},
        {"results": {"utterances": [{"role": "Agent", "transcript": "Hello?"}, {"transcript": "It leaks."}]}},
        {"transcripts": [{"phrases": [{"participantPurpose": "internal", "text": "Hello?"}]},
                         {"phrases": [{"participantPurpose": "external", "text": "It leaks."}]}]},
        {"Participants": [{"ParticipantId": "1", "ParticipantRole": "AGENT"}],
         "Transcript": [{"ParticipantId": "1", "Content": "Hello?"}, {"ParticipantId": "2", "Content": "It leaks."}]},
        {"agent": {"name": "Maria Lopez"},
         "messages": [{"from": {"name": "Maria Lopez"}, "body": "Hello?"},
                      {"from": {"name": "A. B."}, "body": "It leaks."}]},
        {"dialogue": [{"说话人": "坐席", "内容": "您好"}, {"说话人": "客户", "内容": "It leaks."}]},
        {"transcript": "[00:00] Agent: Hello?\n[00:02] Customer: It leaks.\n"},
        {"text": "It leaks."},
        {"messages": ["Agent: Hello?", "Customer: It leaks."]},
    ],
)  # fmt: skip
def test_the_text_is_what_the_customer_said(call):
    assert record("call_centre", {"call_id": "1", **call}).text == "It leaks."


def test_the_agents_words_are_kept():
    assert record("call_centre", {"id": 1, "turns": TURNS}).extra["turns"] == TURNS


@pytest.mark.parametrize("call", [{}, {"turns": []}, {"turns": TURNS[:1]}, {"turns": "Agent: Hello?"}, {"turns": 7}])
def test_a_call_in_which_no_customer_speaks_is_refused(call):
    assert record("call_centre", {"id": 1, **call}).reason == "missing_field"


def test_a_number_is_only_in_the_fields_of_the_account():
    post = record("call_centre", {"id": 1, "turns": TURNS, "customer": {"phone": "+4912345", "name": "Anna"}})
    assert (post.author.native_id, post.author.display_name) == ("+4912345", "Anna")
    assert "4912345" not in str(post.extra) + post.author.author_key + post.post_uid


def test_the_customer_is_known_by_id_before_number():
    post = record("call_centre", {"id": 1, "turns": TURNS, "customer_id": 42, "ani": "+4912345"})
    assert (post.author.native_id, post.author.handle) == ("42", "+4912345")
    assert "4912345" not in str(post.extra)


@pytest.mark.parametrize(
    ("told", "rating"),
    [
        ({"csat": 2}, (2, 1, 5)), ({"rating": "4"}, (4, 1, 5)), ({"nps": 0}, (0, 0, 10)),
        ({"rating": {"score": 0, "min": 0, "max": 10}}, (0, 0, 10)), ({"metadata": {"csat": 3}}, (3, 1, 5)),
        ({"csat": 9}, None), ({"csat": None}, None), ({"csat": "good"}, None),
    ],
)  # fmt: skip
def test_ratings(told, rating):
    found = record("call_centre", {"id": 1, "turns": TURNS, **told}).rating
    assert (found and (found.value, found.min, found.max)) == rating


@pytest.mark.parametrize(
    "told",
    [{"started_at": "2024-05-01T16:00:00+08:00"}, {"startTime": 1_714_550_400}, {"call": {"date": "2024-05-01 08:00"}}],
)  # fmt: skip
def test_a_call_happens_when_it_starts(told):
    assert record("call_centre", {"id": 1, "turns": TURNS, **told}).event_time == MAY_DAY


def test_a_call_without_a_time_is_dated_by_the_collector():
    post = record("call_centre", {"id": 1, "turns": TURNS})
    assert (post.event_time, post.event_time_basis, post.visibility) == (RECEIVED, "collected", "private")
