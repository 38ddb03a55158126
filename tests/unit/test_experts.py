"""Experts learn from the posts that know, at the weight that is theirs, and leave what all learned together alone."""

import numpy as np

from agents.training.experts import complaints, specialised, takeaways
from pipeline.text.model import heads
from pipeline.text.training.ngram_learning import Habits, answers, learn
from pipeline.text.training.reading import read
from pipeline.text.training.targets import Told, of_corpus, of_public, together
from tests.builders import example

FOOD = ["外卖送得快,很好吃", "外卖送得太慢,不好吃", "送餐快,好吃", "送餐慢,难吃,不好吃"]
ROOMS = ["房间干净,位置好", "房间很脏,位置差", "酒店干净,早餐好", "酒店脏,早餐差"]
BITS = 14

PUBLIC = {
    "waimai_zh": of_public([Told(text, "neg" if number % 2 else "pos") for number, text in enumerate(FOOD)], 1.0),
    "hotel_zh": of_public([Told(text, "neg" if number % 2 else "pos") for number, text in enumerate(ROOMS)], 1.0),
    "airline_en": of_public([Told("flight late again", "neg"), Told("thanks, great crew", "pos")], 1.0),
    "complaints_en": of_public([Told("my order never came", complaint=True), Told("nice day", complaint=False)], 2.0),
    "tweeteval_sentiment_en": of_public([Told("what a bad film", "neg"), Told("what a good film", "pos")], 1.0),
}
CORPUS = of_corpus([
    example(text="they lost my parcel, again", complaint=1, sentiment="neg"),
    example(text="他们又弄丢了我的包裹", complaint=1, sentiment="neg"), example(text="天气真好", complaint=0),
    example(text="the weather is nice", complaint=0),
], 3.0)  # fmt: skip


def test_what_counts_as_a_complaint_is_asked_of_those_who_know():
    english, chinese = complaints(CORPUS, PUBLIC)
    told = dict(zip(english.texts, english.truth, strict=True))

    assert told == {
        "my order never came": 1, "nice day": 0, "flight late again": 1, "thanks, great crew": 0,
        "they lost my parcel, again": 1, "the weather is nice": 0,
    }  # fmt: skip
    weights = dict(zip(english.texts, english.weights, strict=True))
    assert weights["my order never came"] > 5 * weights["flight late again"] > 0
    assert set(chinese.texts) == {*FOOD, *ROOMS, "他们又弄丢了我的包裹", "天气真好"}
    assert chinese.truth[chinese.texts.index(FOOD[1])] == 1


def test_reviews_of_delivered_food_are_told_from_other_chinese_posts():
    asked = takeaways(PUBLIC)

    assert {text for text, truth in zip(asked.texts, asked.truth, strict=True) if truth} == set(FOOD)
    assert set(asked.texts) == {*FOOD, *ROOMS}
    assert asked.weights.sum() == len(FOOD) + len(ROOMS)


def test_takeaways_are_known_and_opinions_of_them_read():
    lesson = together([CORPUS, *PUBLIC.values()])
    learned = learn(read(lesson.texts, BITS), lesson, Habits(bits=BITS, least=1, kept=5_000), seed=1)
    made = specialised(learned, CORPUS, PUBLIC)
    told = answers(read([*FOOD, *ROOMS], BITS), made)

    assert ((told[:, heads.TAKEAWAY] > 0) == (np.arange(8) < 4)).all()
    assert (told[:4, heads.TAKEAWAY_OPINION] > 0).tolist() == [True, False, True, False]
    kept = [head for head in range(heads.JOINT) if head not in heads.EXPERTS]
    assert np.array_equal(made.rows[:, kept], learned.rows[:, kept])
    assert np.array_equal(made.rows.any(1), learned.rows.any(1))
    assert np.array_equal(made.bias[kept], learned.bias[kept])
