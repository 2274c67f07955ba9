"""How far blind second readers agree with the authors' labels of mail: `python -m bench.second_reader`.

The readers are instances of the model that wrote the cases, so that this bounds carelessness and not bias.
"""

from pathlib import Path

import yaml
from sklearn.metrics import cohen_kappa_score

from offswitch.stats import interval
from offswitch.verdicts.judges.cases import LABELS, cases

SAID = Path(__file__).with_suffix(".yaml")


def main() -> None:
    """Print a row a label, and Cohen's kappa over all."""
    truth = {c.id: c.label for c in cases()}
    said = {
        k: v for one in yaml.safe_load(SAID.read_text(encoding="utf-8"))["readers"].values() for k, v in one.items()
    }
    print("| the author's label | cases | second reader alike | 95% | unsure |\n|---|---|---|---|---|")
    for label in LABELS:
        own = [said[k] for k in said if truth[k] == label]
        of = interval(sum(x == label for x in own), len(own))
        print(f"| {label} | {of.n} | {of.k} | {of.low:.3f} to {of.high:.3f} | {sum(x == 'unsure' for x in own)} |")
    kappa = cohen_kappa_score([truth[k] for k in said], list(said.values()))
    print(f"\nCohen's kappa {kappa:.3f} over {len(said)} cases")


if __name__ == "__main__":
    main()
