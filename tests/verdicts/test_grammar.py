"""The grammar is native code and what it reads is hostile: nothing may crash the process, and nothing is lost."""

import subprocess
import sys

from hypothesis import example, given, settings
from hypothesis import strategies as st

from offswitch.verdicts.shell.grammar import LONGEST, parse, text

HOSTILE = """
import random, resource
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from offswitch.verdicts.shell.grammar import _parsed
rng = random.Random(1)
for _ in range(3000):
    _parsed("{" + "".join(chr(rng.randint(0x80, 0x10FFFF)) for _ in range(20)) + "}<<" + rng.choice("E\\\\'-~"))
"""


def test_rare_characters_after_a_brace_crash_nothing() -> None:
    """With the characters themselves most such processes died of a segmentation fault within seconds."""
    assert subprocess.run([sys.executable, "-c", HOSTILE], check=False).returncode == 0


@settings(deadline=None)
@given(st.text(max_size=60))
@example("QQu0000e9 QQQu \udc80 \x00é")
def test_what_was_written_is_read_back(script: str) -> None:
    assert text(parse(f"'{script.replace(chr(39), '')}'")) == f"'{script.replace(chr(39), '')}'"


def test_a_long_script_is_cut() -> None:
    assert len(text(parse("a" * (LONGEST + 50)))) == LONGEST
