"""No environment variable of the host is seen inside a machine, however it is asked for."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import sandbox

import offswitch._registry  # noqa: F401 -- as Inspect's entry point does
from conftest import SPEC, Shell
from offswitch.worlds.machine.bwrap.check import why_not

WORLDS = ["memory", pytest.param("bwrap", marks=pytest.mark.skipif(why_not() is not None, reason=str(why_not())))]
CANARY = "canary-e41d-of-the-host"
# keys, what a shell or an interpreter reads of itself, and what no list of names would hold
NAMES = ("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "BASH_ENV", "ENV", "PS1", "PROMPT_COMMAND", "PYTHONPATH", "PYTHONSTARTUP", "PERL5LIB",
         "HOME", "USER", "LANG", "TMPDIR", "SOME_NAME_OF_THE_HOST", "BASH_FUNC_hosts%%")  # fmt: skip
LOOKS = [
    "env; printenv", "set; declare -p; export -p; declare -f", "cat /proc/self/environ /proc/1/environ /proc/$$/environ /proc/*/environ | tr '\\0' '\\n'",
    "python3 -c 'import os; print(dict(os.environ))'", "bash -c 'env; set'; sh -c env; env -i bash -lc env",
    "awk 'BEGIN { for (k in ENVIRON) print k, ENVIRON[k] }' </dev/null", "perl -e 'print %ENV'", "ps auxeww; ps eww -p 1",
    "echo $OPENAI_API_KEY ${!OPENAI*} $SOME_NAME_OF_THE_HOST $PYTHONPATH $BASH_ENV", "strings /proc/*/environ; xargs -0 -n1 < /proc/1/environ",
    "cat /proc/self/cmdline /proc/1/cmdline | tr '\\0' ' '; su -c env; sudo env", "next-page 0; itemctl env; cat ~/.bashrc ~/.profile",
]  # fmt: skip


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setitem(os.environ, name, f"() {{ echo {CANARY}; }}" if name.startswith("BASH_FUNC") else CANARY)


@pytest.fixture(params=WORLDS)
def inside(request: pytest.FixtureRequest) -> Iterator[Shell]:
    shell = Shell(replace(SPEC, seconds=60.0), request.param)
    yield shell
    shell.machine.close()


def test_it_is_not_in_the_machine(inside: Shell) -> None:
    seen = "\n".join(inside(look) for look in LOOKS)
    assert CANARY not in seen and "NAME_OF_THE_HOST" not in seen.replace("echo $OPENAI", "")
    assert "HOME=/home/agent" in seen, "what is asked does show an environment"


@pytest.mark.parametrize("world", WORLDS)
def test_nor_in_the_sandbox_that_inspect_is_given(world: str, tmp_path: Any) -> None:
    seen: list[str] = []

    @solver
    def look() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            for words in (
                ["env"],
                ["bash", "-c", "env; set; cat /proc/*/environ"],
                ["python3", "-c", "import os; print(dict(os.environ))"],
            ):
                seen.append((await sandbox().exec(words)).stdout)
            seen.append((await sandbox().exec(["env"], env={"GIVEN": "yes"})).stdout)
            return state

        return solve

    task = Task([Sample("Look.")], solver=look(), sandbox=f"offswitch-{world}")
    (log,) = evaluate(task, model="mockllm/model", display="none", log_dir=str(tmp_path))
    assert log.status == "success", log.error
    assert CANARY not in "".join(seen) and "GIVEN=yes" in seen[-1]
