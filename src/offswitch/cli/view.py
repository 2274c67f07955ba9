"""`offswitch view`: browse a run's transcripts in Scout's viewer."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer


def view(
    run: Annotated[Path, typer.Argument(help="A run folder.", exists=True, file_okay=False)],
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 7576,
) -> None:
    """Open a run's transcripts in Inspect Scout's viewer (on this machine only).

    Example: offswitch view runs/first-light
    """
    from offswitch.store import read_manifest

    read_manifest(run)
    scout = Path(sys.executable).with_name("scout")
    place = run / "transcripts"
    command = [str(scout), "view", "-T", str(place), "--host", "127.0.0.1", "--port", str(port)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)
