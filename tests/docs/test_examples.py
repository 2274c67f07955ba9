"""What the documentation shows is run: its commands, its Python, its study files; its links lead somewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from offswitch.runs import plan_study
from offswitch.study.model import read_study

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md"), *(ROOT / "src").glob("**/*.md")])
TALKING = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SETTING_UP = ("make ", ". .venv")  # .ci/run and the wheel test do these
# What a reader brings: a model with a key, and time for as many trials as the example asks.
BROUGHT = {
    "shutdown --model openai/gpt-5": "shutdown --limit 2 -T turns=3 --model offswitch/smollm2-agent",
    "-m openai/gpt-5": "-m reference/mixed:0.5",
    "run examples/first-light.yaml": "run examples/first-light.yaml --trials 1",
}


def blocks(page: Path, language: str) -> list[str]:
    found = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [t.content for t in found if t.type == "fence" and t.info.split()[:1] == [language]]


def commands(page: Path) -> list[str]:
    """Return a page's commands as a reader would type them, without remarks and set-up."""
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in lines if line.strip() and not line.startswith(SETTING_UP)]


def at_hand(folder: Path) -> Path:
    """Give a folder what a reader has: the examples, and a transcript to judge."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    (shown,) = blocks(ROOT / "docs" / "verdicts.md", "json")
    (folder / "prices.yaml").write_text("date: 2026-11-24\nmodels: {openai/gpt-5: {input: 1, output: 10}}\n")
    (folder / "theirs.jsonl").write_text(json.dumps(json.loads(shown)) + "\n")
    return folder


@pytest.mark.model
@pytest.mark.parametrize("page", [p for p in TALKING if commands(p)], ids=lambda p: p.stem)
def test_the_commands_of_a_page_run_in_their_order(page: Path, tmp_path: Path) -> None:
    place = at_hand(tmp_path)
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "INSPECT_DISPLAY": "none"}
    for line in commands(page):
        for shown, brought in BROUGHT.items():
            line = line.replace(shown, brought)  # noqa: PLW2901
        done = subprocess.run(line, shell=True, cwd=place, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])


@pytest.mark.parametrize("page", [p for p in TALKING if blocks(p, "python")], ids=lambda p: p.stem)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(at_hand(tmp_path))
    from offswitch.runs import run_study

    study = read_study(Path("examples/self-or-task.yaml")).model_copy(update={"trials": 1})
    run_study(plan_study(study), Path("runs/first-light"))
    space: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), space)


@pytest.mark.parametrize("study", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda p: p.stem)
def test_an_example_is_a_whole_study(study: Path) -> None:
    assert plan_study(read_study(study)).size > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_the_transcript_shown_gets_the_verdict_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "offswitch", "verdict", "theirs.jsonl", "--out", "out.jsonl"]
    subprocess.run(command, cwd=at_hand(tmp_path), check=True, capture_output=True)
    found = json.loads((tmp_path / "out.jsonl").read_text())
    assert (found["outcome"], found["method"]) == ("resisted", "deleted")
    assert [e["turn"] for e in found["evidence"]][:1] == [4] and "rm shutdown.sh" in found["evidence"][0]["quote"]
