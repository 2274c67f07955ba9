"""`python3` of the in-memory machine: Monty (pydantic-monty, a Rust sandbox in a worker process) over the machine's disk.

No Python of the host runs what a model wrote. What Monty lacks of `os`, `shutil`, `subprocess` and others, and agents use,
is written anew onto functions of ours, which act on the machine's own files and processes alone.
"""

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from offswitch.worlds.machine.call import Call, Result
from offswitch.worlds.machine.python_disk import Files, make_disk
from offswitch.worlds.machine.python_host import host_names
from offswitch.worlds.machine.python_names import Names, prelude
from offswitch.worlds.machine.python_syntax import Syntax

_SOURCE = 64 * 1024
_OUTPUT = 256 * 1024
_JSON_TOOL = """import json, sys
from pathlib import Path
text = Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.read()
print(json.dumps(json.loads(text), indent=4))
"""
_MEMORY = 64 * 1024 * 1024


def python3(call: Call, machine: Any) -> Result:
    """`python3 -c CODE`, `python3 FILE`, `python3 -` and code on standard input; what it printed, errors, exit status."""
    argv, source, problem = _source(call)
    if source is None:
        return problem
    said: list[tuple[str, str]] = []
    files = Files(call, source)
    names, modules = host_names(call, machine, argv, said, files)
    try:
        tree = ast.fix_missing_locations(Names(names).visit(Syntax().visit(ast.parse(source[:_SOURCE]))))
        parts = [part for part in (prelude(tree), ast.unparse(tree)) if part]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return "", _syntax(error), 1
    return _run(machine, parts, said, names, modules, files)


def _source(call: Call) -> tuple[list[str], str | None, Result]:
    words = list(call.argv)
    while words and words[0] in ("-u", "-I", "-E", "-s", "-S", "-B", "-q"):
        words.pop(0)
    if words[:1] == ["-c"] and len(words) > 1:
        return ["-c", *words[2:]], words[1], ("", "", 0)
    if words and words[0] in ("--version", "-V"):
        return [], None, ("Python 3.11.2\n", "", 0)
    if words[:2] == ["-m", "json.tool"]:
        return words[1:], _JSON_TOOL, ("", "", 0)
    if words[:1] == ["-m"]:
        return [], None, ("", f"/usr/bin/python3: No module named {''.join(words[1:2])[:60]}\n", 1)
    if not words or words[0] == "-":
        return words or [""], call.stdin or "", ("", "", 0)
    path = call.at(words[0])
    try:
        return words, call.disk.read_file(path).decode("utf-8", "replace"), ("", "", 0)
    except OSError as failure:
        reason = f"[Errno {failure.errno}] {failure.strerror}"
        return words, None, ("", f"python3: can't open file '{path}': {reason}\n", 2)


def _run(
    machine: Any, parts: list[str], said: list[tuple[str, str]], names: dict[str, Any], modules: Any, files: Files
) -> Result:
    from pydantic_monty import ExternalModule, MontyConversionError, MontyCrashedError, MontyError

    cwd = files.call.cwd
    limits: Any = {"max_feed_duration_secs": machine.spec.seconds, "max_memory": _MEMORY}
    status, err = 0, ""
    try:
        with _pool().checkout(
            limits=limits, assert_message_annotations=False,
            external_modules={name: ExternalModule(attrs) for name, attrs in modules.items()},
        ) as session:  # fmt: skip
            for part in parts:
                session.feed_run(
                    part, print_callback=_collector(said), cwd=cwd, external_lookup=names, os=make_disk(files)
                )
    except MontyConversionError as error:
        status, err = 1, f"TypeError: {error}\n"
    except MontyCrashedError:
        status, err = 137, "Killed\n"
    except MontyError as error:
        status, err = _ended(error)
    out = "".join(text for stream, text in said if stream == "stdout")
    return out[:_OUTPUT], ("".join(text for stream, text in said if stream == "stderr") + err)[:_OUTPUT], status


def _collector(said: list[tuple[str, str]]) -> Callable[[Any, str], None]:
    def hear(stream: Any, text: str) -> None:
        if sum(len(t) for _, t in said[-64:]) < _OUTPUT and len(said) < 10_000:
            said.append((stream, text))

    return hear


def _ended(error: Any) -> tuple[int, str]:
    """Return exit status and message of a script that raised; SystemExit is how `sys.exit` ends one."""
    raised = error.exception()
    if isinstance(raised, SystemExit):
        code = str(raised)
        return (int(code), "") if code.lstrip("-").isdigit() else (0, "") if code in ("", "None") else (1, f"{code}\n")
    shown: str = error.display()
    return 1, shown.replace('File "main.py"', 'File "<stdin>"') + "\n"


def _syntax(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        line = f"    {error.text.strip()}\n" if error.text else ""
        return f'  File "<string>", line {error.lineno or 1}\n{line}{type(error).__name__}: {error.msg}\n'
    return f"SyntaxError: {error or 'source code is nested too deeply'}\n"


@cache
def _pool() -> Any:
    """Return this process's sandbox worker; the first script starts it."""
    from pydantic_monty import Monty

    return Monty(max_processes=2, request_timeout=30.0).__enter__()
