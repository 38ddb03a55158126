"""What understanding a post costs: posts a second on one core, and against the usual library in the same run."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import track
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from threadpoolctl import threadpool_limits

from pipeline.text.classifying import BATCH, Classifier
from pipeline.text.model.canonical import alphabet, pack
from pipeline.text.model.ngram_scoring import by_ngrams
from pipeline.text.model.reader import packaged
from pipeline.text.model.weights import load
from pipeline.text.safety import Safety
from pipeline.text.training.examples import corpus
from tests.bench.report import Measure
from tests.bench.spine import cpu

ROUNDS = 7


def measures() -> list[Measure]:
    """Our n-grams, and everything that ``tocsin classify`` says, against hashed n-grams and a linear model."""
    examples = corpus()
    texts = [example.text for example in examples]
    vectorizer = HashingVectorizer(analyzer="char", ngram_range=(1, 4))
    linear = SGDClassifier(random_state=1).fit(vectorizer.transform(texts), [one.sentiment for one in examples])
    weights, letters, classifier = load("full"), alphabet(), Classifier(packaged("full"), Safety())
    works: dict[str, Callable[[Sequence[str]], object]] = {
        "sklearn": lambda batch: linear.predict(vectorizer.transform(batch)),
        "ngrams": lambda batch: by_ngrams(pack(batch), letters, weights),
        "everything": lambda batch: list(classifier.each(batch)),
    }
    spent: dict[str, list[float]] = {name: [] for name in works}
    with threadpool_limits(1):
        for _ in track(range(ROUNDS), "text", console=Console(stderr=True)):
            for name, work in works.items():
                spent[name].append(cpu(lambda work=work: [work(batch) for batch in batches(texts)]))
    return figures(spent, len(texts))


def batches(texts: Sequence[str]) -> list[Sequence[str]]:
    """The texts as a stage gets them."""
    return [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]


def figures(spent: dict[str, list[float]], count: int) -> list[Measure]:
    """Seconds per round as what they mean."""
    base = spent["sklearn"]
    ratios = {name: [usual / own for usual, own in zip(base, runs, strict=True)] for name, runs in spent.items()}
    return [
        Measure("text_against_sklearn", "x", ratios["ngrams"]),
        Measure("text_everything_against_sklearn", "x", ratios["everything"]),
        Measure("text_posts_per_second_one_core", "posts/s", [count / seconds for seconds in spent["everything"]]),
    ]
