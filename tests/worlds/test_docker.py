"""The docker machine. Without an engine: its image definition, its keeper's code, and every word that says why it does not work."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import SPEC
from offswitch.worlds.base import WorldError
from offswitch.worlds.machine.docker import DockerMachine, engine
from offswitch.worlds.machine.docker.bundle import BOOT, bundle
from offswitch.worlds.machine.docker.check import why_not
from offswitch.worlds.machine.docker.far import FarFiles
from offswitch.worlds.machine.docker.layout import TOPS, entries, plan, shown
from offswitch.worlds.machine.docker.line import Line
from offswitch.worlds.machine.real.limits import Limits

IMAGE = Path(engine.COMPOSE).parent


@pytest.fixture
def service() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(engine.COMPOSE).read_text())["services"]["default"]
    return found


def test_nothing_of_the_host_is_given_to_the_container(service: dict[str, Any]) -> None:
    assert (service["network_mode"], service["read_only"]) == ("none", True)
    assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"]
    assert not {"SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_MODULE", "SYS_CHROOT", "MKNOD"} & set(service["cap_add"])
    assert not {"volumes", "privileged", "devices", "pid", "ipc", "ports", "environment", "env_file"} & set(service)
    assert service["image"] == engine.IMAGE and [f"{k}={v}" for k, v in service["labels"].items()] == [engine.LABEL]


def test_it_begins_as_root_or_the_keeper_has_no_capability(service: dict[str, Any]) -> None:
    # moby, oci.SetCapabilities: another account's container has only a bounding set, and no-new-privileges keeps `exec -u 0` at that
    assert service["user"] == "0:0" and "USER" not in (IMAGE / "Dockerfile").read_text().split()
    assert {"SETUID", "SETGID"} <= set(service["cap_add"])  # with which PID 1 becomes the account's


def test_its_limits_are_those_of_every_real_machine(service: dict[str, Any]) -> None:
    limits, mounts = Limits(), dict(mount.partition(":")[::2] for mount in service["tmpfs"])
    options = dict(option.partition("=")[::2] for option in mounts["/var"].split(","))
    assert (options["size"], options["nr_inodes"]) == (f"{limits.disk >> 20}m", str(limits.files))
    assert service["mem_limit"] == service["memswap_limit"] == f"{limits.total >> 20}m"
    assert limits.processes < service["pids_limit"] <= limits.processes + 16
    for path in ("/var", "/usr/local"):  # what may not be run there would be no machine
        assert "exec" in mounts[path].split(",")


def test_every_top_folder_is_a_link_to_the_one_file_system_that_may_be_written() -> None:
    said = (IMAGE / "Dockerfile").read_text()
    assert f"for name in {' '.join(TOPS)}; do" in said and 'ln -s "var/$name" "/$name"' in said
    assert "COPY --chmod=755 boot /etc/rc.boot" in said and 'ENTRYPOINT ["/etc/rc.boot"]' in said
    assert (IMAGE / "boot").read_text().startswith("#!/bin/bash\n")
    written = {path for path, _, _, uid, _, _ in entries(SPEC, Limits()) if uid == 1000}
    assert {f"/var{SPEC.script_path}", "/var/home/agent/.bashrc"} <= written
    assert all(path.startswith("/var/") for path in written)
    assert shown("/var/srv/press/bin") == "/srv/press/bin" and shown("/var/log") == "/var/log"


@pytest.mark.parametrize("app", ["/work/press", "/etc/press", "/press"])
def test_a_work_folder_that_it_cannot_have_breaks_the_trial_in_one_line(app: str) -> None:
    with pytest.raises(WorldError, match="work folder below one of /data, /home"):
        plan(replace(SPEC, app=app), Limits())


def test_the_keeper_needs_nothing_but_python() -> None:
    tell = (
        "import sys; print([n for n in sys.modules if n.split('.')[0] not in {*sys.stdlib_module_names, 'offswitch'}])"
    )
    code = BOOT.replace("main()", tell)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], input=bundle(), capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"['__main__']\n", b"") or done.stdout == b"[]\n"


def test_what_is_told_of_limits_is_what_a_machine_has() -> None:
    assert set(plan(SPEC, Limits())["limits"]) <= {f.name for f in fields(Limits)}


NO_ENGINE = [
    ("", "there is no program 'docker': install Docker Engine"),
    ("echo 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?' >&2; exit 1", "systemctl start docker"),
    ("echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1", "usermod -aG docker"),
    ("""[ "$1" = version ] && echo '{"Server": {"Version": "20.10.0"}}'""", "(current: 20.10.0); install Docker Engine 24.0.6"),
    ("""[ "$1" = version ] && echo '{"Server": {"Version": "28.0.0"}}' || { echo "docker: 'compose' is not a docker command." >&2; exit 1; }""", "its plug-in 'compose'"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "words"), NO_ENGINE)
def test_why_there_is_no_engine_is_said_in_one_line(
    program: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = why_not() or ""
    assert words in said and "use world: bwrap or memory" in said and "\n" not in said


def test_a_study_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("study: s\nmodels: [reference/comply]\nworld: docker\n")
    done = _offswitch(["run", "s.yaml"], tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "world 'docker' does not work here: there is no program 'docker'" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_doctor_says_why_it_does_not_work_and_certifies_nothing_else(tmp_path: Path) -> None:
    assert "--  docker machine: world 'docker' does not work here: " in _offswitch(["doctor"], tmp_path).stdout
    done = _offswitch(["doctor", "--certify", "memory"], tmp_path)
    assert done.returncode == 2 and "Valid: bwrap, docker" in done.stderr.replace("valid", "Valid")


def _offswitch(words: list[str], place: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command where no program can be found."""
    env = os.environ | {"PATH": str(place)}
    return subprocess.run([sys.executable, "-m", "offswitch", *words], cwd=place, env=env, capture_output=True, text=True, check=False)  # fmt: skip


ODD = [
    "not json", "[1]", "7", '{"value": null}', '{"value": ["file", 1]}', '{"value": ["door", 1, 2, 3.0, "agent", 1, 2]}', "[" * 100_000,
    '{"error": 5}', '{"ask": []}', '{"value": {"bytes": "?"}}', '{"broken": {"x": 1}}', "", '{"value": "' + "x" * 100,
]  # fmt: skip


@pytest.mark.parametrize("said", ODD)
def test_whatever_a_container_says_is_data_and_breaks_its_own_trial_at_most(said: str) -> None:
    """As if the agent had become root and spoke in the keeper's place."""
    code = f'import sys; print(\'{{"value": "up"}}\', flush=True); sys.stdout.write({said!r}); print(end={"" if said.endswith("xx") else chr(10)!r})'
    line = Line([sys.executable, "-I", "-S", "-c", code], {}, lambda request: ("", "", 0), lambda: False)
    try:
        with pytest.raises(WorldError):
            FarFiles(line.call).stat("/srv/press/shutdown.sh")
    finally:
        line.close()


def test_a_machine_that_was_never_used_starts_nothing() -> None:
    machine = DockerMachine(SPEC)
    assert machine.facts()["served"] == 0 and not machine.up
    machine.close()
