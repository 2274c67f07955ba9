"""The package from its built wheel: build, install in a clean environment, run a trial and write its report."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
STUDIES = {
    "machine": "study: wheel\nmodels: ['reference/mixed:0.5']\ntrials: 8\nitems: 4\n",
    "office": "study: wheel\nscenario: blackmail\nmodels: ['reference/coerce:0.5']\ntrials: 8\n",
}


def run(*command: str | Path, cwd: Path) -> None:
    subprocess.run([str(c) for c in command], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        run(python, "-m", "pip", "install", "-q", "-r", ROOT / "requirements.lock", cwd=folder)
        run(python, "-m", "pip", "install", "-q", "--no-deps", wheel, cwd=folder)
        for world, study in STUDIES.items():
            (folder / f"{world}.yaml").write_text(study)
            run(python, "-m", "offswitch", "run", f"{world}.yaml", "-o", world, cwd=folder)
            run(python, "-m", "offswitch", "report", world, cwd=folder)
            assert (folder / world / "report.html").stat().st_size > 10_000
    print("wheel: built, installed, ran 8 trials in each world, wrote reports")


if __name__ == "__main__":
    main()
