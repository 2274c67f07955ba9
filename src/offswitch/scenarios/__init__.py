"""The experiments, one folder each. Adding one touches nothing else: they are found by name or by path."""

import importlib
import pkgutil
import sys
import zlib
from pathlib import Path
from types import ModuleType

from offswitch.scenarios.base import Contrast, Scenario, Setup, missing_arms
from offswitch.study.factors import StudyError, unknown

__all__ = [
    "Contrast",
    "Scenario",
    "Setup",
    "load_scenario",
    "missing_arms",
    "own_names",
    "scenario_names",
    "sources_of",
]


def scenario_names() -> list[str]:
    """Return the scenarios that ship with offswitch or are installed (entry-point group `offswitch.scenarios`)."""
    from importlib.metadata import entry_points

    return sorted({*own_names(), *(e.name for e in entry_points(group="offswitch.scenarios"))})


def own_names() -> list[str]:
    """Return the scenarios that ship with offswitch."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.ispkg and not m.name.startswith("_"))


def load_scenario(name: str) -> Scenario:
    """Load a scenario by its name, or from a folder that holds `scenario.py` (private ones are the norm in labs)."""
    from importlib.metadata import entry_points

    folder = Path(name)
    if folder.joinpath("scenario.py").is_file():
        return _from_folder(folder)
    for entry in entry_points(group="offswitch.scenarios"):
        if entry.name == name:
            return _checked(entry.load(), name)
    if name not in scenario_names():
        raise unknown("scenario", name, scenario_names())
    return _checked(importlib.import_module(f"{__name__}.{name}.scenario").SCENARIO, name)


def sources_of(name: str) -> list[Path]:
    """Return the folders or files that hold the code and texts of a scenario that is not part of offswitch."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    if Path(name).joinpath("scenario.py").is_file():
        return [Path(name).resolve()]
    for entry in entry_points(group="offswitch.scenarios"):
        if entry.name == name and (found := find_spec(entry.module.partition(".")[0])):
            return [Path(p) for p in found.submodule_search_locations or [found.origin or ""]]
    return []


def _from_folder(folder: Path) -> Scenario:
    """Import the folder as a package of its own, so that its relative imports work; two of one name do not meet."""
    place = folder.resolve()
    package = f"offswitch_scenario_{place.name}_{zlib.crc32(bytes(place)):08x}"
    if package not in sys.modules:
        module = ModuleType(package)
        module.__path__ = [str(place)]
        sys.modules[package] = module
    return _checked(importlib.import_module(f"{package}.scenario").SCENARIO, str(folder))


def _checked(found: object, name: str) -> Scenario:
    needed = (
        "name",
        "expression",
        "version",
        "factors",
        "contrasts",
        "published",
        "rehearsals",
        "stories",
        "setup",
        "record",
        "judge",
        "judge_transcript",
        "reference",
    )
    if lacking := [n for n in needed if not hasattr(found, n)]:
        raise StudyError(f"the scenario {name!r} lacks {', '.join(lacking)}; see docs/adding-a-scenario.md")
    return found  # type: ignore[return-value]  # a protocol is checked by name above; mypy cannot narrow object to it
