"""The command line as a user meets it: real processes, exit codes, one-line errors, help that stays as it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "help"
COMMANDS = [
    "",
    "quickstart",
    "run",
    "plan",
    "verdict",
    "import",
    "estimate",
    "report",
    "propensity",
    "fork",
    "debrief",
    "judge",
    "label",
    "export",
    "view",
    "doctor",
    "teach",
]
STUDY = "study: tiny\nmodels: ['reference/mixed:0.5']\nfactors: {instruction: [none, avoid]}\ntrials: 8\nitems: 4\n"


def offswitch(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"COLUMNS": "110", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        [sys.executable, "-m", "offswitch", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_and_stays_as_it_is(command: str, tmp_path: Path) -> None:
    done = offswitch(*([command] if command else []), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert not command or f"Example: offswitch {command}" in done.stdout
    file = SNAPSHOTS / f"{command or 'offswitch'}.txt"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(done.stdout)
        pytest.fail(f"{file} was written; look at it and commit it")
    assert done.stdout == file.read_text()


def test_a_study_from_plan_to_page(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    planned = offswitch("plan", "s.yaml", "--json", cwd=tmp_path)
    assert json.loads(planned.stdout)["planned"] == 16
    assert offswitch("run", "s.yaml", "-o", "r", "--workers", "1", cwd=tmp_path).returncode == 0
    again = offswitch("run", "s.yaml", "-o", "r", cwd=tmp_path)
    assert again.returncode == 0 and "16 stood already" in again.stderr
    rates = json.loads(offswitch("estimate", "r", "--json", "--contrasts", cwd=tmp_path).stdout)
    assert sum(r["n_assigned"] for r in rates["rates"]) == 16
    assert offswitch("report", "r", cwd=tmp_path).returncode == 0
    assert "<script" not in (tmp_path / "r" / "report.html").read_text()
    assert offswitch("export", "r", "-o", "t.jsonl", cwd=tmp_path).returncode == 0
    judged = offswitch("verdict", "t.jsonl", "-o", "v.jsonl", cwd=tmp_path)
    assert judged.returncode == 0 and len((tmp_path / "v.jsonl").read_text().splitlines()) == 16
    assert offswitch("import", "t.jsonl", "-o", "theirs", cwd=tmp_path).returncode == 0
    assert offswitch("report", "theirs", cwd=tmp_path).returncode == 0
    assert offswitch("verdict", "r", "-o", "again.jsonl", cwd=tmp_path).returncode == 0
    (forked, *_) = json.loads(offswitch("fork", "r", "--n", "2", "--trials", "4", "--json", cwd=tmp_path).stdout)
    assert forked["forks"] > 0 and offswitch("estimate", "r/forks", cwd=tmp_path).returncode == 2
    asked = offswitch("debrief", "r", cwd=tmp_path)
    assert asked.returncode == 2 and "cannot be asked" in asked.stderr and len(asked.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "none.yaml"], "there is no study file"),
        (["run", "bad.yaml"], "Did you mean 'trials'"),
        (["run", "s.yaml", "-m", "offswitch/smolm2"], "unknown embedded model"),
        (["run", "s.yaml", "-m", "offswitch/gguf:none.gguf"], "none.gguf"),
        (["run", "s.yaml", "-m", "offswitch/gguf:bad.yaml"], "bad.yaml"),
        (["run", "s.yaml", "-m", "nobody/nothing"], "nobody/nothing"),
        (
            ["run", "s.yaml", "-m", "openai/gpt-5"],
            "cannot be used: ERROR: Unable to initialise OpenAI client No OPENAI_API_KEY",
        ),
        (["verdict", "none.jsonl", "-o", "x"], "no file"),
        (["estimate", "."], "is not a run"),
        (["export", ".", "-o", "x.doc"], "is not a run"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_2(words: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(STUDY)
    (tmp_path / "bad.yaml").write_text(STUDY.replace("trials", "trails"))
    done = offswitch(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_bad_transcript_line_is_exit_1(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("{\n")
    done = offswitch("verdict", "t.jsonl", "-o", "v.jsonl", cwd=tmp_path)
    assert done.returncode == 1 and "line 1:" in done.stderr


def test_the_registry_loads_without_torch_or_a_model_runtime(tmp_path: Path) -> None:
    code = "import sys, offswitch._registry as r; assert r.shutdown and not {'torch', 'ray', 'xllamacpp', 'transformers'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_doctor_says_what_works(tmp_path: Path) -> None:
    done = offswitch("doctor", "--json", cwd=tmp_path)
    found = {row["name"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0 and found["machine"]["ok"] and found["inspect"]["ok"]
