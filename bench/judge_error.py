"""Coverage of rates corrected for judge error: 2,000 simulated studies a row, widths beside that of perfect labels.

`python -m bench.judge_error` takes some ten minutes; `--all` has every pair of sensitivity and specificity, and an hour.
"""

import itertools
import sys
from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy import stats

from offswitch.stats.intervals import interval
from offswitch.stats.judge_posterior import corrected
from offswitch.stats.judge_quadrature import judge_nodes, posteriors
from offswitch.stats.judge_two_phase import Stratum, true_rate
from offswitch.stats.prediction_powered import PredictionPowered, ppi_rate

STUDIES, RATES, SEED = 2_000, (0.01, 0.1, 0.5), 20261123
JUDGES = ((0.8, 0.8), (0.9, 0.9), (0.95, 0.95), (0.99, 0.99))
EVERY = tuple(itertools.product((0.8, 0.9, 0.95, 0.99), repeat=2))
Found = tuple[float, float]  # the ends of an interval


def perfect(n: int, p: float) -> float:
    """Return the mean width of the interval from perfect labels."""
    ends = [interval(k, n) for k in range(n + 1)]
    return float(stats.binom.pmf(np.arange(n + 1), n, p) @ [e.high - e.low for e in ends])


def row(cells: tuple[object, ...], p: float, found: list[Found], *more: str) -> float:
    """Print a row and return the share of intervals that hold p."""
    low, high = np.array(found).T
    holds = float(((low <= p) & (p <= high)).mean())
    told = (f"{holds:.3f}", f"{(low > p).mean():.3f}", f"{(high < p).mean():.3f}", f"{(high - low).mean():.4f}", *more)
    print("| " + " | ".join(map(str, (*cells, *told))) + " |", flush=True)
    return holds


def head(*names: str) -> None:
    print("| " + " | ".join(names) + " |\n|" + "---|" * len(names), flush=True)


def posterior(judges: tuple[tuple[float, float], ...], sizes: tuple[int, ...], labels: tuple[int, ...]) -> list[float]:
    """The joint posterior, with labelled cases apart from the trials."""
    head("rate", "sensitivity", "specificity", "trials", "labels a class", "covers", "above", "below", "width", "perfect", "raw covers", "said weak")  # fmt: skip
    out = []
    for i, (p, (s, c), n, m) in enumerate(itertools.product(RATES, judges, sizes, labels)):
        rng = np.random.default_rng((SEED, 1, i))
        drawn = (
            rng.binomial(n, p * s + (1 - p) * (1 - c), STUDIES),
            rng.binomial(m, s, STUDIES),
            rng.binomial(m, c, STUDIES),
        )
        seen = cache(lambda k, tp, tn, n=n, m=m: corrected(k, n, tp, m, tn, m))
        found = [seen(*map(int, counts)) for counts in zip(*drawn, strict=True)]
        raw = np.mean([f.raw.low <= p <= f.raw.high for f in found])
        weak = np.mean([f.weak for f in found])
        more = (f"{perfect(n, p):.4f}", f"{raw:.3f}", f"{weak:.2f}")
        out.append(row((p, s, c, n, m), p, [(f.low, f.high) for f in found], *more))
    return out


def priors() -> None:
    """Each prior of the rate by itself, equal tails, beside the outer limits of both; no end is modified."""
    head("rate", "sensitivity", "specificity", "trials", "labels a class", "Beta(1/2, 1/2): covers", "above", "below", "of the count: covers", "above", "below", "both: covers")  # fmt: skip
    worst = np.ones(3)
    for i, (p, (s, c), m) in enumerate(itertools.product((0.01, 0.03, 0.1, 0.5), JUDGES, (50, 150, 300))):
        rng, n = np.random.default_rng((SEED, 4, i)), 1000
        drawn = (
            rng.binomial(n, p * s + (1 - p) * (1 - c), STUDIES),
            rng.binomial(m, s, STUDIES),
            rng.binomial(m, c, STUDIES),
        )
        seen = cache(lambda k, tp, tn, m=m: alone(k, tp, tn, m))
        ends = np.array([seen(*map(int, counts)) for counts in zip(*drawn, strict=True)])
        ends = np.stack([ends[:, 0], ends[:, 1], np.stack([ends[..., 0].min(1), ends[..., 1].max(1)], 1)], 1)
        low, high = ends[..., 0], ends[..., 1]
        holds = ((low <= p) & (p <= high)).mean(axis=0)
        told = [f"{x:.3f}" for j in (0, 1) for x in (holds[j], (low > p)[:, j].mean(), (high < p)[:, j].mean())]
        print("| " + " | ".join(map(str, (p, s, c, n, m, *told, f"{holds[2]:.3f}"))) + " |", flush=True)
        worst = np.minimum(worst, holds)
    print(f"\nleast: {worst[0]:.3f}, {worst[1]:.3f}, {worst[2]:.3f}")


