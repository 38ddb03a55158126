"""The influence stage: endorsements of the authors of one partition become scores, and standings of those authors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from pipeline.dead_letters import dead_letter
from pipeline.influence.accounts import Row, Rows
from pipeline.influence.identity import pseudonym
from pipeline.influence.naming import columns, named
from pipeline.influence.scoring import Scoreboard, standings
from pipeline.influence.subjects import Subjects as About
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.codec import Decoder, Malformed, encode
from schemas.endorsement import Endorsements, InfluenceScore, Reason, Standing, Subjects, Voice
from schemas.topics import ENDORSEMENTS, INFLUENCE, INTERACTIONS, POSTS
from schemas.vocabulary import ENDORSING

_SECOND_MS = 1_000
_KINDS = dict(enumerate(("", *ENDORSING)))
_UNEVEN = Malformed("wrong_type", "columns of different lengths")

_ENDORSEMENTS: Decoder[Endorsements] = Decoder(Endorsements)
_SUBJECTS: Decoder[Subjects] = Decoder(Subjects)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    authors: int
    applied: dict[int, int]
    repeated: int
    posts: int = 0
    words: list[str] = []


class Influence:
    """State of one endorsements partition: a pure function of that log.

    Whatever was applied before, by source partition and offset, is skipped: endorse says it again after a crash.
    """

    def __init__(self, partition: int) -> None:
        self.partition, self.next, self.repeated = partition, 0, 0
        self._board, self._subjects = Scoreboard(), About()
        self._applied: dict[int, int] = {}  # source partition -> offset of its last interaction

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. One that tells of an author twice speaks of the later."""
        outputs: list[Output] = []
        for record in records:
            self.next = record.offset + 1
            said = _decode(record)
            if isinstance(said, Malformed):
                outputs.append(dead_letter(ENDORSEMENTS.name, self.partition, record, said))
            elif isinstance(said, Subjects):
                self._subjects.learn(said)
            else:
                outputs += self._add(said, record.offset)
        return outputs

    def _add(self, said: Endorsements, offset: int) -> Iterator[Output]:
        fresh = np.flatnonzero(np.array(said.offsets, np.int64) > self._applied.get(said.source, -1))
        self.repeated += len(said.offsets) - len(fresh)
        if not len(fresh):
            return
        self._applied[said.source] = said.offsets[-1]
        these = named(said, fresh, self._subjects.names(said.authors, said.posts))
        news = self._board.add(columns(said, these))
        numbers = news.number.tolist()
        told = [(said.authors[these.place[number]], *these.names[number]) for number in numbers]
        latest = {name: number for number, name in enumerate(told)}
        for score in self._scores(latest, news.row[list(latest.values())], offset):
            yield from self._told(score)

    def _told(self, score: InfluenceScore) -> Iterator[Output]:
        """A score, and what of it others need on their own logs: endorse whom to trust, listen who is influential."""
        author, key = score.author_key, score.author_key.encode()
        name = "/".join((author, score.brand, score.topic) if score.topic else (author, score.brand))
        yield Output(INFLUENCE.name, self.partition, name.encode(), encode(score))
        if not score.brand:
            standing = Standing(author_key=author, at=score.at, trusted=score.trusted[0])
            yield Output(INTERACTIONS.name, self.partition, key, encode(standing))
        if not score.topic:
            voice = Voice(author_key=author, brand=score.brand, at=score.at, every=score.every, trusted=score.trusted)
            yield Output(POSTS.name, self.partition, key, encode(voice))

    def _scores(self, names: Iterable[tuple[str, str, str]], rows: Rows, offset: int) -> Iterator[InfluenceScore]:
        now = standings(rows, rows["touched"])
        told = (rows, rows["touched"].tolist(), now.lasting.tolist(), now.spreading.tolist(), now.h.tolist())
        sums = (map(tuple, rows["every"].tolist()), map(tuple, rows["trusted"].tolist()))
        for name, row, touched, day, quarter, h, every, trusted in zip(names, *told, *sums, strict=True):
            author, brand, topic = name
            yield InfluenceScore(
                author_key=author, brand=brand, topic=topic, at=touched * _SECOND_MS, lasting=day, spreading=quarter,
                h=h, every=every, trusted=trusted, reasons=tuple(_reasons(row)), partition=self.partition,
                offset=offset,
            )  # fmt: skip

    def flush(self) -> list[Output]:
        """Nothing waits: whoever rises is told about at once."""
        return []

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        authors, posts, words = int(self._board.authors.count[0]), self._subjects.count, self._subjects.words
        head = Head(self.next, authors, self._applied, self.repeated, posts, words)
        return Snapshot(Blocks({**self._board.snapshot(), **self._subjects.snapshot()}), msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._board.authors.dirty[:] = 1
        self._subjects.mark_all_dirty()

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self.repeated, self._applied = stored.next, stored.repeated, stored.applied
        self._board.restore(blocks, stored.authors)
        self._subjects.restore(blocks, stored.posts, stored.words)


def _decode(record: Input) -> Endorsements | Subjects | Malformed:
    said: Endorsements | Subjects | Malformed = _ENDORSEMENTS.decode(record.value)
    if isinstance(said, Malformed):
        subjects = _SUBJECTS.decode(record.value)
        said = said if isinstance(subjects, Malformed) else subjects
    return _UNEVEN if not isinstance(said, Malformed) and _uneven(said) else said


def _uneven(said: Endorsements | Subjects) -> bool:
    known = isinstance(said, Endorsements) and said.kinds
    names = [name for name in said.__struct_fields__ if name != "source" and (name != "kinds" or known)]
    return len({len(getattr(said, name)) for name in names}) > 1


def _reasons(row: Row) -> Iterator[Reason]:
    """The last endorsements that added something, the latest first."""
    for place in np.argsort(row["reason_at"], kind="stable")[::-1]:
        if row["reason_added"][place] > 0:
            yield Reason(
                actor=pseudonym(int(row["reason_actor"][place])),
                at=int(row["reason_at"][place]) * _SECOND_MS,
                added=float(row["reason_added"][place]),
                kind=_KINDS.get(int(row["reason_kind"][place]), ""),
            )
