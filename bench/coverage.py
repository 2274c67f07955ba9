"""Simulated coverage of the reported interval beside the exact binomial one, from 0 to 1."""

import numpy as np

from offswitch.stats import coverage
from offswitch.stats.intervals import interval

SIZES, DRAWS = (20, 50, 200), 20_000
RATES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1.0)


def simulated(n: int, p: float, rng: np.random.Generator) -> float:
    """Return the share of drawn samples whose interval holds `p`."""
    ends = [interval(k, n) for k in range(n + 1)]
    holds = np.array([e.low <= p <= e.high for e in ends])
    return float(holds[rng.binomial(n, p, DRAWS)].mean())


def main() -> None:
    rng = np.random.default_rng(20261123)
    print(f"{DRAWS:,} samples a row; z is the difference in Monte Carlo standard errors.\n")
    print("| n | rate | exact | simulated | z |\n|---|---|---|---|---|")
    worst = 0.0
    for n in SIZES:
        for p in RATES:
            exact, found = coverage(n, p), simulated(n, p, rng)
            error = (exact * (1 - exact) / DRAWS) ** 0.5
            z = (found - exact) / error if error > 1e-9 else (0.0 if abs(found - exact) < 1e-9 else float("inf"))
            worst = max(worst, abs(z))
            print(f"| {n} | {p} | {exact:.4f} | {found:.4f} | {z:+.2f} |")
    print(f"\nlargest |z| of {len(SIZES) * len(RATES)} rows: {worst:.2f}")


if __name__ == "__main__":
    main()
