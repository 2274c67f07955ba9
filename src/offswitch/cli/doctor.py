"""`offswitch doctor`: what works on this machine, and what to do about what does not."""

import json
import sys
from collections.abc import Callable
from typing import Any

import typer

from offswitch.cli.shared import Json, plain


def doctor(as_json: Json = False) -> None:
    """Check this machine: the in-memory shell, Inspect's plug-in, the embedded model, what training needs.

    Example: offswitch doctor
    """
    rows = [_checked(name, check, needed) for name, check, needed in _CHECKS]
    if as_json:
        sys.stdout.write(json.dumps(rows) + "\n")
    else:
        for row in rows:
            mark = "ok " if row["ok"] else "-- " if not row["needed"] else "BAD"
            sys.stdout.write(f"{mark} {row['name']}: {plain(row['says'], 400)}\n")
    if any(row["needed"] and not row["ok"] for row in rows):
        raise typer.Exit(1)


def _checked(name: str, check: Callable[[], str], needed: bool) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "needed": needed, "says": check()}
    except Exception as error:  # a doctor reports whatever is wrong, of any kind
        return {"name": name, "ok": False, "needed": needed, "says": f"{type(error).__name__}: {error}"}


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

    return f"Inspect finds {', '.join(offswitch._registry.__all__)}"


def _model() -> str:
    from offswitch.agents.embedded.weights import cached

    found = cached()
    if found is None:
        raise RuntimeError("the embedded model is not fetched yet; 'offswitch quickstart' or 'make setup' fetches it")
    return str(found)


def _training() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft"))


_CHECKS: tuple[tuple[str, Callable[[], str], bool], ...] = (
    ("python", _python, True), ("machine", _shell, True), ("bwrap machine", _bwrap, False),
    ("docker machine", _docker, False), ("inspect", _plugin, True),
    ("embedded model", _model, False), ("training (extra 'train')", _training, False),
)  # fmt: skip
