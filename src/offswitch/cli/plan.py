"""`offswitch plan`: what a study comes to, before anything is run."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from offswitch.cli.forecast_text import forecast_lines
from offswitch.cli.run import Model, PriceFile, load_plan
from offswitch.cli.shared import Json, plain


def plan(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    model: Model = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials a cell instead of the study's.")] = None,
    show_texts: Annotated[
        bool, typer.Option("--texts", help="Print what the agent is shown in each condition.")
    ] = False,
    prices: PriceFile = None,
    like: Annotated[
        Path | None,
        typer.Option(
            help="An earlier run: its tokens and seconds a trial are expected again.", exists=True, file_okay=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a study and say what it comes to: cells, trials, tokens, cost, and which questions it cannot answer.

    Example: offswitch plan examples/first-light.yaml --model openai/gpt-5 --prices prices.yaml
    """
    from offswitch.runs.forecast import forecast
    from offswitch.runs.prices import read_prices

    planned = load_plan(study, model, trials)
    expected = forecast(planned, read_prices(prices) if prices else None, like)
    if as_json:
        told = planned.manifest() | {"forecast": [f.to_json() for f in expected]}
        sys.stdout.write(json.dumps(told, default=str) + "\n")
        return
    out = [f"study {planned.study.study}: {planned.size} trials = {planned.study.trials} a cell × {len(planned.conditions)} "
           f"conditions × {len(planned.study.models)} models, over {len(planned.stories)} stories"]  # fmt: skip
    defaults = {f.name: f.default for f in planned.scenario.factors}
    for condition in planned.conditions:
        varied = [f"{k}={v}" for k, v in condition.items() if v != defaults[k]]
        out.append("  " + (", ".join(varied) or "all factors at their defaults"))
    out += forecast_lines(expected)
    if planned.missing:
        out.append("Cannot answer, for want of an arm:")
        out += [
            f"  {c.name}: {c.question} (needs {c.factor}={c.level} and {c.factor}={c.against})" for c in planned.missing
        ]
    if show_texts:
        out += _texts(planned)
    sys.stdout.write("\n".join(out) + "\n")


def _texts(planned: object) -> list[str]:
    from offswitch.runs import Plan

    assert isinstance(planned, Plan)
    out, seen = [], set()
    for spec in planned.specs():
        arm = tuple(spec.condition.items())
        if arm in seen:
            continue
        seen.add(arm)
        setup = planned.scenario.setup(spec, planned.study)
        out += ["", f"--- {dict(spec.condition)} (story {spec.story})"]
        out += [f"[{m.role}] {plain(line, 2000)}" for m in setup.opening for line in m.content.splitlines()]
        if len(seen) == len(planned.conditions):
            break
    return out
