"""What ``tocsin verify`` says, and when it is satisfied."""

from agents.verify_report import SHOWN, Difference, PartitionResult

ALERTS = "social.alerts.v1"
WELL = PartitionResult(1, (0, 90), (0, 0), 90, {ALERTS: 3}, {ALERTS: 0}, None)


def test_a_partition_that_is_identical_is_told_in_a_line():
    assert WELL.ok
    assert list(WELL.lines()) == ["partition 1: offsets 0 to 89 verified: identical: 3 alerts"]


def test_what_is_not_covered_not_checkpointed_or_expired_is_told():
    found = WELL._replace(verified=(40, 80), uncovered=(10, 40), gone={ALERTS: 2})

    assert found.ok
    assert list(found.lines()) == [
        "partition 1: offsets 40 to 79 verified: identical: 3 alerts",
        "partition 1: offsets 10 to 39 not verified: no checkpoint of these detectors covers them",
        "partition 1: offsets 80 to 89 come after the last checkpoint of watch",
        "partition 1: retention has removed 2 alerts",
    ]


def test_a_partition_of_which_nothing_could_be_verified_is_not_well_unless_it_is_empty():
    nothing = WELL._replace(verified=(90, 90), uncovered=(10, 90), same={}, gone={})

    assert not nothing.ok
    assert list(nothing.lines()) == [
        "partition 1: offsets 10 to 89 not verified: no checkpoint of these detectors covers them"
    ]
    assert nothing._replace(uncovered=(90, 90)).ok


def test_the_first_difference_is_told_with_both_addresses():
    found = WELL._replace(difference=Difference(ALERTS, "log/1/7", f"{ALERTS}/1/2", ["posts: expected 1, found 2"]))

    assert not found.ok
    assert list(found.lines()) == [
        "partition 1: offsets 0 to 89 verified: DIFFERENT: 3 alerts",
        f"{ALERTS}/1/2 is not what log/1/7 decides:",
        "  posts: expected 1, found 2",
    ]


def test_what_is_missing_or_too_many_is_told_as_that():
    missing, surplus = Difference(ALERTS, "log/1/7", "", []), Difference(ALERTS, "", f"{ALERTS}/1/2", [])

    assert list(missing.lines()) == [f"{ALERTS} lacks what log/1/7 decides:"]
    assert list(surplus.lines()) == [f"{ALERTS}/1/2 is not what the log decides next:"]


def test_other_rules_are_pointed_out_and_long_differences_cut():
    fields = ["alert.rules: expected a, found b", *(f"field{number}: found 1" for number in range(SHOWN))]
    lines = list(Difference(ALERTS, "log/1/7", f"{ALERTS}/1/2", fields).lines())

    assert lines[-2:] == [
        "  and 1 more",
        "  it was decided by other rules or detectors: verify with the version of Tocsin of that time",
    ]
    assert len(lines) == SHOWN + 3
