"""Complaints of trades never seen: each trade is judged by what the others teach."""

from pathlib import Path

import numpy as np

from agents.training.strangers import trades, unseen_trades
from pipeline.text.training.ridge_learning import Question

BITS = 14
COMPLAINTS = ("the {} never came, I want a refund", "my {} broke, I want my money back", "the {} is broken, refund")
OTHERS = ("I love the {}, thanks", "is there a {} in blue, please", "thanks for the {}, lovely day")
THINGS = {"shoes": "shoe", "phones": "phone", "buses": "bus"}


def question() -> tuple[Question, dict[str, str]]:
    texts, truth, trade_of = [], [], {}
    for trade, thing in THINGS.items():
        for complaint, forms in ((1, COMPLAINTS), (0, OTHERS)):
            for form in forms:
                texts.append(form.format(thing))
                truth.append(complaint)
                trade_of[texts[-1]] = trade
    extra = "words of no trade, which are learned from and not judged"
    return Question([*texts, extra], np.array([*truth, 0], np.float32), np.ones(len(texts) + 1, np.float32)), trade_of


def test_words_that_trades_share_are_found_in_the_one_that_is_left_out():
    asked, trade_of = question()
    report = unseen_trades(asked, trade_of, BITS)

    assert report == {"n": 18, "complaint_macro_f1": 1.0, "complaint_auc": 1.0}


def test_a_trade_does_not_teach_what_it_is_judged_by():
    own = {"shoes": ("sole came off", "suede in blue"), "phones": ("screen went dark", "charger for mine")}
    texts = [f"{words} {number}" for pair in own.values() for words in pair for number in range(3)]
    asked = Question(texts, np.repeat([1, 0, 1, 0], 3).astype(np.float32), np.ones(12, np.float32))
    trade_of = {text: "shoes" if number < 6 else "phones" for number, text in enumerate(texts)}

    assert unseen_trades(asked, trade_of, BITS)["complaint_macro_f1"] < 0.8


def test_the_trade_of_a_post_is_the_domain_of_its_row(tmp_path: Path):
    folder = tmp_path / "complaints_en"
    folder.mkdir()
    folder.joinpath("train.csv").write_text('text,label,domain\n"late, again",1,transport\nhi,0,\n', encoding="utf-8")

    assert trades(tmp_path) == {"late, again": "transport"}
    folder.joinpath("train.csv").write_text("text,label\nhello,0\n", encoding="utf-8")
    assert trades(tmp_path) == {}
