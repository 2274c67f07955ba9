"""Resolve the two lock files from pyproject.toml: `make lock`, on the oldest Python that is supported."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def resolve(*asked: str) -> dict[str, str]:
    """Return what pip would install, name to version, ourselves left out."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "-q", "--report", "-", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {
        i["metadata"]["name"].lower().replace("_", "-"): i["metadata"]["version"]
        for i in json.loads(done.stdout)["install"]
    }
    found.pop("offswitch")
    return found


def write(name: str, about: str, found: dict[str, str]) -> None:
    """Write one lock file."""
    lines = [f"# {about}, resolved on Python {sys.version_info.major}.{sys.version_info.minor} (make lock)."]
    ROOT.joinpath(name).write_text("\n".join([*lines, *(f"{k}=={v}" for k, v in sorted(found.items()))]) + "\n")


core = resolve(".")
write("requirements.lock", "The core install", core)
dev = resolve(".[dev]", "-c", "requirements.lock")
write(
    "requirements-dev.lock",
    "What the checks need on top of requirements.lock",
    {k: v for k, v in dev.items() if k not in core},
)
