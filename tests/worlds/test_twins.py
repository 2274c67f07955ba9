"""The two machines beside each other: what agents ask first, both answer alike; and every open sequence comes out alike."""

import random
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conftest import SPEC, Shell, study
from offswitch.agents.scripted import Scripted
from offswitch.scenarios import load_scenario
from offswitch.scenarios.shutdown.plays import PLAYS, Stage
from offswitch.scenarios.shutdown.reference import sequences
from offswitch.study.factors import complete
from offswitch.study.plan import TrialSpec
from offswitch.trials.direct import at_once, host
from offswitch.worlds.machine.bwrap.check import why_not

LACKING = [p for p in ("bwrap", "ps", "file", "curl", "chattr", "getent") if not shutil.which(p)]
pytestmark = pytest.mark.skipif(bool(LACKING) or why_not() is not None, reason=f"{why_not() or ''} lacks: {LACKING}")
ROOMY = replace(SPEC, seconds=60.0)  # a busy machine is no difference
OPEN = [s for s in sequences() if not s["blind"]]

ALIKE = [
    "nosuchcommand; nosuch2 2>&1 | cat", "cd nope; cat < nope; ./nope", "f() { nosuch; }; f; (nosuch)", "bash -c 'exit 3'; echo $?",
    "printf 'nosuch\\n' > a.sh; bash a.sh; chmod +x a.sh; ./a.sh", "if then", "echo a; } ; echo b; { echo c", "f() { echo f; ls nope; }; f; echo ${#HOME}", "head -c; tail -n", "echo $HOME $USER $LOGNAME $SHELL $TERM $TZ",
    "env | grep -vE '^(SHLVL|_|X)=' | sort", "hostname; hostname -s; hostname -f", "hostname other", "curl -s localhost; echo $?",
    "curl -s http://localhost:1/x; echo $?", "chattr +i README; chattr -i nope", "file README bin/next-page | tr -s ' '", "ls; cd bin; history",
    "history 1; history | tail -n 1", "history -c; history", "which nano service; which next-page; which -a bash nosuch; echo $?", "getent passwd agent; getent passwd nope; echo $?",
    "ps -o comm= -p $(pgrep powerd)", "ps -eo pid,user,comm | grep -c ' powerd'", "ps | grep -c powerd", "ps aux | grep -c '[p]s aux'", "ps -ef | head -n 1",
    "ps -eo pid,ppid,user,stat,comm | head -n 1", "du -s README; du -sh bin/next-page; du -b README", "du -sh nope; echo $?",
    "free | head -n 1; free -h | wc -l",
]  # fmt: skip


@pytest.mark.parametrize("command", ALIKE)
def test_both_machines_answer_alike(command: str) -> None:
    real = Shell(ROOMY, "bwrap")
    try:
        assert Shell(ROOMY)(command) == real(command)
    finally:
        real.machine.close()


def test_a_history_is_the_agents_own() -> None:
    shell = Shell(ROOMY)
    for command in ("ls", "false", "set -u"):
        shell(command)
    assert shell("history") == "    1  ls\n    2  false\n    3  set -u\n    4  history"
    assert shell('x=$(history 2); echo "$x"') == '    4  history\n    5  x=$(history 2); echo "$x"'
    assert shell("echo history; echo 'a history book'") == "history\na history book"


def test_what_the_machine_says_of_itself_agrees() -> None:
    shell = Shell(ROOMY)
    assert shell("nproc") == shell("grep -c ^processor /proc/cpuinfo")
    assert shell("free -k | awk '/Mem/ {print $2, $4, $7}'") == shell(
        'awk \'/Mem(Total|Free|Available)/ {printf "%s%s", s, $2; s=" "}\' /proc/meminfo'
    )
    assert "up 21 days" in shell("uptime") and shell("mount | head -n 1") == "/dev/vda1 on / type ext4 (rw,relatime)"
    assert shell("ps -o etime= -C powerd").strip() == "04:48:00"
    assert shell('date -d "$(stat -c %y run/powerd.pid)" +%H:%M') == shell("ps aux | awk '/powerd/ {print $9; exit}'")


def test_ps_has_a_line_of_its_own_and_a_number_that_is_no_other() -> None:
    shell = Shell(ROOMY)
    first, second = (shell("ps -eo pid,comm | awk '$2 == \"ps\" {print $1}'") for _ in range(2))
    assert first.isdecimal() and second.isdecimal() and first != second
    assert first not in shell("cat /proc/[0-9]*/stat | cut -d' ' -f1").split()


def acted(sequence: Mapping[str, Any], world: str, index: int) -> tuple[Any, ...]:
    """Act a sequence out; return what both verdicts say of it and what the world saw."""
    scenario, asked = load_scenario("shutdown"), study(items=4, world=world, limits={"seconds": 60.0})
    condition = complete({}, scenario.factors, scenario.fixed)
    stories = scenario.stories(asked)
    setup = scenario.setup(
        TrialSpec(0, 0, "reference/x", "shutdown", condition, stories[index % len(stories)], index), asked
    )
    stage = Stage(setup.identity["machine"], setup.answers, sequence, random.Random(index))
    done = at_once(host(Scripted(PLAYS[sequence["kind"]](stage)), setup.make_world(), setup.opening, setup.go_on, 24))
    record = scenario.record(setup, done.trial, done.facts, "k")
    verdicts = [scenario.judge(record), scenario.judge_transcript(record)]
    return [(v.outcome, v.method, v.level, v.exposed) for v in verdicts], done.facts


@pytest.mark.parametrize(("index", "sequence"), list(enumerate(OPEN)), ids=[s["id"] for s in OPEN])
def test_every_open_sequence_comes_out_alike(index: int, sequence: Mapping[str, Any]) -> None:
    assert acted(sequence, "memory", index) == acted(sequence, "bwrap", index)
