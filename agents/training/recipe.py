"""Everything about the making of weights that was chosen by looking at held-out posts."""

from typing import NamedTuple

from agents.training import teachers
from pipeline.text.training import network_learning, ngram_learning


class Recipe(NamedTuple):
    """The same recipe, folder and versions of the libraries make the same weights."""

    corpus_weight: float = 3.0  # of one of our posts against one of a public set
    trust: float = 0.4  # in a teacher against a label of ours
    opinion: float = 0.5  # what a teacher's word counts where there is no label
    labelled_by_teacher: int = 24_000  # posts of public sets, of each language
    repeats: int = 4  # times that the network reads a post of ours for each time that it reads a public one
    public_at_most: int = 200_000  # public posts that the network learns from, those with a teacher's opinion first
    ngrams: ngram_learning.Habits = ngram_learning.Habits()
    network: network_learning.Habits = network_learning.Habits()
    teacher: teachers.Habits = teachers.Habits()
    seed: int = 1
    threads: int = 2  # the sums of floating-point numbers depend on it
