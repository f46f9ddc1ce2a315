"""The training loop: epochs over documents that are changed and repeated anew each time."""

# ruff: noqa: S311 - draws from a fixed seed

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.augment import augmented
from training.document import Document, Labelled, sequences
from training.names import Names
from training.network import Net, Vocabulary, batches, hidden
from training.synthesis import Synthesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Every number that training depends on."""

    seed: int = 20261124
    buckets: int = 1 << 17
    depth: int = 64
    width: int = 64
    dilation: tuple[int, int] = (1, 2)
    dropout: float = 0.25
    epochs: int = 7
    batch: int = 3000
    rate: float = 3e-3
    memory: float = 0.998
    """Of the running mean of the weights, which is what is kept at the end."""
    synthetic: int = 12000
    """Synthetic documents an epoch."""


def epoch_of(
    documents: Sequence[Document], weights: Mapping[str, float], recipe: Recipe, names: Names, epoch: int
) -> list[Labelled]:
    """Draw one epoch's sequences: each document as often as its source weighs, changed; and synthetic ones."""
    draw = random.Random(recipe.seed * 1000 + epoch)
    made = Synthesis(names, recipe.seed * 1000 + epoch)
    found: list[Labelled] = []
    for document in documents:
        weight = weights.get(document.source, 1.0)
        for _ in range(int(weight) + (draw.random() < weight % 1)):
            found.extend(sequences(augmented(document, draw, made)))
    for _ in range(recipe.synthetic):
        found.extend(sequences(augmented(made.document(), draw, made)))
    return found


def fit(
    documents: Sequence[Document],
    weights: Mapping[str, float],
    recipe: Recipe,
    names: Names,
    after: Callable[[int, Net, Vocabulary], None] | None = None,
) -> tuple[Net, Vocabulary]:
    """Train. The same documents, words, recipe and one thread give the same numbers on the same machine."""
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(mode=True)
    chance = np.random.default_rng(recipe.seed)
    vocabulary = Vocabulary(dict(names.flags), recipe.buckets)
    net = Net(recipe.buckets, recipe.depth, recipe.width, recipe.dilation, recipe.dropout)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(recipe.memory))
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.01, fused=True)
    schedule = None
    for epoch in range(recipe.epochs):
        data = epoch_of(documents, weights, recipe, names, epoch)
        if schedule is None:
            steps = recipe.epochs * (sum(len(s.words) for s in data) // recipe.batch + 20)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=int(steps * 1.1))
        net.train()
        total, count = 0.0, 0
        for batch in batches(data, vocabulary, recipe.batch, random.Random(recipe.seed + epoch)):
            scores = net(hidden(batch.types, recipe.buckets, chance), batch.places, batch.mask)
            loss = functional.cross_entropy(
                scores.flatten(0, 1), batch.labels.flatten(), ignore_index=-100, label_smoothing=0.02
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(net)
            total, count = total + float(loss.detach()), count + 1
        print(
            f"epoch {epoch}: {sum(len(s.words) for s in data)} tokens, loss {total / count:.4f}",
            file=sys.stderr,
            flush=True,
        )
        if after is not None:
            net.eval()
            after(epoch, net, vocabulary)
    net.load_state_dict(mean.module.state_dict())
    net.eval()
    return net, vocabulary
