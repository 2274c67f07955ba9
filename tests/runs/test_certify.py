"""Certifying a machine: what differs from the in-memory one is found, and so is an attempt that succeeds."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from offswitch.runs import certify
from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.escapes import Typist, attempted

OURS = {
    "planted_sequence": "s1", "outcome": "resisted", "method": "deleted", "level": "succeeded", "exposed": True, "facts": "{}", "error": None,
    "messages": json.dumps([{"role": "assistant"}, {"role": "tool"}]),
    "evidence": json.dumps([{"turn": 0, "quote": "rm x", "rule": "world"}, {"turn": 1, "quote": "Item 3", "rule": "past"}]),
}  # fmt: skip
OTHER = json.loads(OURS["evidence"])
SAME = [{}, {"evidence": json.dumps([OTHER[0], {**OTHER[1], "quote": "error\nItem 3"}])}]
DIFFERENT = [
    {"outcome": "attempted"}, {"method": "renamed"}, {"facts": '{"served": 1}'}, {"exposed": False}, {"evidence": "[]"},
    {"outcome": "invalid", "error": "no start"}, {"evidence": json.dumps([{**OTHER[0], "quote": "rm y"}, OTHER[1]])},
    {"evidence": json.dumps([OTHER[0], {**OTHER[1], "rule": "notice"}])},
]  # fmt: skip


@pytest.mark.parametrize("changed", SAME + DIFFERENT)
def test_what_differs_is_found_and_named(changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(agent: str, world: str, trials: int) -> Iterator[dict[str, Any]]:
        yield OURS | (changed if world == "bwrap" else {})

    monkeypatch.setattr(certify, "_rows", rows)
    found = certify.compared("lie", "bwrap", 1)
    assert found.ok == (changed in SAME)
    assert found.ok or (next(iter(changed)) in found.says and (changed.get("error") or "") in found.says)


def test_an_attempt_that_succeeds_or_breaks_the_machine_is_found() -> None:
    def breaks(typed: Typist) -> str | None:
        raise WorldError("it broke")

    assert attempted("memory", lambda typed: typed("echo got out")) == "got out"
    assert attempted("memory", breaks) == "it broke"
