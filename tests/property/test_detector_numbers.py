"""Whatever is counted, detectors answer with numbers that can be stored."""

from functools import cache
from math import isfinite

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import detectors
from pipeline.detectors._base import Observation, Tuning, Verdict
from pipeline.discover import plugins

DETECTORS = plugins(detectors, "DETECTOR")
TUNING = Tuning(bucket_s=60, log_threshold=12.0)
COUNT = st.one_of(st.integers(0, 20), st.integers(0, 10**12))


@cache
def warm(name: str) -> bytes:
    """The encoded state of a detector after two days of a few posts."""
    state = DETECTORS[name].start()
    for i in range(2 * 1_440):
        DETECTORS[name].step(state, Observation(i * 60_000, i // 60 % 24, 3, i % 2, i % 2), TUNING)
    return msgspec.msgpack.encode(state)


def numbers(verdict: Verdict) -> tuple[float, float, float, float]:
    return verdict.score, verdict.strength, verdict.observed, verdict.expected


@settings(deadline=None)  # the first example makes the states
@given(
    st.lists(st.tuples(st.integers(0, 23), COUNT, COUNT, COUNT, COUNT, COUNT, st.booleans()), min_size=1, max_size=60)
)
def test_verdicts_are_finite_and_states_survive_the_codec(counts):
    for name, detector in DETECTORS.items():
        state = msgspec.msgpack.decode(warm(name), type=detector.state)
        stream = [Observation(i * 60_000, *told) for i, told in enumerate(counts)]
        verdicts = []
        for seen in stream:
            verdicts.append(detector.step(state, seen, TUNING))
            if verdicts[-1].score >= 1:
                detector.rearm(state)

        assert all(isfinite(number) for verdict in verdicts for number in numbers(verdict))
        assert all(min(numbers(verdict)) >= 0 for verdict in verdicts)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=detector.state) == state
