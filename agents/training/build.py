"""Make the arrays of a weights file: n-grams, network, calibration on held-out posts, packing."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agents.training.experts import specialised, takeaways
from agents.training.material import Material, everything_of
from agents.training.progress import bar
from agents.training.recipe import Recipe
from pipeline.text.model import heads
from pipeline.text.model.canonical import alphabet, pack
from pipeline.text.model.network_scoring import by_network
from pipeline.text.model.ngram_scoring import by_ngrams
from pipeline.text.model.weights import unpacked
from pipeline.text.training import network_learning, ngram_learning, packing
from pipeline.text.training.calibrating import calibration, evened_platt
from pipeline.text.training.distilling import with_opinions
from pipeline.text.training.reading import read
from pipeline.text.training.ridge_learning import Question
from pipeline.text.training.targets import Lesson, chosen, together

Floats = NDArray[np.float32]


class Lessons(NamedTuple):
    """What each half of the model learns from, opinions included."""

    ngrams: Lesson
    network: Lesson


def lessons(seen: Material, believed: dict[str, Floats], recipe: Recipe) -> Lessons:
    """Both lessons. The network needs to read a post more often than n-grams do, and forgets less of public ones."""
    ours = with_opinions(seen.corpus, believed, recipe.trust, recipe.opinion)
    theirs = together(with_opinions(lesson, believed, 0.0, recipe.opinion) for lesson in seen.public.values())
    order = np.random.default_rng(recipe.seed).permutation(len(theirs.texts))
    heard = np.array([text in believed for text in theirs.texts])
    first = order[np.argsort(~heard[order], kind="stable")][: recipe.public_at_most]
    often = ours._replace(weights=ours.weights * np.float32(0.5))
    return Lessons(together([ours, theirs]), together([*[often] * recipe.repeats, chosen(theirs, first)]))


class Built(NamedTuple):
    """Arrays of weights files: those that are measured, and those that are used."""

    measured: packing.Arrays
    final: packing.Arrays  # its n-grams learned from the held-out posts, too, once these had calibrated and measured


def built(seen: Material, believed: dict[str, Floats], recipe: Recipe) -> Built:
    """The arrays of a weights file. About half an hour on two cores."""
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(mode=True)
    lesson = lessons(seen, believed, recipe)
    rows = specialised(_ngrams("n-grams learn", lesson.ngrams, recipe), seen.corpus, seen.public)
    features = read(lesson.network.texts, recipe.ngrams.bits)
    known = network_learning.vocabulary(features, recipe.network)
    texts = network_learning.numbered(features, known)
    with bar("network learns") as report:
        network = network_learning.learn(texts, lesson.network, recipe.network, recipe.seed, report)
    arrays = packing.packed(rows, network, known)
    measured = calibrated(arrays, together(seen.held_out.values()), takeaways(seen.held_out))
    whole = everything_of(seen)
    final = _ngrams("n-grams learn from all", lessons(whole, believed, recipe).ngrams, recipe)
    return Built(measured, measured | packing.rows(specialised(final, whole.corpus, whole.public)))


def _ngrams(words: str, lesson: Lesson, recipe: Recipe) -> ngram_learning.Learned:
    with bar(words) as report:
        report(0, 1)
        rows = ngram_learning.learn(read(lesson.texts, recipe.ngrams.bits), lesson, recipe.ngrams, recipe.seed)
        report(1, 1)
    return rows


def calibrated(arrays: packing.Arrays, held: Lesson, food: Question) -> packing.Arrays:
    """The arrays, calibrated by what these very 8 bits say about held-out posts, and which of them are on takeaways."""
    weights, letters, batch = unpacked(arrays), alphabet(), pack(held.texts)
    made = calibration(by_ngrams(batch, letters, weights), by_network(batch, letters, weights), held)
    found = by_ngrams(pack(food.texts), letters, weights)[:, [heads.TAKEAWAY]]
    fit = evened_platt(found.astype(np.float64), food.truth[:, None])
    made.slope[heads.TAKEAWAY], made.offset[heads.TAKEAWAY] = fit.slope, fit.offset
    return arrays | made._asdict()
