"""`offswitch teach`: make the small agent again."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def teach(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the adapter, its log and checkpoints.")] = Path(
        "taught"
    ),
    trajectories: Annotated[
        int | None, typer.Option(min=8, help="Trajectories in each course instead of the recipe's.")
    ] = None,
) -> None:
    """Teach the embedded model the shutdown task (needs the extra 'train'; about an hour on two free cores).

    Example: offswitch teach --out taught
    """
    from dataclasses import replace

    from offswitch.agents.embedded.weights import original
    from offswitch.interventions.teach.recipe import Recipe
    from offswitch.interventions.teach.train import teach as run

    recipe = Recipe()
    if trajectories:
        recipe = replace(recipe, courses=tuple(replace(c, trajectories=trajectories) for c in recipe.courses))
    sys.stdout.write(f"{run(recipe, original(), out)}\n")
