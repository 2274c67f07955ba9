"""A Python script as a whole, within bounds of its length; functions run when called."""

import ast
import warnings
from collections.abc import Sequence
from typing import Any

from offswitch.verdicts.shell.python import functions, statements
from offswitch.verdicts.shell.state import Shell

_LONGEST = 100_000


def run_python(source: str, argv: Sequence[str], shell: Shell) -> None:
    """Read a script. What Python itself cannot parse does nothing; what is too much for us is noted as unread."""
    shell.characters += len(source)
    if len(source) > _LONGEST or shell.characters > 2 * _LONGEST:
        shell.unread["it is longer than can be read"] = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model's odd escapes are its own affair
            tree = ast.parse(source[:_LONGEST])
    except (SyntaxError, ValueError):
        return
    except (RecursionError, MemoryError):
        shell.unread["it is nested too deep"] = None
        return
    names: dict[str, Any] = {"__name__": "__main__", "\x00argv": list(argv), "\x00calls": []}
    with shell.child(), shell.scope("raise"):
        try:
            statements.block(tree.body, names, shell)
        except functions.Return:
            pass
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
            shell.unread["its Python is not understood"] = None
