"""The influence stage: endorsements of the authors of one partition become scores, and standings of those authors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.dead_letters import dead_letter
from pipeline.influence.accounts import Row, Rows
from pipeline.influence.identity import account_ids, author_in_brand, pseudonym
from pipeline.influence.scoring import Endorsements as Columns
from pipeline.influence.scoring import Scoreboard, standings
from pipeline.stage import Blocks, Input, Output, Snapshot
from schemas.codec import Decoder, Malformed, encode
from schemas.endorsement import Endorsements, InfluenceScore, Reason, Standing
from schemas.topics import ENDORSEMENTS, INFLUENCE, INTERACTIONS

_SECOND_MS = 1_000
_UNEVEN = Malformed("wrong_type", "columns of different lengths")

_ENDORSEMENTS: Decoder[Endorsements] = Decoder(Endorsements)


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    next: int
    authors: int
    applied: dict[int, int]
    repeated: int


class _Named(NamedTuple):
    """Which endorsements of a block are added: their places, and whether to the author's sums in a brand."""

    place: NDArray[np.intp]
    branded: NDArray[np.bool_]


class Influence:
    """State of one endorsements partition: a pure function of that log.

    Whatever was applied before, by source partition and offset, is skipped: endorse says it again after a crash.
    """

    def __init__(self, partition: int) -> None:
        self.partition, self.next, self.repeated = partition, 0, 0
        self._board = Scoreboard()
        self._applied: dict[int, int] = {}  # source partition -> offset of its last interaction

    def apply(self, records: Sequence[Input]) -> list[Output]:
        """Fold records in. One that tells of an author twice speaks of the later."""
        outputs: list[Output] = []
        for record in records:
            self.next = record.offset + 1
            said = _ENDORSEMENTS.decode(record.value)
            if not isinstance(said, Malformed) and _uneven(said):
                said = _UNEVEN
            if isinstance(said, Malformed):
                outputs.append(dead_letter(ENDORSEMENTS.name, self.partition, record, said))
            else:
                outputs += self._add(said, record.offset)
        return outputs

    def _add(self, said: Endorsements, offset: int) -> Iterator[Output]:
        fresh = np.flatnonzero(np.array(said.offsets, np.int64) > self._applied.get(said.source, -1))
        self.repeated += len(said.offsets) - len(fresh)
        if not len(fresh):
            return
        self._applied[said.source] = said.offsets[-1]
        named = _named(said.brands, fresh)
        news = self._board.add(_columns(said, named))
        places, branded = named.place[news.number].tolist(), named.branded[news.number].tolist()
        names = [
            (said.authors[place], said.brands[place] if in_brand else "")
            for place, in_brand in zip(places, branded, strict=True)
        ]
        latest = {name: number for number, name in enumerate(names)}
        scores = self._scores(latest, news.row[list(latest.values())], offset)
        for (author, brand), score in zip(latest, scores, strict=True):
            yield Output(INFLUENCE.name, self.partition, f"{author}/{brand}".encode(), encode(score))
            if not brand:
                standing = Standing(author_key=author, at=score.at, trusted=score.trusted[0])
                yield Output(INTERACTIONS.name, self.partition, author.encode(), encode(standing))

    def _scores(self, names: Iterable[tuple[str, str]], rows: Rows, offset: int) -> Iterator[InfluenceScore]:
        now = standings(rows, rows["touched"])
        columns = (rows, rows["touched"].tolist(), now.lasting.tolist(), now.spreading.tolist(), now.h.tolist())
        sums = (map(tuple, rows["every"].tolist()), map(tuple, rows["trusted"].tolist()))
        for (author, brand), row, touched, day, quarter, h, every, trusted in zip(names, *columns, *sums, strict=True):
            yield InfluenceScore(
                author_key=author, brand=brand, at=touched * _SECOND_MS, lasting=day, spreading=quarter, h=h,
                every=every, trusted=trusted, reasons=tuple(_reasons(row)), partition=self.partition, offset=offset,
            )  # fmt: skip

    def flush(self) -> list[Output]:
        """Nothing waits: whoever rises is told about at once."""
        return []

    def snapshot(self) -> Snapshot:
        """Dirty blocks and the head."""
        head = Head(self.next, int(self._board.authors.count[0]), self._applied, self.repeated)
        return Snapshot(Blocks(self._board.snapshot()), msgspec.json.encode(head))

    def mark_all_dirty(self) -> None:
        """Let the next snapshot hold every block."""
        self._board.authors.dirty[:] = 1

    def restore(self, blocks: Mapping[str, bytes], head: bytes) -> None:
        """Become the state of a checkpoint."""
        stored = msgspec.json.decode(head, type=Head)
        self.next, self.repeated, self._applied = stored.next, stored.repeated, stored.applied
        self._board.restore(blocks, stored.authors)


def _uneven(said: Endorsements) -> bool:
    columns = (
        said.at, said.actors, said.authors, said.brands, said.posts, said.gaps, said.weights, said.trusts,
    )  # fmt: skip
    return any(len(column) != len(said.offsets) for column in columns)


def _named(brands: Sequence[str], places: NDArray[np.intp]) -> _Named:
    """Those at the places, by turns with and without brand: how blocks were cut does not show in the rows."""
    in_brand = np.array([bool(brand) for brand in brands], np.int64)[places]
    branded = np.zeros(len(places) + int(in_brand.sum()), np.bool_)
    branded[(np.cumsum(1 + in_brand) - 1)[in_brand > 0]] = True
    return _Named(np.repeat(places, 1 + in_brand), branded)


def _columns(said: Endorsements, named: _Named) -> Columns:
    """The endorsements named, of an author or of an author in a brand."""
    places = named.place
    targets = account_ids(said.authors)[places]
    for number in np.flatnonzero(named.branded).tolist():
        targets[number] = author_in_brand(said.authors[places[number]], said.brands[places[number]])
    return Columns(
        np.array(said.actors, np.uint64)[places], targets, np.array(said.at, np.uint32)[places],
        np.array(said.posts, np.uint16)[places], np.array(said.gaps, np.uint32)[places],
        np.array(said.weights, np.float32)[places], np.array(said.trusts, np.float32)[places],
    )  # fmt: skip


def _reasons(row: Row) -> Iterator[Reason]:
    """The last endorsements that added something, the latest first."""
    for place in np.argsort(row["reason_at"], kind="stable")[::-1]:
        if row["reason_added"][place] > 0:
            yield Reason(
                actor=pseudonym(int(row["reason_actor"][place])),
                at=int(row["reason_at"][place]) * _SECOND_MS,
                added=float(row["reason_added"][place]),
            )
