"""What posts are about, in blocks for the influence stage: endorsements name posts, listen knows their brands."""

from pipeline.influence.identity import post_tag
from pipeline.running import COMPLAINT
from pipeline.stage import Output
from schemas.codec import encode
from schemas.endorsement import Subjects
from schemas.signal import Signal
from schemas.topics import ENDORSEMENTS

ROWS = 1_000
_SECOND_MS = 1_000

Row = tuple[int, str, int, tuple[str, ...], str]  # the columns of Subjects


class SubjectBlocks:
    """The subjects of one posts partition that have not left yet. It is the partition of their authors."""

    def __init__(self, partition: int) -> None:
        self._partition, self._rows = partition, list[Row]()

    def add(self, signal: Signal) -> None:
        """Note what a post is about. Who reposts it endorses its author, so a repost has no subject of its own."""
        if signal.author_key and signal.brands and signal.kind != "repost":
            topic = signal.category if signal.complaint_p >= COMPLAINT else ""
            tag = post_tag(signal.post_uid)
            self._rows.append((signal.event_time // _SECOND_MS, signal.author_key, tag, signal.brands, topic))

    def full(self) -> list[Output]:
        """The blocks that have no room left."""
        return self._cut(ROWS)

    def rest(self) -> list[Output]:
        """Everything gathered."""
        return self._cut(1)

    def _cut(self, least: int) -> list[Output]:
        outputs = []
        while len(self._rows) >= least:
            at, authors, posts, brands, topics = zip(*self._rows[:ROWS], strict=True)
            block = Subjects(at=at, authors=authors, posts=posts, brands=brands, topics=topics)
            outputs.append(Output(ENDORSEMENTS.name, self._partition, b"subjects", encode(block)))
            del self._rows[:ROWS]
        return outputs
