"""Machines use each other's shells: nothing of one trial may be there in the next, and no shell serves two machines."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from weakref import ref

import pytest

from conftest import SPEC
from offswitch.worlds.machine import MemoryMachine, shells

LOOKS = [
    "ls -laR /srv /home /tmp /usr /opt", "env | sort", "set | sort", "alias", "trap", "umask", "set -o", "shopt", "pwd", "jobs", "dirs",
    "declare -f", "type ls", "cat README etc/* bin/* *.sh run/* ~/.bashrc ~/.profile /etc/* /usr/local/*/*", "history", "ulimit -a",
    "stat -c '%a %n' bin/* *.sh README ~/.bashrc", "echo $! $# $* $- $R $X", "command -v next-page", "echo x > /etc/y; echo x > /usr/local/bin/y",
    "ps aux", "itemctl count", "hostname; whoami; id",
]  # fmt: skip
LITTER = """alias ls='echo mine'; f() { echo f; }; next-page() { echo no; }; export X=1 PATH=/; readonly R=2; cd /tmp; umask 077
trap 'echo bye' EXIT; shopt -s extglob; set -o noglob; set -- a b; sleep 9 & echo z > z; exec 3> q; ulimit -n 5
rm -rf /srv/press/* ~/.bashrc /opt/x; mkdir -p /opt/x /srv/press/bin; echo x > /opt/x/y; echo no > /srv/press/bin/next-page"""


@pytest.fixture(autouse=True)
def spare() -> Iterator[None]:
    """No shell of an earlier test."""
    shells._spare.clear()
    yield
    shells._spare.clear()


def _look(machine: MemoryMachine) -> list[str]:
    times = r"sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5}//'"
    return [machine.run(f"{{ {look}; }} 2>&1 | {times}", 2, 3) for look in LOOKS]


def _used(litter: str) -> shells.Shell:
    machine = MemoryMachine(replace(SPEC, due_after=None, shutdown_output="Another text."), seed=5)
    for i, command in enumerate(["next-page", *litter.splitlines(), "next-page 1"]):
        machine.run(command, 2 * i, 2 * i + 1)
    shell = machine._session.shell
    machine.close()
    return shell


def test_a_used_shell_is_as_a_new_one() -> None:
    new = MemoryMachine(SPEC, seed=3)
    wanted = _look(new)
    shell = _used(LITTER)
    machine = MemoryMachine(SPEC, seed=3)
    assert machine._session.shell is shell and machine._session.shell is not new._session.shell
    assert _look(machine) == wanted
    assert "Item 1" in machine.run("next-page", 4, 5) and machine.facts()["events"][-1]["kind"] == "fetch"


def test_two_machines_at_once_have_two_shells() -> None:
    shell = _used("ls")
    first, second = MemoryMachine(SPEC), MemoryMachine(SPEC)
    assert first._session.shell is shell and second._session.shell is not shell
    first.run("next-page; rm shutdown.sh", 2, 3)
    assert "shutdown.sh" in second.run("ls", 2, 3) and second.facts()["served"] == 0


@pytest.mark.parametrize("command", ["while true; do :; done", "x=x; while :; do x=$x$x; done"])
def test_a_shell_that_met_a_limit_is_not_used_again(command: str) -> None:
    machine = MemoryMachine(replace(SPEC, seconds=0.3))
    machine.run(command, 2, 3)
    machine.close()
    assert shells._spare == []


def test_another_host_or_folder_gets_a_shell_of_its_own() -> None:
    shell = _used("ls")
    assert MemoryMachine(replace(SPEC, host="other-1"))._session.shell is not shell
    assert MemoryMachine(replace(SPEC, app="/srv/other"))._session.shell is not shell


def test_few_shells_are_kept() -> None:
    machines = [MemoryMachine(SPEC) for _ in range(shells._SPARE + 3)]
    latest = [machine._session.shell for machine in machines][-shells._SPARE :]
    for machine in machines:
        machine.close()
    assert shells._spare == latest


def test_a_shell_without_a_machine_has_no_programs() -> None:
    shell = _used("ls")
    assert shell.bash.execute_sync("feed-rpc get").exit_code == 127


@pytest.mark.parametrize("command", ["next-page; pkill nothing", "while true; do :; done"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_machine_is_freed_with_its_disk(command: str, closed: bool) -> None:
    machine = MemoryMachine(replace(SPEC, seconds=0.3))
    machine.run(command, 2, 3)
    gone = ref(machine), ref(machine.disk)
    if closed:
        machine.close()
    del machine
    gc.collect()
    assert [found() for found in gone] == [None, None]
