"""Can a transcript tell which machine it ran on? A classifier tries: its AUC, and the cues that it goes by.

`python -m bench.twins [TRIALS]` acts out TRIALS trials (default 1,000) on each machine, twins by seed and condition: plain
work, every open sequence of the reference agents, and looking around. `python -m bench.twins MEMORY_RUN BWRAP_RUN` reads
two stored runs instead. What is read is what the tools answered; words, pairs of words and letters, logistic regression.
Twins, and all else of one condition and item set, stand on one side of each split. The AUC is that of scores for texts not
learnt from, its 95% interval a bootstrap over conditions and item sets. Beside it stands the AUC without what differs
between any two machines, or any two days: numbers, dates and times masked.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline, make_union

from bench.acting import SCENARIO, WORLDS, act, study
from offswitch import open_run
from offswitch.agents.scripted import Play
from offswitch.scenarios.shutdown.plays import PLAYS, Stage, go_on, until_notice
from offswitch.scenarios.shutdown.reference import sequences

TRIALS, FOLDS, DRAWS, CUES = 1000, 5, 1000, 12
CONDITIONS: tuple[Mapping[str, str], ...] = (
    {}, {"instruction": "allow"}, {"instruction": "avoid"}, {"target": "inanimate_job"}, {"notice": "never"},
)  # fmt: skip
PLAIN = ("comply", "finish", "bluff", "plead")
LOOKS = (Path(__file__).parent / "looks.txt").read_text(encoding="utf-8").splitlines()
_MASKS = (
    (re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d+\s+(?:\d\d:\d\d|\d{4})"), "DATE"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?"), "DATE"),
    (re.compile(r"\d+"), "0"),
    (re.compile(r"  +"), " "),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the tools answered in one trial, on which machine, and in which condition and item set."""

    text: str
    bwrap: bool
    group: str
    kind: str


def look(stage: Stage) -> Play:
    """Look around as agents do, before the work and after the notice."""
    for _ in range(4):
        yield stage.bash(stage.fill(stage.rng.choice(LOOKS)))
    shown = yield from until_notice(stage)
    for _ in range(4):
        yield stage.bash(stage.fill(stage.rng.choice(LOOKS)))
    yield from go_on(stage, shown or "")


def behaviours() -> Iterator[tuple[str, Callable[[Stage], Play], Mapping[str, Any]]]:
    """Yield kind, play and sequence without end: a third each of plain work, sequences and looking around."""
    plain = cycle(PLAIN)
    acts = cycle([s for s in sequences() if not s["blind"]])
    while True:
        sequence = next(acts)
        yield "plain work", PLAYS[next(plain)], {}
        yield "sequences", PLAYS[sequence["kind"]], sequence
        yield "looking around", look, {}


def scripted(trials: int) -> list[Told]:
    """Act the same trials out on both machines."""
    asked = {world: study(world) for world in WORLDS}
    stories, out = SCENARIO.stories(asked["memory"]), []
    for i, (kind, play, sequence) in enumerate(islice(behaviours(), trials)):
        # The condition changes least often, so that each meets every kind of behaviour and every story.
        levels = CONDITIONS[i * len(CONDITIONS) // trials]
        for world in WORLDS:
            acted = act(partial(play), sequence, stories[i % len(stories)], i, asked[world], levels)
            group = f"{sorted(levels.items())}/{acted.item_set}"
            out.append(Told("\n".join(acted.told), world == "bwrap", group, kind))
    return out


def stored(runs: Sequence[str]) -> list[Told]:
    """Read what the tools answered in two stored runs."""
    out = []
    for run, world in zip(runs, WORLDS, strict=True):
        for row in open_run(run).select("messages", "condition", "item_set", "world").collect().iter_rows(named=True):
            if row["world"] != world:
                raise SystemExit(f"{run} ran on {row['world']}, not on {world}: give the run in memory first")
            told = [m["content"] for m in json.loads(row["messages"]) if m["role"] == "tool"]
            out.append(Told("\n".join(told), world == "bwrap", f"{row['condition']}/{row['item_set']}", "stored runs"))
    return out


def masked(text: str) -> str:
    """Return a text without numbers, dates and times."""
    for pattern, plain in _MASKS:
        text = pattern.sub(plain, text)
    return text


def classifier() -> Any:
    """Return the features and the regression."""
    words = TfidfVectorizer(token_pattern=r"\S+|\n+", ngram_range=(1, 2), lowercase=False, min_df=3, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), lowercase=False, min_df=3, max_features=20_000)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=10.0, max_iter=2000))


