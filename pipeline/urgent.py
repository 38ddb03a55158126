"""Posts that do not wait for their minute to end: critical complaints, and complaints by very influential authors."""

from collections.abc import Mapping

import msgspec

from pipeline.feed import partition_of
from pipeline.incidents import identity
from pipeline.running import COMPLAINT, CRITICAL, evidence
from pipeline.stage import Blocks, Output
from pipeline.text.fingerprint import near
from pipeline.text.safety import LEAST
from schemas.codec import encode
from schemas.finding import AT_ONCE, Finding
from schemas.signal import Signal
from schemas.topics import FINDINGS

BLOCK = "urgent"
CRITICAL_POST, INFLUENTIAL_POST = AT_ONCE
A_MINUTE = 2  # findings of a kind and brand in one partition and minute; more are only counted
REMEMBERED_MS = 3_600_000  # a text is told once in so long
HOUR_MS = 3_600_000
RARE = 500  # of so many posts of a brand at most one has an author of such reach
LARGE, LARGE_AT_FIRST = 10_000, 100_000  # followers, always needed; while fewer than RARE posts of the brand are known
SIZES = 41  # powers of two up to ``pipeline.hearing.MAX_REACH``
HALVED = 10 * RARE  # posts of one size after which all counts are halved


class Told(msgspec.Struct, array_like=True):
    """Texts that were told, oldest first: fingerprint and time; and how many in the last minute that had one."""

    texts: list[tuple[int, int]] = []
    minute: int = 0
    count: int = 0


class State(msgspec.Struct):
    """What is remembered, by brand; texts also by kind of finding."""

    told: dict[str, dict[str, Told]] = {}
    reach: dict[str, list[int]] = {}  # posts by the length in bits of the author's followers


class Urgent:
    """Tells a post at most once for each brand and kind, the moment it is read. One posts partition.

    Words of danger make a finding of posts that count as no complaint yet (``LEAST``): it costs a look, not a page. To
    ask ``COMPLAINT`` of them lost 3 of 26 dangers among 255 sentences and none of the 7 that were told wrongly.
    Time is the partition's own, which only moves forward, so at most ``A_MINUTE`` texts a minute are remembered.
    """

    __slots__ = ("_bucket", "_rules", "_state", "_targets", "dirty")

    def __init__(self, targets: int, bucket: int, rules: str) -> None:
        self._targets, self._bucket, self._rules = targets, bucket, rules
        self._state = State()
        self.dirty = False

    def findings(self, signal: Signal, now: int) -> list[Output]:
        """What a post, counted for the first time, makes known at once; ``now`` is the partition's time, ms."""
        found: list[Output] = []
        for brand in signal.brands:
            usual = self._usual(brand, signal.reach)
            likely = signal.complaint_p >= LEAST
            if likely and signal.severity >= CRITICAL and self._new(CRITICAL_POST, brand, signal, now):
                found.append(self._finding(CRITICAL_POST, brand, signal, 1, 0))
            if usual and signal.complaint_p >= COMPLAINT and self._new(INFLUENTIAL_POST, brand, signal, now):
                found.append(self._finding(INFLUENTIAL_POST, brand, signal, signal.reach, usual))
        return found

    def _usual(self, brand: str, reach: int) -> int:
        """The reach from which on authors are rare for a brand, if this is such a one, or 0; learns it afterwards."""
        sizes = self._state.reach.setdefault(brand, [0] * SIZES)
        size, found = min(reach.bit_length(), SIZES - 1), 0
        if reach >= LARGE:
            total = sum(sizes)
            least = LARGE if total >= RARE else LARGE_AT_FIRST
            if reach >= least and sum(sizes[size:]) * RARE <= total:
                found = max(least, 1 << size >> 1)
        sizes[size] += 1
        if sizes[size] >= HALVED:
            sizes[:] = [count // 2 for count in sizes]
        self.dirty = True
        return found

    def _new(self, kind: str, brand: str, signal: Signal, now: int) -> bool:
        """Whether the text was not told within the hour, and the minute is not full; notes it."""
        told = self._state.told.setdefault(kind, {}).setdefault(brand, Told())
        told.texts = [(text, at) for text, at in told.texts if at > now - REMEMBERED_MS]
        if any(near(text, signal.fingerprint) for text, _ in told.texts):
            return False
        minute = now - now % self._bucket
        if minute != told.minute:
            told.minute, told.count = minute, 0
        if told.count >= A_MINUTE:
            return False
        told.count += 1
        told.texts.append((signal.fingerprint, now))
        return True

    def _finding(self, kind: str, brand: str, signal: Signal, observed: int, expected: int) -> Output:
        """Copies in other partitions have the same id, as their cause is the same: this text in this hour."""
        cause = signal.fingerprint or signal.post_uid
        critical = kind == CRITICAL_POST
        finding = Finding(
            finding_id=identity("finding", kind, brand, cause, signal.event_time // HOUR_MS, self._rules),
            detector=kind,
            brand=brand,
            at=signal.event_time,
            score=1.0 if critical else observed / expected,
            threshold=1.0,
            observed=float(observed),
            expected=float(expected),
            unit="critical complaint" if critical else "followers of the author",
            since=signal.event_time,
            rules=self._rules,
            evidence=(evidence(signal, "most_severe" if critical else "most_reach"),),
        )
        key = brand.encode()
        return Output(FINDINGS.name, partition_of(key, self._targets), key, encode(finding))

    def snapshot(self) -> Blocks:
        """The block, if it changed."""
        dirty, self.dirty = self.dirty, False
        return Blocks({BLOCK: lambda: msgspec.msgpack.encode(self._state)} if dirty else {})

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        self._state = msgspec.msgpack.decode(blocks[BLOCK], type=State) if BLOCK in blocks else State()
