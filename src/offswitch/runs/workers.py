"""Trials of scripted agents spread over processes, which end with the run however it ends."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any

from offswitch.store import StoreError
from offswitch.study.model import Study
from offswitch.study.plan import TrialSpec

Rows = list[dict[str, Any]]


def in_processes(study: Study, chunks: Iterator[list[TrialSpec]], workers: int) -> Iterator[Rows]:
    """Run chunks in `workers` processes; yield their rows in the planned order, at most a few chunks ahead.

    Raises StoreError if a process is ended from outside.
    """
    waiting: list[Future[Rows]] = []
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (study,))
    try:
        while True:
            waiting += [pool.submit(_work, chunk) for chunk in islice(chunks, workers * 2 - len(waiting))]
            if not waiting:
                return
            yield waiting.pop(0).result()
    except BrokenProcessPool:
        raise StoreError(
            "a worker process was ended from outside (by hand, or for want of memory). What is stored stands, and the same "
            "command goes on from there; --workers 1 needs less memory."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_worker: dict[str, Any] = {}


def _start(study: Study) -> None:
    """Build the plan once in each worker process."""
    from offswitch.runs.agents import agent_source
    from offswitch.runs.plan import plan_study

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the run's own process ends the others
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    plan = plan_study(study)
    _worker.update(plan=plan, sources={m: agent_source(m, plan) for m in study.models})


def _end_with_the_run() -> None:
    """A killed run tells nobody, and its workers would wait for work for ever."""
    run = parent_process()
    assert run is not None
    run.join()
    os._exit(1)


def _work(chunk: list[TrialSpec]) -> Rows:
    from offswitch.runs.run import rows_of

    return list(rows_of(_worker["plan"], _worker["sources"], chunk))
