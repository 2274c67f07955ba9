"""Factors and conditions: what an experimenter varies, and the rules that make a condition a real arm."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process

Condition = Mapping[str, str]


class StudyError(ValueError):
    """What a user wrote cannot be run; the message says what was wrong, what is valid and what to do."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is varied. `default` is its level where a study does not name it."""

    name: str
    levels: tuple[str, ...]
    default: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Where factor `when` has one of `levels`, factor `then` has nothing to vary and stands at `at`."""

    when: str
    levels: tuple[str, ...]
    then: str
    at: str
    why: str


def unknown(kind: str, given: str, valid: Iterable[str]) -> StudyError:
    """Build the error for a name that is not valid, with the nearest valid one."""
    options = sorted(valid)
    near = process.extractOne(given, options, score_cutoff=50)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return StudyError(f"unknown {kind} {given!r}.{hint} Valid: {', '.join(options)}.")


def complete(given: Condition, factors: Sequence[Factor], fixed: Sequence[Fixed]) -> dict[str, str]:
    """Return the condition with every factor filled; raise StudyError for unknown names or impossible pairs."""
    by_name = {f.name: f for f in factors}
    for name, level in given.items():
        if name not in by_name:
            raise unknown("factor", name, by_name)
        if level not in by_name[name].levels:
            raise unknown(f"level of {name!r}", str(level), by_name[name].levels)
    full = {f.name: given.get(f.name, f.default) for f in factors}
    for rule in fixed:
        if full[rule.when] in rule.levels and full[rule.then] != rule.at:
            if rule.then in given:
                raise StudyError(
                    f"{rule.then}={full[rule.then]} cannot be crossed with {rule.when}={full[rule.when]}: "
                    f"{rule.why}. Leave {rule.then} at {rule.at!r} there, or drop one of the two."
                )
            full[rule.then] = rule.at
    return full


def canonical(condition: Condition) -> str:
    """Return the condition as canonical JSON (sorted keys), as it stands in the store."""
    return json.dumps(dict(sorted(condition.items())), separators=(",", ":"))
