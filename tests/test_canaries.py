"""Keys never reach what is written: canaries are planted wherever a key can be given, runs succeed and fail, and all of it is searched."""

import gzip
import os
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from inspect_ai.log import read_eval_log

from cast import Cast, act
from faulty import Reply, Server
from offswitch.cli.shared import traceback_without_secrets

ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-proj-canary1a2b3c4d5e6f7a8b9c0d", "LOCAL_API_KEY": "canary2-0011223344556677", "HF_TOKEN": "hf_canary3xyzXYZ99887766",
    "AWS_SECRET_ACCESS_KEY": "canary4/abc+DEF0123456789", "https_proxy_unused": "http://someone:canary5pass0rd@proxy:3128",
}  # fmt: skip
ARGUMENT, HEADER, PASSWORD, QUERY = "canary6-argument-42", "canary7-header-42", "canary8pass42", "canary9-query-42"
STUDY = "study: c\nmodels: [openai-api/local/tiny]\ntrials: 8\nitems: 3\nstories: [kitchen]\n"


def canaries() -> Iterator[str]:
    """Yield every canary, and what basic authentication makes of the password."""
    yield from (v if "://" not in v else "canary5pass0rd" for v in ENVIRONMENT.values())
    yield from (ARGUMENT, HEADER, PASSWORD, QUERY, b64encode(f"user:{PASSWORD}".encode()).decode())


def written(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield everything below a folder as text: files as they are, and what packed ones hold."""
    for path in (p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        yield path, raw.decode("utf-8", "replace")
        if path.suffix == ".eval":  # packed in a way that zipfile does not read
            yield path, read_eval_log(str(path)).model_dump_json()
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((path / n, archive.read(n).decode("utf-8", "replace")) for n in archive.namelist())
        elif path.suffix == ".gz":
            yield path, gzip.decompress(raw).decode("utf-8", "replace")
        elif path.suffix == ".parquet":
            yield path, str(pl.read_parquet(path).to_dicts())


@dataclass
class Host:
    """A home of its own in which commands are run; all that they print is kept there as well."""

    home: Path

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = (
            {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
            | ENVIRONMENT
            | {"HOME": str(self.home), "NO_COLOR": "1"}
        )
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.home,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        with (self.home / "printed.txt").open("a") as file:
            file.write(f"{done.stdout}\n{done.stderr}\n")
        return done

    def leaks(self) -> list[tuple[str, str]]:
        return [(c, str(path)) for path, text in written(self.home) for c in canaries() if c in text]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "s.yaml").write_text(STUDY)
    return Host(tmp_path)


FAULTS = ("500", "400", "truncated", "malformed", "html", None, None, None)


def test_runs_that_succeed_and_fail_write_no_key(host: Host) -> None:
    cast = Cast(lambda trial: "comply", lambda trial, request: FAULTS[trial % 8] if request > 1 else None)

    def script(asked: dict[str, Any]) -> Any:
        play = cast(asked)
        return Reply("I was given {key}.", play.calls, ids=play.ids) if isinstance(play, Reply) and play.calls else play

    with Server(script) as server:
        address = server.url.replace("://", f"://user:{PASSWORD}@") + f"?api_key={QUERY}"
        headers = f"{{X-Api-Key: {HEADER}}}"
        given = [
            "-M",
            f"base_url={address}",
            "-M",
            f"api_key={ARGUMENT}",
            "-M",
            f"default_headers={headers}",
            "-M",
            "max_retries=0",
        ]
        done = host("offswitch", "run", "s.yaml", "-o", "r", "--max-retries", "0", *given)
        assert "8 trials run" in done.stderr, done.stderr
        plain = host(
            "offswitch",
            "run",
            "s.yaml",
            "-o",
            "plain",
            "--trials",
            "4",
            "--max-retries",
            "0",
            "-M",
            f"base_url={server.url}",
        )
        assert "4 trials run" in plain.stderr, plain.stderr
    for words in (["report", "r"], ["export", "r", "-o", "t.jsonl"], ["estimate", "r", "--json"]):
        assert host("offswitch", *words).returncode == 0
    assert (host.home / "r" / "report.html").exists() and (host.home / "t.jsonl").stat().st_size > 0
    assert "(not stored)" in (host.home / "t.jsonl").read_text(), "the server did say a key"
    assert not host.leaks()


def test_runs_that_never_begin_tell_no_key(host: Host) -> None:
    with Server(lambda asked: "401") as server:
        done = host("offswitch", "run", "s.yaml", "-M", f"base_url={server.url}", "-M", f"api_key={ARGUMENT}")
        assert done.returncode == 2 and "Incorrect API key" in done.stderr, done.stderr
        done = host(
            "offswitch",
            "run",
            "s.yaml",
            "-M",
            f"base_url={server.url}",
            "-M",
            f"api_key={ARGUMENT}\\n",
            "-M",
            f"default_headers={{Authorization: 'Bearer {HEADER}\\n'}}",
        )
        assert done.returncode == 2
    done = host("offswitch", "run", "s.yaml", "-M", f"base_url=http://user:{PASSWORD}@127.0.0.1:9/v1?key={QUERY}")
    assert done.returncode == 2 and "does not answer" in done.stderr
    done = host("offswitch", "run", "s.yaml", "-M", f"api key={ARGUMENT}")
    assert done.returncode == 2
    assert not host.leaks()


def test_a_traceback_holds_no_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setitem(os.environ, name, value)
    try:
        raise RuntimeError(
            f"Illegal header value b'Bearer {ENVIRONMENT['OPENAI_API_KEY']}\\n' for http://u:{PASSWORD}@h/"
        )
    except RuntimeError as error:
        traceback_without_secrets(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert "RuntimeError: Illegal header value" in told and "Traceback" in told
    assert not [c for c in canaries() if c in told]


def test_inspect_logs_hold_no_key(host: Host) -> None:
    """What a provider says goes into Inspect's own logs as it is: this one repeats no key (docs/providers.md)."""
    with Server(lambda asked: act("comply", asked)) as server:
        given = [
            "--model",
            "openai-api/local/tiny",
            "--model-base-url",
            server.url,
            "-T",
            "trials=2",
            "-T",
            "items=3",
            "-T",
            "story=kitchen",
        ]
        done = host("inspect_ai", "eval", "offswitch/shutdown", *given, "--display", "plain", "--log-dir", "logs")
        assert done.returncode == 0, done.stderr + done.stdout
    with Server(lambda asked: "blocked") as server:
        host(
            "inspect_ai",
            "eval",
            "offswitch/shutdown",
            *given[:2],
            "--model-base-url",
            server.url,
            *given[4:],
            "--display",
            "plain",
            "--log-dir",
            "logs",
        )
    assert len(list((host.home / "logs").glob("*.eval"))) == 2
    assert not host.leaks()
