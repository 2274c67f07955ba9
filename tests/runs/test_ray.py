"""A study on a real Ray cluster of several nodes: what is lost on the way is run again, and each trial is stored once."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
import yaml

from conftest import study
from offswitch import open_run
from offswitch.agents.base import Access
from offswitch.runs.plan import Plan, plan_study, trial_key
from offswitch.runs.ray_cluster import address_of, connected
from offswitch.runs.ray_driver import shards
from offswitch.runs.ray_host import place_of
from offswitch.runs.ray_task import Job, Shard, substance, work
from offswitch.store import StoreError
from offswitch.store.parts import Parts
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study

EXAMPLE = Path(__file__).parents[2] / "examples" / "scenarios" / "told_to_stop"
PATIENCE = 600.0  # seconds until a test gives up; nothing is asserted of time
pytestmark = pytest.mark.xdist_group("ray")  # one cluster, not one a process
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed (extra 'ray')")


@dataclass
class Nodes:
    address: str
    raylets: list[int]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two nodes of one CPU each, beside a head that takes no tasks."""
    command = [sys.executable, str(Path(__file__).with_name("ray_nodes.py")), "1", "1"]
    env = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    log = tmp_path_factory.mktemp("nodes") / "log"
    with (
        log.open("w") as err,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True, env=env
        ) as process,
    ):
        assert process.stdout is not None
        told = next((line for line in process.stdout if line.startswith("{")), None)
        assert told, log.read_text()[-3000:]
        yield Nodes(**json.loads(told))


NOTE = """
    here = Path(__file__).parents[1] / "marks"
    with here.joinpath("begun.txt").open("a") as file:
        file.write(f"{os.getpid()} {setup.spec.index}\\n")
    while setup.spec.index >= GATE and not here.joinpath("go").exists():
        time.sleep(0.05)
"""


class Asked:
    """A study of 160 trials whose agents note that they began, and from the trial `gate` on wait for `go`."""

    def __init__(self, folder: Path, gate: int = 1000, **more: Any) -> None:
        self.folder, self.run = folder, folder / "run"
        shutil.copytree(EXAMPLE, folder / "own")
        (folder / "marks").mkdir()
        (folder / "marks" / "begun.txt").touch()
        file = folder / "own" / "reference.py"
        for old, new in (
            (
                "\nfrom collections",
                f"\nimport os\nimport time\nfrom pathlib import Path\nGATE = {gate}\nfrom collections",
            ),
            ('    kind = name.removeprefix("reference/")\n', NOTE + '    kind = name.removeprefix("reference/")\n'),
        ):
            body = file.read_text()
            assert body.count(old) == 1
            file.write_text(body.replace(old, new))
        raw = {
            "study": "own", "scenario": "own", "models": ["reference/obey", "reference/go-on"],
            "factors": {"tone": ["polite", "curt"]}, "trials": 40, "items": 3,
        }  # fmt: skip
        (folder / "s.yaml").write_text(yaml.safe_dump(raw | more))

    def go(self) -> None:
        (self.folder / "marks" / "go").touch()

    @property
    def begun(self) -> list[tuple[int, int]]:
        lines = (self.folder / "marks" / "begun.txt").read_text().splitlines()
        return [(int(pid), int(index)) for pid, index in (line.split() for line in lines)]

    @property
    def stored(self) -> pl.DataFrame:
        return open_run(self.run, whole=True).collect() if (self.run / "manifest.json").exists() else pl.DataFrame()

    def start(self, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "offswitch", "run", "s.yaml", "--out", "run", *options]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def whole(self, *options: str) -> str:
        """Run it to its end; return what it said."""
        _, told = self.ended(self.start(*options))
        return told

    def ended(self, process: "subprocess.Popen[str]", status: int = 0) -> tuple[str, str]:
        out, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == status, told
        return out, told

    def plan(self, monkeypatch: pytest.MonkeyPatch) -> Plan:
        monkeypatch.chdir(self.folder)
        return plan_study(read_study(self.folder / "s.yaml"))