def alone(k: int, tp: int, tn: int, m: int) -> list[Found]:
    judge = judge_nodes(tp, m, tn, m, k, 1000, 1.0)
    if judge is None:
        return [(0.0, 1.0)] * 2
    return [(q[0], q[2]) for q in posteriors(judge, k, 1000, 0.025)[2:]]


def trials(p: float, s: float, c: float, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the truth and the judge's reading of n trials."""
    truth = rng.random(n) < p
    return truth, np.where(truth, rng.random(n) < s, rng.random(n) < 1 - c)


def strata(truth: np.ndarray, judge: np.ndarray, seen: np.ndarray) -> tuple[Stratum, ...]:
    parts = ((j, judge == j) for j in (True, False))
    return tuple(Stratum(j, int(at.sum()), int((at & seen).sum()), int((at & seen & truth).sum())) for j, at in parts)


@cache
def by_strata(found: tuple[Stratum, ...]) -> Found:
    rate = true_rate(found)
    return rate.low, rate.high


def phases() -> list[float]:
    """Every judged positive labelled, and a random sample of the others."""
    head("rate", "sensitivity", "specificity", "trials", "negatives labelled", "covers", "above", "below", "width", "perfect")  # fmt: skip
    out = []
    for i, (p, (s, c), n, m) in enumerate(itertools.product(RATES, JUDGES, (400, 1000), (50, 150))):
        rng, found = np.random.default_rng((SEED, 2, i)), []
        for _ in range(STUDIES):
            truth, judge = trials(p, s, c, n, rng)
            seen = judge.copy()
            seen[rng.permutation(np.flatnonzero(~judge))[:m]] = True
            found.append(by_strata(strata(truth, judge, seen)))
        out.append(row((p, s, c, n, m), p, found, f"{perfect(n, p):.4f}"))
    return out


def powered() -> list[float]:
    """A random sample of all trials labelled; as `judged_rates` chooses: prediction-powered, or by strata where labels are few."""
    head("rate", "sensitivity", "specificity", "trials", "labels", "covers", "above", "below", "width", "perfect", "as published covers", "effective covers", "by strata")  # fmt: skip
    out = []
    for i, (p, (s, c), n, m) in enumerate(itertools.product(RATES, JUDGES, (1000,), (50, 100, 200))):
        rng, found = np.random.default_rng((SEED, 3, i)), list[tuple[PredictionPowered, PredictionPowered, Found]]()
        for truth, judge, seen in samples(p, s, c, n, m, rng):
            y = [bool(t) if known else None for t, known in zip(truth, seen, strict=True)]
            ours, published = ppi_rate(judge, y), ppi_rate(judge, y, kind="normal")
            chosen = by_strata(strata(truth, judge, seen)) if ours.why else (ours.low, ours.high)
            found.append((ours, published, chosen))
        holds = [f"{np.mean([f[which].low <= p <= f[which].high for f in found]):.3f}" for which in (1, 0)]
        few = f"{np.mean([bool(f[0].why) for f in found]):.2f}"
        out.append(row((p, s, c, n, m), p, [f[2] for f in found], f"{perfect(n, p):.4f}", *holds, few))
    return out


def samples(
    p: float, s: float, c: float, n: int, m: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for _ in range(STUDIES):
        truth, judge = trials(p, s, c, n, rng)
        seen = np.zeros(n, bool)
        seen[rng.permutation(n)[:m]] = True
        yield truth, judge, seen


def main() -> None:
    every = "--all" in sys.argv
    print(f"{STUDIES:,} studies a row: at 0.95 the Monte Carlo error is {(0.95 * 0.05 / STUDIES) ** 0.5:.4f}.\n")
    print("### Posterior\n")
    found = posterior(EVERY, (100, 400, 1000), (50, 150, 300)) if every else posterior(JUDGES, (100, 1000), (50, 300))
    summed(found)
    print("\n### Priors of the rate\n")
    priors()
    for name, part in (("Two phases", phases), ("Prediction-powered", powered)):
        print(f"\n### {name}\n")
        summed(part())


def summed(holds: list[float]) -> None:
    low = sum(h < 0.95 - 3 * (0.95 * 0.05 / STUDIES) ** 0.5 for h in holds)
    print(
        f"\nleast {min(holds):.3f}, mean {np.mean(holds):.3f}; {low} of {len(holds)} rows below 0.95 by more than three errors"
    )


if __name__ == "__main__":
    main()
