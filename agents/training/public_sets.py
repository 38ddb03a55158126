"""The public labelled sets that a data folder may hold: what their labels mean, and under which terms they are."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pipeline.text.training.targets import Told
from schemas.vocabulary import Sentiment

_LONGEST_FIELD = 1 << 24
_EMOTIONS: Mapping[str, Sentiment] = MappingProxyType(
    {"angry": "neg", "fear": "neg", "sad": "neg", "happy": "pos", "neural": "neu", "neutral": "neu"}
)
Teller = Callable[[Mapping[str, str]], Told | None]  # a row of the file -> what it says; None: not of use


class PublicSet(NamedTuple):
    """One set: ``<name>/train.csv`` below the data folder, with the columns text and label."""

    name: str
    tell: Teller
    terms: str  # of use, in words, for the NOTICE
    doubtful: bool  # whether the terms may forbid commercial use: then ``clean`` weights do without it
    weight: float = 1.0
    blame: float = 0.0  # how much a negative post counts as a complaint, any other as none
    takeaway: bool = False  # whether its posts are reviews of delivered food


def _sentiment(row: Mapping[str, str]) -> Told | None:
    label = row["label"]
    return Told(row["text"], sentiment=label) if label in {"neg", "neu", "pos"} else None  # type: ignore[arg-type]


def _emotion(row: Mapping[str, str]) -> Told | None:
    label = _EMOTIONS.get(row["label"])
    return Told(row["text"], sentiment=label) if label else None


def _complaint(row: Mapping[str, str]) -> Told:
    return Told(row["text"], complaint=row["label"] == "1")


def _intensity(row: Mapping[str, str]) -> Told:
    return Told(row["text"], intensity=float(row["label"]))


_NONE = "no licence stated"
SETS: tuple[PublicSet, ...] = (
    PublicSet("airline_en", _sentiment, "CC BY-NC-SA at its origin", doubtful=True, blame=0.1),
    PublicSet(
        "tweeteval_sentiment_en", _sentiment, "without restrictions, texts under the terms of Twitter", doubtful=False
    ),
    PublicSet("hotel_zh", _sentiment, _NONE, doubtful=False, blame=0.05),
    PublicSet("waimai_zh", _sentiment, _NONE, doubtful=False, blame=0.05, takeaway=True),
    PublicSet("shopping10_zh", _sentiment, _NONE, doubtful=False, blame=0.05),
    PublicSet("chnsenticorp_zh", _sentiment, _NONE, doubtful=False, blame=0.05),
    PublicSet("weibo_senti_sample_zh", _sentiment, _NONE, doubtful=False),
    PublicSet("nlpcc2014_zh", _sentiment, "data of a shared task", doubtful=False, blame=0.05),
    PublicSet("smp2020_usual_zh", _emotion, "data of a shared task", doubtful=True),
    PublicSet("smp2020_virus_zh", _emotion, "data of a shared task", doubtful=True),
    PublicSet("car_aspect_zh", _sentiment, "data of a contest", doubtful=True),
    PublicSet("complaints_en", _complaint, _NONE, doubtful=False, weight=2.0),
    PublicSet("complaint_intensity_zh", _intensity, _NONE, doubtful=False),
)


def told(folder: Path, one: PublicSet) -> list[Told]:
    """What the set says.

    Raises:
        FileNotFoundError: it is not in the folder.
        ValueError: a label is not what it should be.
    """
    return list(_told(folder / one.name / "train.csv", one.tell))


def _told(path: Path, tell: Teller) -> Iterator[Told]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            said = tell(row)
            if said is not None and said.text.strip():
                yield said