def until(true: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def holds_exactly(asked: Asked, plan: Plan) -> None:
    """Every planned trial is stored once, under its own identity, and nothing is left on the way."""
    stored, specs = asked.stored, list(plan.specs())
    keys = {trial_key(plan.scenario.setup(s, plan.study), plan, "tools", None): s.index for s in specs}
    assert stored.height == plan.size == len(keys)
    assert dict(stored.select("transcript_id", "trial_index").iter_rows()) == keys
    assert (stored["outcome"] == stored["planted_outcome"]).all()
    assert not (asked.run / "parts").exists()


@needs_ray
def test_a_driver_that_is_killed_is_gone_on_with(nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, on = Asked(tmp_path, gate=80), f"--on=ray:{nodes.address}"
    driver = asked.start(on)
    until(lambda: asked.stored.height > 0, driver)
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    first = set(asked.stored["trial_index"])
    assert 0 < len(first) <= 80
    # What a task taken for lost may leave: trials that stand already, and a part cut short.
    Parts((asked.run / "parts").as_uri()).write(1, asked.stored.head(3).to_dicts())
    (asked.run / "parts" / "000002-cut-5.jsonl").write_text('{"transcript_id": "ab')
    asked.go()
    told = asked.whole(on)
    holds_exactly(asked, asked.plan(monkeypatch))
    times = Counter(index for _, index in asked.begun)
    assert all(times[index] == 1 for index in first), "what was stored is not run again"
    assert "2 nodes for trials, 2 tasks at once" in told and "0 stood already" not in told


class Served(BaseHTTPRequestHandler):
    """A model behind an address: it reads the meter twice and submits. `begun` counts the trials that asked it."""

    begun = 0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        turns = sum(m["role"] == "assistant" for m in asked["messages"])
        call = {"name": "read" if turns < 2 else "submit", "arguments": "{}"}
        message: dict[str, Any] = {"role": "assistant", "content": "ready"}
        if asked.get("tools"):
            Served.begun += turns == 0
            message = {"role": "assistant", "tool_calls": [{"id": f"c{turns}", "type": "function", "function": call}]}
        body = {
            "id": "x", "object": "chat.completion", "created": 1, "model": "tiny-0",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 300, "completion_tokens": 0, "total_tokens": 300},
        }  # fmt: skip
        raw = json.dumps(body if self.headers["Authorization"] == "Bearer sesame-7" else {"error": {"message": "no"}})
        self.send_response(200 if self.headers["Authorization"] == "Bearer sesame-7" else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}/v1"
        made.shutdown()


@needs_ray
def test_nodes_reach_a_model_themselves_and_keep_to_a_budget(nodes: Nodes, server: str, tmp_path: Path) -> None:
    """Each trial costs 0.9 usd, and is expected to cost more; a block has four."""
    asked = Asked(tmp_path, models=["openai-api/local/tiny"], trials=20)
    prices = {"date": "2026-11-24", "models": {"openai-api/local/tiny": {"input": 1000.0, "output": 1000.0}}}
    (tmp_path / "p.yaml").write_text(yaml.safe_dump(prices))
    shared = (tmp_path / "elsewhere").as_uri()
    on = (f"--on=ray:{nodes.address}", f"--shared={shared}", "-M", f"base_url={server}", "--prices=p.yaml")
    _, told = asked.ended(asked.start(*on, "-M", "api_key=bad", "--budget=20usd"), 2)
    assert re.search(r"^offswitch: on the node \S+: the model 'local/tiny' does not answer: .*401.*$", told, re.M), told
    assert "Traceback" not in told and asked.stored.is_empty()
    _, told = asked.ended(asked.start(*on, "-M", "api_key=sesame-7", "--budget=20usd"), 1)
    order = asked.stored["trial_index"].sort().to_list()
    assert order == list(range(len(order))) and "The budget ended the run" in told
    assert 8 <= len(order) <= 22 and len(order) % 4 == 0 and Served.begun == len(order)
    asked.ended(asked.start(*on, "-M", "api_key=sesame-7", "--budget=1000usd"))
    assert asked.stored.height == asked.stored["transcript_id"].n_unique() == Served.begun == 40
    assert set(asked.stored["provider_model_id"]) == {"local/tiny"} and asked.stored["valid"].all()
    assert not list((tmp_path / "elsewhere").rglob("*.jsonl"))
    assert "sesame" not in "".join(f.read_bytes().decode(errors="replace") for f in asked.run.rglob("*") if f.is_file())


@needs_ray
def test_a_node_that_is_killed_loses_and_doubles_nothing(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last test of this cluster: it leaves one node."""
    asked, victim = Asked(tmp_path, gate=0), psutil.Process(nodes.raylets[-1])
    driver = asked.start(f"--on=ray:{nodes.address}")
    until(lambda: len({pid for pid, _ in asked.begun}) == 2, driver)
    its = victim.children(recursive=True)
    lost = {index for pid, index in asked.begun if pid in {p.pid for p in its}}
    assert len(lost) == 1, "one node has one task under way"
    for process in (victim, *its):
        process.kill()
    asked.go()
    asked.ended(driver)
    holds_exactly(asked, asked.plan(monkeypatch))
    assert {index for index, n in Counter(index for _, index in asked.begun).items() if n > 1} == lost


def test_a_task_that_is_begun_again_does_what_is_missing(tmp_path: Path) -> None:
    plan = plan_study(study(trials=8, items=3))
    specs, parts = list(plan.specs()), Parts((tmp_path / "parts").as_uri())
    job = Job("one", plan.study, Access(), parts.url, str(Path.cwd()), substance(plan))
    first = work(job, Shard(0, specs[:5], frozenset()))
    again = work(job, Shard(0, specs, frozenset()))
    rows = list(parts.rows(again.parts))
    assert set(first.parts) < set(again.parts) and (first.already, again.already) == (0, 0)
    assert sorted(r["trial_index"] for r in rows) == list(range(8))
    assert work(job, Shard(0, specs, frozenset())).parts == sorted(again.parts)
    other = work(job, Shard(1, specs, frozenset({rows[0]["transcript_id"], rows[7]["transcript_id"]})))
    assert other.already == 2 and len(list(parts.rows(other.parts))) == 6


def test_trials_that_would_be_made_otherwise_now_are_refused(tmp_path: Path) -> None:
    plan = plan_study(study(trials=8, items=3))
    job = Job("otherwise", plan.study, Access(), (tmp_path / "parts").as_uri(), str(Path.cwd()), substance(plan))
    with pytest.raises(StoreError, match=r"1 stored trials among 0 to 7 .* made otherwise now"):
        work(job, Shard(0, list(plan.specs()), frozenset({"made-of-other-texts"})))
    assert not Parts(job.url).names()


def test_a_node_with_other_texts_takes_no_part(tmp_path: Path) -> None:
    plan = plan_study(study(trials=8, items=3))
    job = Job("other", plan.study, Access(), (tmp_path / "parts").as_uri(), str(Path.cwd()), "not these")
    with pytest.raises(StudyError, match=r"on the node .*another offswitch, or other texts"):
        work(job, Shard(0, list(plan.specs()), frozenset()))


@pytest.mark.parametrize("models", [1, 3])
@pytest.mark.parametrize("least", [1, 50, 10_000])
def test_every_shard_has_every_condition_alike(models: int, least: int) -> None:
    plan = plan_study(
        study(models=[f"m/{i}" for i in range(models)], trials=21, factors={"instruction": ["none", "allow", "avoid"]})
    )
    pieces = list(shards(plan, least))
    assert [s.index for piece in pieces for s in piece] == list(range(plan.size))
    for piece in pieces:
        arms = Counter((s.model, s.condition["instruction"], s.story) for s in piece)
        stories = {story for *_, story in arms}
        assert len(arms) == models * 3 * len(stories)
        assert all(len({arms[a] for a in arms if a[2] == story}) == 1 for story in stories)
    assert all(len(piece) >= least for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("given", "told"),
    [("slurm", "valid: ray"), ("ray:head", "HOST:PORT"), ("ray:h:x", "HOST:PORT"), ("ray://h:10001", "Ray Client")],
)
def test_a_place_that_is_none(given: str, told: str) -> None:
    with pytest.raises(StudyError, match=told):
        address_of(given)
    assert (address_of("ray"), address_of("ray:10.0.0.1:6379")) == ("auto", "10.0.0.1:6379")


def test_without_ray_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StudyError, match=r"pip install 'offswitch\[ray\]'"), connected("auto"):
        pass


@needs_ray
def test_where_nothing_listens_the_way_out_is_told() -> None:
    with pytest.raises(StudyError, match=r"no Ray cluster is reached at 127.0.0.1:1 .*ray start --head") as caught, connected("127.0.0.1:1"):  # fmt: skip
        pass
    assert "\n" not in str(caught.value)


def test_a_run_keeps_to_its_shared_storage(tmp_path: Path) -> None:
    assert place_of(tmp_path, None) == (tmp_path / "parts").as_uri()
    url = place_of(tmp_path, "s3://bucket/x/")
    assert url.startswith("s3://bucket/x/offswitch-")
    assert place_of(tmp_path, None) == place_of(tmp_path, "s3://bucket/x/") == url
    with pytest.raises(StoreError, match=r"begun with --shared s3://bucket/x/"):
        place_of(tmp_path, "s3://other")
