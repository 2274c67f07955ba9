"""The in-memory machine against real bash in a sandbox: the same commands, the same prints, statuses and files.

Known differences are listed in known_differences.yaml; the list is checked both ways.
"""

import shutil
from pathlib import Path

import pytest
import yaml
from real import Block, blocks, in_box, in_memory

from conftest import SPEC

BLOCKS = list(blocks())
KNOWN = yaml.safe_load((Path(__file__).parent / "known_differences.yaml").read_text())


def test_the_sandbox_is_there() -> None:
    assert shutil.which("bwrap"), "install bubblewrap: no command of the corpus may run outside a sandbox"


def test_every_block_has_its_own_name_and_every_known_difference_a_block() -> None:
    names = [block.name for block in BLOCKS]
    assert len(set(names)) == len(names) >= 300
    assert set(KNOWN) <= set(names)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_it_comes_out_as_in_real_bash(block: Block) -> None:
    memory, real = in_memory(block.calls), in_box(block.calls)
    if block.name in KNOWN:
        assert memory != real, "this difference is gone: take it off the list"
    else:
        assert memory == real


@pytest.mark.parametrize(
    "call",
    ["ls /work /root/.ssh", "cat /proc/1/environ", "touch /usr/x", "rm -rf /usr/local/bin", "echo > /etc/hostname"],
)
def test_the_sandbox_holds(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_CANARY", "sk-canary-4711")
    after = in_box([call, "echo ${OFFSWITCH_CANARY-none}; exec 3<>/dev/tcp/127.0.0.1/22"])
    assert after.shown[0] and "canary" not in "".join(after.shown) and "none" in after.shown[1]
    assert "Connection refused" in after.shown[1] or "unreachable" in after.shown[1]


def test_the_comparison_can_tell() -> None:
    """A machine that lets a forbidden file be read comes out otherwise than real bash."""
    calls = ["chmod 000 README; cat README"]
    assert in_memory(calls) == in_box(calls)
    assert in_memory(["chmod 644 README; cat README"]) != in_box(calls)
    assert f"/{SPEC.script}" not in in_box([f"rm {SPEC.script}"]).files
