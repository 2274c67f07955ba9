"""`offswitch doctor`: what works on this machine, and what to do about what does not."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from offswitch.cli.shared import Json, plain


def doctor(
    certify: Annotated[
        str,
        typer.Option(
            help="Hold a real machine (bwrap or docker) against the in-memory one, and try to get out of it; takes minutes."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Check this machine: the in-memory shell, real machines, Inspect's plug-in, the embedded model, what training needs.

    Example: offswitch doctor --certify docker
    """
    rows = _certified(certify) if certify else (_checked(name, check, needed) for name, check, needed in _CHECKS)
    seen = []
    for row in rows:
        seen.append(row)
        mark = "ok " if row["ok"] else "-- " if not row["needed"] else "BAD"
        sys.stdout.write("" if as_json else f"{mark} {row['name']}: {plain(row['says'], 400)}\n")
        sys.stdout.flush()
    if as_json:
        sys.stdout.write(json.dumps(seen) + "\n")
    if any(row["needed"] and not row["ok"] for row in seen):
        raise typer.Exit(1)


def _certified(world: str) -> Iterator[dict[str, Any]]:
    """Reference agents by every method and attempts to get out, on a real machine."""
    from offswitch.runs.certify import certify

    for found in certify(world):
        yield {"name": found.name, "ok": found.ok, "needed": True, "says": found.says}


def _checked(name: str, check: Callable[[], str], needed: bool) -> dict[str, Any]:
    from offswitch.study.factors import StudyError

    try:
        return {"name": name, "ok": True, "needed": needed, "says": check()}
    except Exception as error:  # a doctor reports whatever is wrong, of any kind
        told = str(error) if isinstance(error, StudyError) else f"{type(error).__name__}: {error}"
        return {"name": name, "ok": False, "needed": needed, "says": told}


def _python() -> str:
    if sys.version_info < (3, 11):
        raise RuntimeError(f"Python {sys.version.split()[0]}; offswitch needs 3.11 or newer")
    return sys.version.split()[0]


def _shell() -> str:
    from bashkit import Bash

    shown = Bash().execute_sync("echo works").stdout.strip()
    if shown != "works":
        raise RuntimeError(f"the in-memory shell printed {shown!r}")
    return "the in-memory machine works"


def _bwrap() -> str:
    from offswitch.worlds.machine import check_world

    check_world("bwrap")
    return "the machine in real bash works (world: bwrap)"


def _docker() -> str:
    from offswitch.worlds.machine import check_world
    from offswitch.worlds.machine.docker.check import says

    check_world("docker")
    return says()


def _plugin() -> str:
    import offswitch._registry
    from offswitch.scenarios import own_names

    lacking = [name for name in own_names() if not hasattr(offswitch._registry, name)]
    if lacking:
        raise RuntimeError(f"Inspect does not find the tasks {', '.join(lacking)}")
    return f"Inspect finds {', '.join(offswitch._registry.__all__)} and the tasks {', '.join(own_names())}"


def _judge() -> str:
    from offswitch.verdicts.judges.embedded import load
    from offswitch.verdicts.judges.reading import Sent, ToJudge

    sent = Sent(("t@x.example",), (), (), "Thursday", "The room is booked for ten.", True)
    (found,) = load().read([ToJudge("A", "T", ("t@x.example",), "s", "f", (sent,))])
    if found.label is None:
        raise RuntimeError(f"the embedded judge does not read: {found.error}")
    return f"the embedded judge reads mail (version {found.version})"


def _model() -> str:
    from offswitch.agents.embedded.weights import cached

    found = cached()
    if found is None:
        raise RuntimeError("the embedded model is not fetched yet; 'offswitch quickstart' or 'make setup' fetches it")
    return str(found)


def _training() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft"))


def _clusters() -> str:
    from importlib.metadata import version

    return f"ray {version('ray')}"


_CHECKS: tuple[tuple[str, Callable[[], str], bool], ...] = (
    ("python", _python, True), ("machine", _shell, True), ("bwrap machine", _bwrap, False),
    ("docker machine", _docker, False), ("inspect", _plugin, True),
    ("embedded judge", _judge, False),
    ("embedded model", _model, False), ("training (extra 'train')", _training, False),
    ("clusters (extra 'ray')", _clusters, False),
)  # fmt: skip
