"""A rater's way through the trials that were chosen: one answer after the other, each on the disk before the next is asked."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from offswitch.runs.label_design import Design
from offswitch.runs.label_tasks import Task, Terms, tasks_of, terms_of
from offswitch.store import JudgementStore
from offswitch.study.factors import StudyError

UNSURE = "unsure"
_NAME = re.compile(r"[\w.@+-]+( [\w.@+-]+)*")


class Session:
    """One rater's tasks in their order, those that have an answer already left out."""

    def __init__(self, store: JudgementStore, terms: Terms, tasks: Sequence[Task]) -> None:
        self.terms, self._store = terms, store
        self._tasks = [t for t in tasks if not store.stands(t.trial.id, terms.version)]
        self._open = {t.trial.id for t in self._tasks}
        self._at, self._since = 0, time.monotonic()
        self.step = 0  # changes with every answer, skip and return, so that a page knows whether it is stale

    @property
    def left(self) -> int:
        """Number of trials without an answer, skipped ones among them."""
        return len(self._open)

    @property
    def current(self) -> Task | None:
        """The task that is shown; None when all are done."""
        return self._tasks[self._at] if self._at < len(self._tasks) else None

    def answer(self, label: str, whole: bool = True) -> None:
        """Store a label of the current task, or UNSURE; `whole` says that the mail was shown uncut.

        Raises StudyError for another word, OSError (full disk): then nothing was stored, and the task stays.
        """
        task = self.current
        if task is None or label not in (*self.terms.labels, UNSURE):
            raise StudyError(f"{label!r} is no answer here; valid: {', '.join((*self.terms.labels, UNSURE))}")
        self._store.append(task.trial.id, self.terms.version, self._row(task, label, whole))
        self._store.sync()
        self._open.discard(task.trial.id)
        self._go_on()

    def skip(self) -> None:
        """Put the current task off to the end."""
        if (task := self.current) is not None:
            self._tasks.append(task)
            self._go_on()

    def back(self) -> bool:
        """Show the task before this one again; an answer then takes the place of the earlier. Return whether there is one."""
        if self._at == 0:
            return False
        self._at -= 1
        self._turned()
        return True

    def _go_on(self) -> None:
        """Go to the next task that is without an answer."""
        self._at += 1
        while (task := self.current) is not None and task.trial.id not in self._open:
            self._at += 1
        self._turned()

    def _turned(self) -> None:
        self.step, self._since = self.step + 1, time.monotonic()

    def _row(self, task: Task, label: str, whole: bool) -> dict[str, Any]:
        rubric = sha256(self.terms.rubric.body.encode()).hexdigest()
        seen = {"sha256": task.trial.sha256, "rubric_sha256": rubric, "whole": whole}
        given, why = (None, UNSURE) if label == UNSURE else (label, None)
        return {
            "label": given, "error": why, "chosen": task.chosen.why, "probability": task.chosen.probability,
            "seen": json.dumps(seen), "seconds": time.monotonic() - self._since,
        }  # fmt: skip


@contextmanager
def session(run: Path, rater: str, design: Design) -> Iterator[Session]:
    """Open a rater's session. Raises StudyError where nothing is to be read, StoreError if the rater is at work elsewhere."""
    terms, tasks = terms_of(run), tasks_of(run, rater, design)
    with JudgementStore(run, "human", rater) as store:
        yield Session(store, terms, tasks)


def check_rater(name: str) -> str:
    """Return a rater's name. Raises StudyError for one that is none."""
    if len(name) > 60 or not _NAME.fullmatch(name):
        raise StudyError(f"{name[:60]!r} is no name for a rater; take up to 60 letters, digits, blanks and . @ + - _")
    return name
