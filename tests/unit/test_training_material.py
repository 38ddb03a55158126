"""The folder of public sets: what is learned from, what is held out, and what a mistake in it says."""

from pathlib import Path

import numpy as np
import pytest

from agents.training.material import everything_of, held_out, material
from agents.training.public_sets import SETS
from pipeline.text.model import heads

LABELS = {"complaints_en": ("0", "1"), "complaint_intensity_zh": ("-0.5", "0.75")}
EMOTIONS = ("angry", "happy", "neural", "surprise")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every set, each with a hundred posts of its own."""
    for one in SETS:
        labels = EMOTIONS if one.name.startswith("smp") else LABELS.get(one.name, ("neg", "pos"))
        rows = [f'"{one.name} says, {number}",{labels[number % len(labels)]}' for number in range(100)]
        tmp_path.joinpath(one.name).mkdir()
        tmp_path.joinpath(one.name, "train.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    return tmp_path


def test_no_post_is_learned_from_and_held_out(folder: Path):
    seen = material(folder, 3.0, clean=False)

    for name, lesson in seen.public.items():
        assert not set(lesson.texts) & set(seen.held_out[name].texts)
        assert 0 < len(seen.held_out[name].texts) < 30
        assert not any(map(held_out, lesson.texts))
    assert not set(seen.corpus.texts) & set(seen.held_out["corpus"].texts)
    assert [post.text for post in seen.labelled["corpus"]] == seen.held_out["corpus"].texts


def test_in_the_end_everything_is_learned_from_with_the_weights_of_its_set(folder: Path):
    seen = material(folder, 3.0, clean=False)
    whole = everything_of(seen)

    assert sorted(whole.corpus.texts) == sorted(seen.corpus.texts + seen.held_out["corpus"].texts)
    assert set(whole.corpus.weights) == {np.float32(3)}
    assert {len(lesson.texts) for name, lesson in whole.public.items() if not name.startswith("smp")} == {100}
    assert set(whole.public["complaints_en"].weights) == {np.float32(2)}


def test_clean_weights_do_without_the_sets_of_doubtful_terms(folder: Path):
    doubtful = {one.name for one in SETS if one.doubtful}

    assert doubtful
    assert set(material(folder, 3.0, clean=True).public) == {one.name for one in SETS} - doubtful


def test_emotions_without_a_sentiment_are_left_out(folder: Path):
    told = material(folder, 3.0, clean=False).public["smp2020_usual_zh"]

    assert set(np.unique(told.targets[:, heads.CUSTOMARY_SENTIMENT].argmax(1))) == {0, 1, 2}
    assert len(told.texts) < 80


def test_a_missing_set_and_a_wrong_label_are_named(folder: Path):
    folder.joinpath("complaint_intensity_zh", "train.csv").write_text("text,label\nwell,strong\n", encoding="utf-8")
    with pytest.raises(ValueError, match="strong"):
        material(folder, 3.0, clean=False)

    folder.joinpath("hotel_zh", "train.csv").unlink()
    with pytest.raises(FileNotFoundError, match="hotel_zh"):
        material(folder, 3.0, clean=False)
