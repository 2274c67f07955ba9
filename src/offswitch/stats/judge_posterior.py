"""The true rate behind a judge's count, where the judge's own errors were measured on labelled cases.

The unknowns are the rate p, the judge's sensitivity s and its specificity c. The counts are binomial: k of n trials called
positive with probability p s + (1 - p)(1 - c), tp of n_pos positive cases with s, tn of n_neg negative ones with c; Jeffreys
priors on s and c, and s + c > 1 (better than chance). This is the joint posterior of Joseph, Gyorkos & Coupal (1995, American
Journal of Epidemiology 141(3), pp. 263-272) and Gelman & Carpenter (2020, Applied Statistics 69(5), section 2), which stays in
[0, 1] where the ratio of Rogan & Gladen (1978) does not. It is integrated, not sampled: on the arcsine scale Jeffreys' prior
is flat, and the midpoint rule converges geometrically.

Two priors of p go by Jeffreys' name: Beta(1/2, 1/2), as for perfect labels, and the one for the judge's count, flat in the
arcsine of its probability. Where the judge is perfect they are the same. Otherwise the first heaps mass at 0 and 1 and its
upper limit misses rates some three standard errors from 0 too often; the second does not, and its lower limit misses the
smallest rates. The limits are the outer ones of the two, the rate is the median under the first. `docs/judge-error.md` has
the coverage of each.
"""

from dataclasses import dataclass

from offswitch.stats.intervals import Interval, interval
from offswitch.stats.judge_quadrature import Judge, judge_nodes, limits, tails

WEAK = 3.0


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate corrected for the judge's errors, beside the raw one; all are proportions from 0 to 1.

    `rate` is the posterior median, `low` and `high` the interval. `raw` is what the judge said, k of n; `sensitivity` and
    `specificity` what it got right of the `labels` cases, by themselves. `perfect_width` is the width that as many trials
    with perfect labels would have at this rate. `weak`: the judge cannot tell a rate such as this, and `why` says how. None,
    never a zero, stands for a rate without a valid trial or behind a judge that its labels show to be worse than chance.
    """

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    raw: Interval
    sensitivity: Interval
    specificity: Interval
    perfect_width: float | None
    weak: bool
    why: str

    @property
    def width(self) -> float | None:
        """The width of the interval, from 0 to 1."""
        return None if self.low is None or self.high is None else self.high - self.low

    @property
    def labels(self) -> int:
        """The number of labelled cases that the judge's errors were measured on."""
        return self.sensitivity.n + self.specificity.n


def corrected(
    k: int, n: int, tp: int, n_pos: int, tn: int, n_neg: int, *,
    asked: int | None = None, level: float = 0.95, weak: float = WEAK,
) -> Corrected:  # fmt: skip
    """Return the rate behind k positives of n valid trials, the judge being right on tp of n_pos and tn of n_neg cases.

    `asked`: of how many of the n trials the judge was asked, where facts alone make the others negative (nothing was sent);
    its errors cannot be among those. The share that was asked is taken as known.

    As `intervals.interval`, to which it tends for a perfect judge and many labels: the lower limit is 0 for k <= 1, the upper
    one 1 for k >= n - 1, and at k = 0 and k = n the open side reaches to where such a count has probability (1 - level) / 2.
    Weak: the interval is more than `weak` times as wide as with perfect labels; false positives alone may give such a count
    (p > 0.05) although the raw interval leaves out 0, or misses alone although it leaves out 1; the labels do not show the
    judge to be better than chance (probability 0.95); or count and labels contradict each other (p < 0.01).

    Some 3 ms; 0.1 s where n is 2,000 times the labels. Raises ValueError for counts that cannot be.
    """
    asked = n if asked is None else asked
    _possible(k, asked, n, tp, n_pos, tn, n_neg)
    raw, right = interval(k, n, level), (interval(tp, n_pos, level), interval(tn, n_neg, level))
    if n == 0 or asked == 0:
        return Corrected(
            k, n, raw.rate, raw.low, raw.high, raw, *right, None, False, "no trial that the judge was asked of"
        )
    judge = judge_nodes(tp, n_pos, tn, n_neg, k, n, asked / n)
    if judge is None:
        return Corrected(
            k, n, None, 0.0, asked / n, raw, *right, None, True, "its labels show a judge worse than chance"
        )
    rate, low, high = (asked / n * x for x in limits(judge, k, n, (1 - level) / 2))
    perfect = width_if_perfect(rate, n, level)
    why = "; ".join(_doubts(judge, raw) + too_wide(high - low, perfect, weak))
    return Corrected(k, n, rate, low, high, raw, *right, perfect, bool(why), why)


def width_if_perfect(rate: float, n: int, level: float = 0.95) -> float:
    """Return the width of the interval that n >= 1 trials with perfect labels would have at `rate`."""
    found = interval(round(rate * n), n, level)
    return (found.high or 0.0) - (found.low or 0.0)


def too_wide(width: float, perfect: float, weak: float = WEAK) -> list[str]:
    """Return the words for an interval more than `weak` times as wide as with perfect labels, or none."""
    if width <= weak * perfect:
        return []
    return [f"the interval is {width / perfect:.1f} times as wide as with perfect labels"]


def _possible(k: int, asked: int, n: int, tp: int, n_pos: int, tn: int, n_neg: int) -> None:
    if not (0 <= k <= asked <= n and 0 <= tp <= n_pos and 0 <= tn <= n_neg):
        raise ValueError(
            "needs 0 <= k <= asked <= n, 0 <= tp <= n_pos and 0 <= tn <= n_neg; given "
            f"{k} of {asked} of {n}, {tp} of {n_pos}, {tn} of {n_neg}"
        )


def _doubts(judge: Judge, raw: Interval) -> list[str]:
    k, n = raw.k, raw.n
    many, fewer, few, more = tails(judge, k, n)
    unlike = "the labels are not of trials like these"
    rules = {
        "its labels do not show the judge to be better than chance": judge.better < 0.95,
        f"{k} of {n} is fewer than false positives alone should give: {unlike}": fewer < 0.01,
        f"{k} of {n} is more than sensitivity allows: {unlike}": more < 0.01,
        f"false positives alone may give {k} of {n}: the rate cannot be told from 0": many > 0.05 and raw.low != 0,
        f"misses alone may give {k} of {n}: the rate cannot be told from 1": few > 0.05 and raw.high != 1,
    }
    return [words for words, holds in rules.items() if holds]
