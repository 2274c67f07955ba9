"""Which trials stand already, and whether the study would still make them as they are.

A trial's identity is a hash of all that defines it; to build each trial of a large study anew, only to hash it, takes
long. So a run notes what its trials are made of: the files of offswitch, of the scenario and of the study's texts (and when
one last changed), and each model's weights. While the note holds, a stored trial is the one that its place in the planned
order stands for; a random sample is built anew all the same. Once anything differs, every stored trial is.
"""

import hashlib
import json
import os
import platform
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import offswitch
from offswitch.runs.agents import AgentSource
from offswitch.runs.plan import Plan, trial_key
from offswitch.scenarios import sources_of
from offswitch.store import RunStore, StoreError
from offswitch.store.difference import differences
from offswitch.store.disk import read_json, refusals, whole
from offswitch.store.run import GO_ON, NOTE

SAMPLE = 1000
_WHEN = "newest"
_OWN = "offswitch/"

Sources = Mapping[str, AgentSource]
MadeOf = Mapping[str, Any]


def standing(plan: Plan, sources: Sources, store: RunStore, now: MadeOf) -> frozenset[int]:
    """Return the places in the planned order whose trials are stored; `now` is what trials are made of (see `made_of`).

    Raises StoreError, with what has changed, if the study would make one of them otherwise: two settings are never mixed.
    """
    held = _by_place(store)
    noted = _noted(store.folder / NOTE)
    places = frozenset(random.sample(sorted(held), min(SAMPLE, len(held))) if noted == now else held)
    if any(held[place] != [key] for place, key in _anew(plan, sources, places)):
        raise StoreError(
            f"{store.folder} holds trials that this study would make otherwise now ({changed(noted, now)}). "
            "Put back what was changed, or use --out with a new folder."
        )
    if noted != now:
        with refusals(store.folder, GO_ON), whole(store.folder / NOTE) as part:
            part.write_text(json.dumps(now, indent=1, sort_keys=True), encoding="utf-8")
    return frozenset(held)


def made_of(plan: Plan, sources: Sources) -> MadeOf:
    """Return what trials are made of: file or folder -> hash, the time of the newest change, model -> weights and interface, Python."""
    places = {"offswitch": [Path(offswitch.__file__).parent], "scenario": sources_of(plan.study.scenario)}
    places["texts"] = [] if plan.study.texts is None else [plan.study.texts]
    found = {
        f"{name}/{file.relative_to(place) if file != place else file.name}": file
        for name, several in places.items() for place in several for file in _files(place)
    }  # fmt: skip
    hashes = {name: _hash(file) for name, file in sorted(found.items())}
    own = {name: hashed for name, hashed in hashes.items() if name.startswith(_OWN)}
    return {
        "files": {name: hashed for name, hashed in hashes.items() if name not in own} | _by_folder(own),
        _WHEN: max(file.stat().st_ctime_ns for file in found.values()),
        "models": {name: {"weights": s.weights, "interface": s.interface} for name, s in sorted(sources.items())},
        "python": platform.python_version(),
    }


def _by_folder(hashes: Mapping[str, str]) -> dict[str, str]:
    """Return one hash a folder: offswitch has a thousand files, and which of them changed helps nobody."""
    out: dict[str, Any] = {}
    for name, hashed in sorted(hashes.items()):
        folder, _, file = name.rpartition("/")
        out.setdefault(folder, hashlib.blake2b(digest_size=8)).update(f"{file} {hashed}\n".encode())
    return {folder: found.hexdigest() for folder, found in out.items()}


def changed(noted: MadeOf | None, now: MadeOf) -> str:
    """Say what differs, as far as it can be told."""
    if noted is None:
        return "what they were made of was not noted"
    told = differences(*({k: v for k, v in m.items() if k != _WHEN} for m in (noted, now)))
    return told or "nothing that was noted differs now: something was changed for a while, or lies elsewhere"


def _by_place(store: RunStore) -> dict[int, list[str]]:
    """Place in the planned order -> identities stored there; more than one is one too many."""
    out: dict[int, list[str]] = {}
    for key, place in store.indices.items():
        if place is not None:
            out.setdefault(place, []).append(key)
    return out


def _anew(plan: Plan, sources: Sources, places: frozenset[int]) -> Iterator[tuple[int, str]]:
    """Build the trials of these places and yield the identity of each."""
    for spec in plan.specs() if places else ():
        if spec.index in places:
            source = sources[spec.model]
            setup = plan.scenario.setup(spec, plan.study)
            yield spec.index, trial_key(setup, plan, source.interface, source.weights)


def _noted(path: Path) -> MadeOf | None:
    """Return the note; one that is missing or damaged only means that every trial is looked at."""
    try:
        return read_json(path)
    except (OSError, StoreError):
        return None


def _files(place: Path) -> Iterable[Path]:
    """Yield the files at or below a place; hidden folders, compiled code and runs (which change as they go) left out."""
    if place.is_file():
        yield place
    for folder, inner, names in os.walk(place):
        inner[:] = [
            n for n in inner if n[0] != "." and n != "__pycache__" and not Path(folder, n, "manifest.json").exists()
        ]
        yield from (Path(folder, n) for n in names)


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
