"""Learn the network over tokens: a convolution of four widths, their strongest answers, one hidden layer (Kim 2014)."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from pipeline.text.model import heads
from pipeline.text.model.network_scoring import HEAD, TAIL
from pipeline.text.model.weights import FILTERS, HIDDEN, KNOWN_FROM, UNKNOWN, UNKNOWN_FROM, WIDTHS
from pipeline.text.training.batching import batches
from pipeline.text.training.reading import Read
from pipeline.text.training.targets import Lesson

EMPTY = 1  # the id of a text without tokens
_TOKENS_DROPPED, _UNITS_DROPPED = 0.12, 0.3  # shares, each time a text is read
_GROUPS = (heads.SENTIMENT, heads.CATEGORY, heads.SEVERITY, heads.INTENT, heads.CUSTOMARY_SENTIMENT)
_YES_OR_NO = (heads.COMPLAINT, heads.CUSTOMARY_COMPLAINT, heads.GATE)

Floats = NDArray[np.float32]
Report = Callable[[int, int], None]  # told of steps done and steps in all


class Habits(NamedTuple):
    """How large the network is beyond its fixed sizes, and how it learns; chosen on the held-out fifth."""

    known: int = 20_000  # tokens with an id of their own
    least: int = 3  # texts that a known token occurs in
    dimensions: int = 96
    epochs: int = 5
    batch: int = 256
    rate: float = 2e-3


class Network(torch.nn.Module):
    """Embeddings, convolutions, hidden layer, heads."""

    def __init__(self, habits: Habits) -> None:
        super().__init__()
        size = habits.dimensions
        self.embeddings = torch.nn.Embedding(KNOWN_FROM + habits.known, size, padding_idx=0, sparse=True)
        self.filters = torch.nn.Parameter(torch.cat([_uniform(width, size, FILTERS, width) for width in WIDTHS]))
        self.filter_bias = torch.nn.Parameter(torch.zeros(len(WIDTHS) * FILTERS))
        self.hidden = torch.nn.Linear(len(WIDTHS) * FILTERS + size, HIDDEN)
        self.heads = torch.nn.Linear(HIDDEN, heads.JOINT)
        torch.nn.init.normal_(self.embeddings.weight, 0, 0.1)
        with torch.no_grad():
            self.embeddings.weight[0] = 0

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Scores [N, K] of token ids [N, L], 0 after the end of a text."""
        there = (ids > 0).float()
        seen = there * (torch.rand(ids.shape) > _TOKENS_DROPPED).float() if self.training else there
        vectors = self.embeddings(ids) * seen[..., None]
        answers = torch.relu(self._strongest(vectors, there) + self.filter_bias)
        mean = vectors.sum(1) / (seen.sum(1, keepdim=True) + 1).sqrt()
        pooled = functional.dropout(torch.cat([answers, mean], 1), _UNITS_DROPPED, self.training)
        return self.heads(functional.dropout(torch.relu(self.hidden(pooled)), _UNITS_DROPPED, self.training))

    def _strongest(self, vectors: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """The strongest answer of each filter, [N, 4 * F]: one product for all, a quarter of the time of four."""
        length, wall = vectors.shape[1], (there[..., None] - 1) * 1e4
        product = functional.pad(vectors @ self.filters.permute(1, 0, 2).flatten(1), (0, 0, 0, max(WIDTHS) - 1))
        parts, strongest = iter(product.split(FILTERS, 2)), []
        for width in WIDTHS:
            answers = wall
            for place in range(width):
                answers = answers + next(parts)[:, place : place + length]
            strongest.append(answers.amax(1))
        return torch.cat(strongest, 1)


def _uniform(places: int, inputs: int, outputs: int, width: int) -> torch.Tensor:
    return (torch.rand(places, inputs, outputs) * 2 - 1) / (inputs * width) ** 0.5


def vocabulary(seen: Read, habits: Habits) -> NDArray[np.uint64]:
    """The hashes of the tokens that most texts hold; the position of one, after those that are shared, is its id."""
    counts: Counter[int] = Counter()
    for begin, end in zip(seen.token_bounds[:-1], seen.token_bounds[1:], strict=True):
        counts.update(set(seen.tokens[begin:end].tolist()))
    frequent = [token for token, count in counts.most_common(habits.known) if count >= habits.least]
    return np.array(frequent, np.uint64)


def numbered(seen: Read, known: NDArray[np.uint64]) -> list[list[int]]:
    """The token ids of every text, as ``network_scoring.read_ids`` finds them."""
    ids = {token: KNOWN_FROM + number for number, token in enumerate(known.tolist())}
    texts = []
    for begin, end in zip(seen.token_bounds[:-1], seen.token_bounds[1:], strict=True):
        found = seen.tokens[begin:end].tolist()
        kept = found if len(found) <= HEAD + TAIL else found[:HEAD] + found[-TAIL:]
        texts.append([ids.get(token) or UNKNOWN_FROM + (token >> 40) % UNKNOWN for token in kept] or [EMPTY])
    return texts


def learn(texts: list[list[int]], lesson: Lesson, habits: Habits, seed: int, report: Report) -> Network:
    """A network that answers the lesson; the same for the same seed and number of threads."""
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), Network(habits)
    targets, counted, weights = (torch.from_numpy(part) for part in lesson[1:])
    steps = habits.epochs * -(-len(texts) // habits.batch)
    dense = [value for name, value in network.named_parameters() if name != "embeddings.weight"]
    optimisers = [
        torch.optim.Adam(dense, lr=habits.rate), torch.optim.SparseAdam([network.embeddings.weight], lr=habits.rate)
    ]  # fmt: skip
    schedules = [torch.optim.lr_scheduler.LambdaLR(one, lambda step: max(0.03, 1 - step / steps)) for one in optimisers]
    network.train()
    for done in range(habits.epochs):
        for number, (chosen, ids) in enumerate(batches(texts, habits.batch, rng)):
            lost = loss(network(ids), targets[chosen], counted[chosen], weights[chosen])
            network.zero_grad()
            lost.backward()
            for each in (*optimisers, *schedules):
                each.step()
            report(done * steps // habits.epochs + number + 1, steps)
    return network.eval()


def answers(network: Network, texts: list[list[int]]) -> Floats:
    """Scores of texts, [N, K]."""
    out = np.empty((len(texts), heads.JOINT), np.float32)
    with torch.no_grad():
        for chosen, ids in batches(texts, 512):
            out[chosen] = network(ids).numpy()
    return out


def loss(scores: torch.Tensor, targets: torch.Tensor, counted: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """How wrong the scores are, over all heads that the texts say something about."""
    total = torch.zeros(())
    for group in _GROUPS:
        asked = counted[:, group].amax(1)
        ruled_out = torch.where((counted[:, group] > 0) | (asked[:, None] == 0), 0.0, -1e4)
        likely = functional.log_softmax(scores[:, group] + ruled_out, 1)
        total = total - ((targets[:, group] * likely).sum(1) * asked * weights).mean()
    for head in _YES_OR_NO:
        wrong = functional.binary_cross_entropy_with_logits(scores[:, head], targets[:, head], reduction="none")
        total = total + (wrong * counted[:, head] * weights).mean()
    off = (scores[:, heads.INTENSITY] - targets[:, heads.INTENSITY]) ** 2
    return total + 2 * (off * counted[:, heads.INTENSITY] * weights).mean()
