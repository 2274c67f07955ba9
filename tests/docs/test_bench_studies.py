"""The two studies whose rates are compared plan the same trials."""

from pathlib import Path

from offswitch.runs import plan_study
from offswitch.study.model import read_study
from offswitch.worlds.machine.bwrap.check import why_not

BENCH = Path(__file__).parents[2] / "bench"


def test_the_studies_of_the_comparison_differ_in_the_machine_alone() -> None:
    memory, bwrap = (read_study(BENCH / f"{name}.yaml") for name in ("small-agent", "equivalence"))
    assert memory.model_copy(update={"study": bwrap.study, "world": "bwrap"}) == bwrap
    assert memory.world == "memory"


def test_their_trials_are_twins() -> None:
    memory, bwrap = (read_study(BENCH / f"{name}.yaml") for name in ("small-agent", "equivalence"))
    # planned on any host: whether bwrap works here is not asked
    sides = [plan_study(s.model_copy(update={"world": "memory" if why_not() else s.world})) for s in (memory, bwrap)]
    assert list(sides[0].specs()) == list(sides[1].specs()) and sides[0].size == 2500
