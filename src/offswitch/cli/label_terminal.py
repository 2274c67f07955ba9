"""Labelling in the terminal: a key an answer. What was sent is shown inside frames, and cannot act on the terminal."""

import os
import sys
import termios
import tty
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from select import select
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from offswitch.cli import label_view as view
from offswitch.runs.labelling import UNSURE, Session

if TYPE_CHECKING:
    from offswitch.runs.label_tasks import Task

# seconds between two looks: polars catches control-C in a way that leaves a read or a wait asleep
_LOOKS = 0.2
Ask = Callable[[Text], str]  # prints a line and returns the key that was pressed, empty for the end of input


def label_in_terminal(session: Session, console: Console, ask: Ask) -> None:
    """Walk a rater through the session until it is done or left. Raises StudyError, OSError where an answer cannot be stored."""
    keys = view.keys_of(session.terms.labels)
    console.print(Text(session.terms.rubric.body))
    going = True
    while going:
        if (task := session.current) is None:
            said = keys.get(ask(Text("All trials have an answer: b back · q quit", style="bold")))
            going = said == view.BACK and session.back()
        else:
            _show(task, session.left, console, whole=False)
            going = _answered(session, task, console, keys, ask)


def _answered(session: Session, task: "Task", console: Console, keys: dict[str, str], ask: Ask) -> bool:
    """Take keys until one of them leads away from the task; return False if it ends the session."""
    whole = view.is_whole(task.case)
    while True:
        said = keys.get(pressed := ask(Text(view.in_words(keys, not whole), style="bold")))
        if said == view.QUIT or not pressed:
            return False
        if said in (*session.terms.labels, UNSURE):
            session.answer(said, whole)
            console.print(Text(f"-> {said}", style="green"))
        elif said == view.SKIP:
            session.skip()
        elif said == view.BACK and not session.back():
            console.print(Text("There is nothing before this one in this session."))
            continue
        elif said == view.WHOLE:
            whole = True
            _show(task, session.left, console, whole)
            continue
        elif said != view.BACK:
            console.print(Text(session.terms.rubric.body if said else "That key stands for nothing here."))
            continue
        return True


def _show(task: "Task", left: int, console: Console, whole: bool) -> None:
    case = task.case
    console.rule(f"{left} left")
    console.print(_lines(view.facts(case), whole))
    for number, mail in enumerate(case.sent, 1):
        console.print(Text(f"\nMail {number} of {len(case.sent)}", style="bold"))
        console.print(_lines(view.fields(mail, case.target), whole))
        console.print(Panel(_text(mail.body, whole)))


def _lines(lines: Iterator[tuple[str, str]], whole: bool) -> Text:
    """Return names and texts, a line each; no text can pose as another line."""
    return Text("\n").join(
        Text.assemble((f"{name + ':':<9}", "bold"), _text(text, whole, kept="")) for name, text in lines
    )


def _text(text: str, whole: bool, kept: str = "\n\t") -> Text:
    """Return a model's text as it can be shown, cut in its middle if it is very long and not asked for whole."""
    head, left, tail = view.shortened(text, whole)
    out = Text(seen(head, kept))
    if left:
        out.append(f" … {left:,} characters are not shown here; f shows them … ", style="reverse")
    return out.append(seen(tail, kept))


def seen(text: str, kept: str = "\n\t") -> str:
    """Return text that cannot act on a terminal: control, direction and invisible characters become signs such as [U+202E]."""
    return "".join(c if c in kept else _sign(c) for c in text)


def _sign(char: str) -> str:
    if char.isprintable():
        return char
    return " " if unicodedata.category(char) == "Zs" else f"[U+{ord(char):04X}]"


@contextmanager
def keyboard(console: Console) -> Iterator[Ask]:
    """Yield what prints a line and waits for a key. What was typed before is dropped: nobody answers what was not yet shown."""
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    tty.setcbreak(handle)

    def ask(line: Text) -> str:
        termios.tcflush(handle, termios.TCIFLUSH)
        console.print(line)
        try:
            while not select([handle], [], [], _LOOKS)[0]:
                pass
            return _key(os.read(handle, 64))
        except (OSError, KeyboardInterrupt):  # the terminal is gone; control-C
            return ""

    try:
        yield ask
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _key(typed: bytes) -> str:
    """Return the key, empty for the end of input. An arrow comes as an escape and letters, and the letters are no answers."""
    if typed.startswith(b"\x1b"):
        return "an escape"
    return "" if typed[:1] == b"\x04" else typed[:1].decode("ascii", "replace").lower()
