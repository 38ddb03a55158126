"""How well complaints are found in trades of which no complaint was learned: one trade left out at a time."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from agents.training.progress import bar
from pipeline.text.evaluation import Report, auc, f1
from pipeline.text.training import ridge_learning
from pipeline.text.training.reading import read
from pipeline.text.training.ridge_learning import Question, evenly, some

ASKED = "complaints_en"  # the set whose posts say of which trade they are


def trades(folder: Path) -> dict[str, str]:
    """The trade of each post of the set, by text; none where its file has no column ``domain``."""
    with (folder / ASKED / "train.csv").open(encoding="utf-8", newline="") as lines:
        return {row["text"]: row["domain"] for row in csv.DictReader(lines) if row.get("domain")}


def unseen_trades(question: Question, trade_of: Mapping[str, str], bits: int) -> Report:
    """Complaints of every trade as found by the expert of n-grams that learned the ``question`` without that trade.

    Everything else of the model is left out: the network, which would take hours, and with it whatever teachers said.
    A complaint is what is likelier than not, both answers being of one weight.
    """
    of_post = np.array([trade_of.get(text, "") for text in question.texts])
    left_out = sorted(set(of_post.tolist()) - {""})
    seen, found = read(question.texts, bits), np.zeros(len(question.texts))
    with bar("trades unseen") as report:
        for number, trade in enumerate(left_out):
            learned = evenly(some(question, of_post != trade))
            answer = ridge_learning.learn(read(learned.texts, bits), learned, np.ones(1 << bits, np.bool_))
            found = np.where(of_post == trade, ridge_learning.scores(seen, answer), found)
            report(number + 1, len(left_out))
    asked = of_post != ""
    return _measured(question.truth[asked].astype(int).tolist(), found[asked].tolist())


def _measured(truth: list[int], found: list[float]) -> Report:
    told = [int(odds >= 0) for odds in found]
    measured: Report = {"n": len(truth), "complaint_macro_f1": sum(f1(truth, told, (0, 1)).values()) / 2}
    area = auc(truth, found)
    return measured if area is None else measured | {"complaint_auc": area}
