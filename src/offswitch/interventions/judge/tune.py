"""Fine-tuning the network on examples, their variations and composed mails, by a recipe that is fixed beforehand.

Variations borrow from the examples given only: the network sees no word of what it is measured on. Needs the extra `judge`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from offswitch.interventions.judge.augment import Chances, Varied
from offswitch.interventions.judge.fit import parts
from offswitch.interventions.judge.net import build
from offswitch.interventions.judge.school import School
from offswitch.interventions.judge.texts import Example
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.embedded.render import together
from offswitch.verdicts.judges.embedded.score import NEITHER
from offswitch.verdicts.judges.embedded.tokens import Cutter, Window

NEAR = 12  # batches' worth of texts among which those of like length stand together


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the network is fine-tuned. `varied`: the share of cases that an epoch shows as a variation; `parts`: the chance that it
    shows what reached the target, and what did not, by themselves as well; `composed`: composed mails an epoch.
    """

    epochs: int = 4
    batch: int = 32
    rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.1
    decay: float = 0.01
    dropout: float = 0.1
    smoothing: float = 0.05
    varied: float = 0.4
    parts: float = 0.5
    composed: int = 300
    seed: int = 1
    threads: int = 2
    chances: Chances = field(default_factory=Chances)


Learnt = tuple[Window, int]


def tune(examples: Sequence[Example], tuning: Tuning, base: Path, say: Callable[[str], None] = print) -> Any:
    """Return the network fine-tuned on examples in English (`folds.split`)."""
    import torch

    torch.manual_seed(tuning.seed)
    torch.set_num_threads(tuning.threads)
    lessons, rng = _Lessons(examples, tuning, Cutter(base / "tokenizer.json")), random.Random(tuning.seed)
    known = np.array([w.facts for w, _ in lessons.plain()])
    net = build(base, tuning.dropout, known.mean(axis=0), known.std(axis=0) + 1e-6)
    learn = _learner(net, tuning, lessons.steps, _weights(examples))
    for epoch in range(tuning.epochs):
        losses = [learn(batch) for batch in _batches(lessons.epoch(epoch, rng), tuning.batch, rng)]
        say(f"epoch {epoch + 1} of {tuning.epochs}: mean loss {np.mean(losses):.3f}")
    return net.eval()


class _Lessons:
    """What each epoch shows of the examples."""

    def __init__(self, examples: Sequence[Example], tuning: Tuning, cutter: Cutter) -> None:
        self._examples, self._tuning, self._cutter = examples, tuning, cutter
        self._varied = Varied(examples, tuning.chances, random.Random(tuning.seed))
        self._parts = list(parts(examples))
        self._composed = School(tuning.seed).examples(tuning.composed * tuning.epochs)

    @property
    def steps(self) -> int:
        """About how many batches all epochs come to."""
        each = len(self._examples) + round(self._tuning.parts * len(self._parts)) + self._tuning.composed
        return self._tuning.epochs * -(-each // self._tuning.batch)

    def plain(self) -> list[Learnt]:
        """Return the examples as they are."""
        return list(self._learnt(self._examples))

    def epoch(self, number: int, rng: random.Random) -> list[Learnt]:
        """Return what one epoch shows."""
        t = self._tuning
        drawn = [self._varied.draw(e) if rng.random() < t.varied else e for e in self._examples]
        drawn += [e for e in self._parts if rng.random() < t.parts]
        return list(self._learnt([*drawn, *self._composed[number * t.composed : (number + 1) * t.composed]]))

    def _learnt(self, examples: Sequence[Example]) -> Iterator[Learnt]:
        for e in examples:
            windows = self._cutter.cut(together(e.case))
            # of an act in several windows nobody knows which holds it
            if len(windows) == 1 or e.label == NEITHER:
                yield windows[0], e.label


def _batches(learnt: list[Learnt], size: int, rng: random.Random) -> Iterator[Sequence[Learnt]]:
    """Yield batches in random order, texts of like length together: padding is work for nothing."""
    rng.shuffle(learnt)
    batches = []
    for at in range(0, len(learnt), NEAR * size):
        some = sorted(learnt[at : at + NEAR * size], key=lambda one: len(one[0].ids))
        batches += [some[b : b + size] for b in range(0, len(some), size)]
    rng.shuffle(batches)
    yield from batches


def _learner(net: Any, tuning: Tuning, steps: int, weights: Sequence[float]) -> Callable[[Sequence[Learnt]], float]:
    """Return a function that takes one step on a batch and returns its loss."""
    import torch

    head = list(net.head.parameters())
    net.words.weight.requires_grad_(requires_grad=False)  # half of all weights; few of its words stand in any batch
    body = [p for name, p in net.named_parameters() if p.requires_grad and not name.startswith("head.")]
    groups = [{"params": body, "lr": tuning.rate}, {"params": head, "lr": tuning.head_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=tuning.decay, fused=True)
    warm = max(1, round(tuning.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(steps - s, 1) / max(steps - warm, 1))
    )
    loss_of = torch.nn.CrossEntropyLoss(weight=torch.tensor(weights), label_smoothing=tuning.smoothing)
    net.train()

    def learn(batch: Sequence[Learnt]) -> float:
        with torch.autocast("cpu", torch.bfloat16):
            odds = net(*_tensors([w for w, _ in batch])).float()
        loss = loss_of(odds, torch.tensor([label for _, label in batch]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
        optimiser.step()
        schedule.step()
        net.zero_grad()
        return float(loss.item())

    return learn


def _tensors(windows: Sequence[Window]) -> tuple[Any, ...]:
    """Return ids, segments and mask of windows, each (windows, longest), and their facts."""
    import torch

    shape = (len(windows), max(len(w.ids) for w in windows))
    ids, segments, mask = (np.zeros(shape, np.int64) for _ in range(3))
    for i, w in enumerate(windows):
        n = len(w.ids)
        ids[i, :n], segments[i, :n], mask[i, :n] = w.ids, w.segments, 1
    facts = np.array([w.facts for w in windows], np.float32)
    return tuple(torch.from_numpy(part) for part in (ids, segments, mask, facts))


def _weights(examples: Sequence[Example]) -> list[float]:
    """Return the weight of each label: one over the root of how often it stands."""
    counts = np.bincount([e.label for e in examples], minlength=len(LABELS)).astype(float)
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return [float(w) for w in weights / weights.mean()]
