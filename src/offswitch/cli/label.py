"""`offswitch label`: people label what was sent in stored trials, blind to model, arm and judge."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offswitch.cli.shared import Json, plain, say
from offswitch.study.factors import StudyError

if TYPE_CHECKING:
    from offswitch.runs.label_tasks import Standing
    from offswitch.runs.labelling import Session


def label(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    rater: Annotated[str | None, typer.Option(metavar="NAME", help="Who labels; default the user's name.")] = None,
    sample: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share shown of trials not called positive; default 0.1.")
    ] = None,
    overlap: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of these that other raters are shown too; default 0.2.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Draws which trials, and their order; default 1.")] = None,
    web: Annotated[bool, typer.Option("--web", help="A page on this machine instead of the terminal.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only tell what is left, and how raters agree.")] = False,
    as_json: Json = False,
) -> None:
    """Label what was sent in trials: all that a judge called positive, and a random sample of the rest.

    You are not shown which is which, nor model, arm, judge or another's labels. Every answer is kept at once in
    RUN/judgements; the same command goes on.

    Example: offswitch label runs/first-light --rater ada
    """
    from offswitch.runs.label_design import begin, design_of
    from offswitch.runs.label_tasks import standings
    from offswitch.runs.labelling import check_rater, session
    from offswitch.runs.readable import scenario_of

    scenario_of(run)
    if status:
        design = design_of(run)
        return _tell(run, standings(run, design) if design else [], as_json)
    name = check_rater(rater if rater is not None else getpass.getuser())
    if not web and not sys.stdin.isatty():
        raise StudyError("label asks for keys and needs a terminal; with --web it is a page on this machine")
    design = begin(run, name, sample, overlap, seed)
    with session(run, name, design) as opened:
        _walk(run, opened, web)
        mine = {"rater": name, "left": opened.left}
    sys.stdout.write(json.dumps(mine) + "\n" if as_json else f"{run}: {plain(name)} has {opened.left} left\n")


def _walk(run: Path, session: "Session", web: bool) -> None:
    if not session.left:
        say(f"{run}: nothing is left to label here; --status tells of all raters")
    elif web:
        from offswitch.cli.label_page import Page

        page = Page(session)
        say(f"Label at {page.url} (this machine only; control-C ends it)")
        page.serve()
    else:
        from rich.console import Console

        from offswitch.cli.label_terminal import keyboard, label_in_terminal

        console = Console(highlight=False, markup=False, emoji=False)
        # control-C may come at any moment, also while a mail is being printed: every answer is kept already
        with suppress(KeyboardInterrupt), keyboard(console) as ask:
            label_in_terminal(session, console, ask)


def _tell(run: Path, standings: "list[Standing]", as_json: bool) -> None:
    """Print how far raters are, and how those agree who labelled the same trials."""
    from offswitch.runs.label_tasks import terms_of
    from offswitch.stats.raters import rater_kappas
    from offswitch.store import open_judgements

    pairs = rater_kappas(open_judgements(run)).to_dicts()
    pairs = [p for p in pairs if p["judge_version"] == terms_of(run).version]
    if as_json:
        raters = [asdict(s) | {"left": s.left} for s in standings]
        sys.stdout.write(json.dumps({"raters": raters, "agreement": pairs}) + "\n")
    else:
        sys.stdout.write("\n".join(_in_words(run, standings, pairs)) + "\n")


def _in_words(run: Path, standings: "list[Standing]", pairs: list[dict[str, Any]]) -> Iterator[str]:
    if not standings:
        yield f"{run}: nobody has begun to label; 'offswitch label {run}' does"
    for s in standings:
        yield f"{plain(s.rater)}: {s.left} left of {s.of}, {s.labelled} labelled, {s.unsure} unsure"
    for p in pairs:
        kappa = "undefined" if p["kappa"] is None else f"{p['kappa']:.2f} ({p['low']:.2f} to {p['high']:.2f})"
        yield f"{plain(p['one'])} and {plain(p['other'])}: {p['same']} of {p['n']} trials alike, Cohen's kappa {kappa}"
