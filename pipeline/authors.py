"""What listen knows of the authors of one posts partition: how influential, and how much like bulk."""

from collections.abc import Mapping

from msgspec.structs import replace

from pipeline.habits import Habits
from pipeline.hearing import Heard
from pipeline.stage import Blocks
from pipeline.suspicion import suspicion
from pipeline.voices import Voices
from schemas.endorsement import Voice


class Authors:
    """Puts into each signal what is known of its author when it is heard."""

    __slots__ = ("_habits", "_voices")

    def __init__(self) -> None:
        self._habits, self._voices = Habits(), Voices()

    @property
    def count(self) -> int:
        """How many influential ones are known; what ``restore`` wants."""
        return self._voices.count

    def learn(self, voice: Voice) -> None:
        """Take in how influential an author has become."""
        self._voices.learn(voice)

    def score(self, author_key: str, brand: str, at: int) -> float:
        """Lasting score at a time, ms, of what an author says about a brand; 0 where it is unknown."""
        return self._voices.score(author_key, brand, at)

    def introduce(self, heard: Heard, now: int, *, news: bool) -> Heard:
        """What was heard, with influence and suspicion in its signal. What is no news is no habit."""
        signal, post = heard.signal, heard.post
        if signal is None:
            return heard
        suspected, influence = 0.0, self._voices.meet(signal.author_key, signal.reach, signal.event_time)
        if post is not None and post.op == "create":
            habit = self._habits.notice(signal, now) if news else self._habits.known(signal)
            suspected = suspicion(post.author, post.event_time, habit)
        if not influence and not suspected:
            return heard
        return heard._replace(signal=replace(signal, influence=influence, suspicion=suspected))

    def snapshot(self) -> Blocks:
        """Blocks that changed."""
        return self._habits.snapshot() | self._voices.snapshot()

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._habits.dirty = True
        self._voices.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], count: int) -> None:
        """Become what was snapshotted with so many influential ones."""
        self._habits.restore(blocks)
        self._voices.restore(blocks, count)
