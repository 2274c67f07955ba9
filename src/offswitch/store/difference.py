"""What differs between two JSON values, by the path of the key."""

import json
from collections.abc import Iterator
from typing import Any

_MOST, _LONGEST = 8, 120


def differences(stored: Any, now: Any) -> str:
    """Say in one line what differs, key by key: `study.trials: stored 400, now 500; …`. Empty if nothing does."""
    found = list(_differ("", stored, now))
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return "; ".join(found[:_MOST]) + more


def _differ(path: str, stored: Any, now: Any) -> Iterator[str]:
    """Go into mappings, and into lists of the same length; any other pair is told whole."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in sorted({*stored, *now}):
            below = f"{path}.{key}" if path else key
            if key in stored and key in now:
                yield from _differ(below, stored[key], now[key])
            else:
                yield f"{below}: " + (f"stored {_short(stored[key])}, now absent" if key in stored
                                      else f"stored without, now {_short(now[key])}")  # fmt: skip
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now) > 1:
        for i, (a, b) in enumerate(zip(stored, now, strict=True)):
            yield from _differ(f"{path}[{i}]", a, b)
    elif stored != now:
        yield f"{path}: stored {_short(stored)}, now {_short(now)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