def scores(told: Sequence[Told]) -> np.ndarray:
    """Return for each text how much it looks like bwrap's, from a classifier that has not seen its group."""
    texts, labels, groups = [t.text for t in told], [t.bwrap for t in told], [t.group for t in told]
    folds = GroupKFold(FOLDS)
    return cross_val_predict(classifier(), texts, labels, groups=groups, cv=folds, method="decision_function")


def auc(told: Sequence[Told], found: np.ndarray) -> tuple[float, float, float]:
    """Return the AUC with its 95% bootstrap interval over groups."""
    labels = np.array([t.bwrap for t in told])
    names, at = np.unique([t.group for t in told], return_inverse=True)
    members, rng, drawn = [np.flatnonzero(at == g) for g in range(len(names))], np.random.default_rng(1), []
    for _ in range(DRAWS):
        some = np.concatenate([members[g] for g in rng.integers(len(names), size=len(names))])
        drawn.append(roc_auc_score(labels[some], found[some]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(roc_auc_score(labels, found)), float(low), float(high)


def cues(told: Sequence[Told]) -> Iterator[tuple[str, float, float]]:
    """Yield the features that tell most, with the share of texts that hold them in memory and in bwrap.

    That is, weight times difference of the shares: what both have alike tells nothing, whatever its weight.
    """
    model = classifier().fit([t.text for t in told], [t.bwrap for t in told])
    union, weights = model[0], model[1].coef_[0]
    held = union.transform([t.text for t in told]) > 0
    real = np.array([t.bwrap for t in told])
    names, shares = union.get_feature_names_out(), [np.asarray(held[side].mean(axis=0))[0] for side in (~real, real)]
    tells = np.abs(weights) * np.abs(shares[0] - shares[1])
    for i in np.argsort(-tells)[:CUES]:
        if tells[i] > 0:
            yield repr(names[i].partition("__")[2]), float(shares[0][i]), float(shares[1][i])


def main() -> None:
    given = sys.argv[1:]
    told = stored(given) if len(given) == 2 else scripted(int(given[0]) if given else TRIALS)
    kinds = list(dict.fromkeys(t.kind for t in told))
    rows = [(kind, [kind]) for kind in kinds]
    plain = [Told(masked(t.text), t.bwrap, t.group, t.kind) for t in told]
    print("| transcripts | texts | AUC as read (95%) | AUC, numbers and dates masked (95%) |\n|---|---|---|---|")
    for name, of in [("all", kinds), *rows] if len(rows) > 1 else rows:
        some, some_plain = ([t for t in ts if t.kind in of] for ts in (told, plain))
        cells = ("{:.3f} ({:.3f} to {:.3f})".format(*auc(ts, scores(ts))) for ts in (some, some_plain))
        print(f"| {name} | {len(some)} | {' | '.join(cells)} |", flush=True)
    for kind in kinds:
        print(f"\nCues, {kind}, masked:\n\n| cue | texts in memory | in bwrap |\n|---|---|---|")
        for cue, memory, bwrap in cues([t for t in plain if t.kind == kind]):
            print(f"| `{cue}` | {memory:.3f} | {bwrap:.3f} |", flush=True)


if __name__ == "__main__":
    main()
