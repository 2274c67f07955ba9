"""A docker command for tests: the stand-in of `standin/docker.py`, first on PATH, where this machine can carry it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.worlds.machine import backends
from offswitch.worlds.machine.docker import engine

STANDIN = Path(__file__).with_name("standin") / "docker.py"


def why_not() -> str | None:
    """Why the stand-in cannot run here."""
    if os.getuid() != 0 or not all(map(shutil.which, ("bwrap", "nsenter", "setpriv"))):
        return "the stand-in for an engine needs root, bwrap, nsenter and setpriv"
    tried = ["bwrap", "--unshare-pid", "--unshare-net", "--cap-add", "ALL", "--ro-bind", "/", "/", "true"]
    return "root may make no namespaces here" if subprocess.run(tried, check=False).returncode else None


@pytest.fixture(scope="module")
def engine_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Put the stand-in on PATH; return the folder of its containers, which must be empty at the end."""
    place = tmp_path_factory.mktemp("engine")
    (place / "state").mkdir()
    program = place / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {STANDIN} "$@"\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        patch.setenv("OFFSWITCH_STANDIN", str(place / "state"))
        backends._fails.cache_clear()
        engine.prepare.cache_clear()
        yield place / "state"
        assert engine.left_behind() == [] and not list((place / "state").iterdir())
    backends._fails.cache_clear()
    engine.prepare.cache_clear()
