"""A stand-in for the docker command where there is no engine: it carries out a compose file with bwrap, as the host's root.

Real processes in fresh namespaces: the first one is the account's that the file names; root has the capabilities that the
file adds and no other, in `exec` too (if the container began as root), and nobody gets new ones; root's files are read-only, the file systems in memory as
large as it says; no network; control groups for processes and memory. What an engine does beside that (building the image,
reading the compose file as Compose does, its filters for system calls, its own storage and streams) is not tried here.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

STATE = Path(os.environ["OFFSWITCH_STANDIN"])
ACCOUNTS = (
    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\nagent:x:1000:1000::/home/agent:/bin/bash\n"
)


def main() -> int:
    match sys.argv[1:]:
        case ["version", *_]:
            return shown({"Server": {"Version": "28.0.0"}})
        case ["compose", "version", *_]:
            return shown({"version": "v2.30.0"})
        case ["compose", *words]:
            return compose(words)
        case ["exec", "-i", "-u", "0:0", "-w", "/", name, *words]:
            return enter(read(name), 0, words)
        case ["kill", name]:
            os.kill(read(name)["pid"], signal.SIGKILL)
            while up(read(name)):
                time.sleep(0.01)
            return 0
        case ["inspect", "-f", "{{.State.Running}}", name]:
            print(str(up(read(name))).lower())
            return 0
        case ["inspect", _, "--format", "{{json .NetworkSettings.Ports}}"]:
            return shown({})
        case ["image", "inspect", *_]:
            print("sha256:0")
            return 0
        case ["ps", "-a", *_]:
            print("\n".join(path.stem for path in STATE.glob("*.json")))
            return 0
    print(f"the stand-in has no {sys.argv[1:]}", file=sys.stderr)
    return 2


def compose(words: list[str]) -> int:
    project = words[words.index("--project-name") + 1]
    file = Path(words[words.index("-f") + 1])
    verb, rest = words[words.index("-f") + 2], words[words.index("-f") + 3 :]
    service = filled(file)["services"]["default"]
    name = f"{project}-default-1"
    if verb == "config":
        print(service["image"] if "--images" in rest else yaml.safe_dump(filled(file)))
    elif verb == "up":
        start(name, service, file.parent)
    elif verb == "ps":
        wanted = rest[rest.index("--status") + 1] if "--status" in rest else "running"
        if (STATE / f"{name}.json").exists() and wanted == ("running" if up(read(name)) else "exited"):
            return shown({"Name": name, "Service": "default", "ExitCode": 137})
    elif verb == "exec":
        at = rest.index("default")
        return enter(read(name), 1000, rest[at + 1 :])
    elif verb == "down":
        end(name)
    elif verb != "build" or not (file.parent / "Dockerfile").exists():
        return 2
    return 0


def filled(file: Path) -> Any:
    """The compose file with its variables filled in."""
    return yaml.safe_load(re.sub(r"\$\{(\w+):-(\w*)\}", lambda v: os.environ.get(v[1], v[2]), file.read_text()))


def start(name: str, service: dict[str, Any], image: Path) -> None:
    place = Path(STATE, name)
    for folder in ("etc", "root"):
        (place / folder).mkdir(parents=True)
    (place / "etc/passwd").write_text(ACCOUNTS)
    (place / "etc/shadow").touch(0o640)
    (place / "etc/hostname").write_text(service["hostname"] + "\n")
    shutil.copytree("/etc/alternatives", place / "etc/alternatives", symlinks=True)
    shutil.copy("/etc/ld.so.cache", place / "etc")
    shutil.copy(image / "boot", place / "etc/rc.boot")
    assert service["network_mode"] == "none" and service["read_only"] and service["cap_drop"] == ["ALL"]
    words = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--clearenv"]
    words += [
        "--cap-add",
        "ALL",
        "--hostname",
        service["hostname"],
        "--ro-bind",
        "/usr",
        "/usr",
        "--ro-bind",
        str(place / "etc"),
        "/etc",
    ]
    words += [word for top in ("bin", "sbin", "lib", "lib64") for word in ("--symlink", f"usr/{top}", f"/{top}")]
    words += [
        word for top in ("data", "home", "mnt", "opt", "srv", "tmp") for word in ("--symlink", f"var/{top}", f"/{top}")
    ]
    words += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--size",
        size(service["shm_size"]),
        "--perms",
        "1777",
        "--tmpfs",
        "/dev/shm",
    ]
    again = []
    for mount in service["tmpfs"]:
        path, _, options = mount.partition(":")
        given = dict(option.partition("=")[::2] for option in options.split(","))
        words += ["--perms", "0755", "--size", size(given["size"]), "--tmpfs", path]
        again.append(
            f"mount -o remount,nr_inodes={given['nr_inodes']},{'noexec' if 'noexec' in given else 'exec'} {path}"
        )
    words += ["--remount-ro", "/", "--info-fd", "3", "--block-fd", "4", "--"]
    assert "no-new-privileges:true" in service["security_opt"]
    words += setpriv(service["cap_add"], int(service["user"].partition(":")[0]))
    launch(name, service, [*words, "/etc/rc.boot"], again)


def launch(name: str, service: dict[str, Any], words: list[str], again: list[str]) -> None:
    """Start it held back; when its control group and file systems are as the compose file says, let it run."""
    told, block = os.pipe(), os.pipe()
    numbers = f'exec 3>&{told[1]} 4<&{block[0]}; exec "$@"'
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    holder = [
        sys.executable,
        "-c",
        "import os,sys; os.fork() and os._exit(0); os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])",
    ]
    subprocess.run([*holder, "bash", "-c", numbers, "bash", *words],
                   pass_fds=(told[1], block[0]), check=True, **quiet)  # type: ignore[call-overload]  # fmt: skip
    pid = first(told[0])
    folders = list(groups(name, service))
    for folder in folders:
        (folder / "cgroup.procs").write_text(str(pid))
    os.write(block[1], b"\n")
    # an engine's rule: where the container did not begin as root, root's `exec` has no capability either
    caps = service["cap_add"] if service["user"].startswith("0") else []
    state = {"pid": pid, "caps": caps, "group": [str(folder) for folder in folders]}
    (STATE / f"{name}.json").write_text(json.dumps(state))
    for command in again:
        done = 1
        while done:  # the file systems are mounted a moment later
            time.sleep(0.02)
            done = subprocess.run(
                ["nsenter", "-t", str(pid), "-m", "--", "sh", "-c", command], check=False, capture_output=True
            ).returncode


def groups(name: str, service: dict[str, Any]) -> Iterator[Path]:
    """Make a control group in each hierarchy (version 1), where that may be done."""
    for controller, setting, value in (
        ("pids", "pids.max", service["pids_limit"]),
        ("memory", "memory.limit_in_bytes", size(service["mem_limit"])),
    ):
        folder = Path("/sys/fs/cgroup", controller, f"standin-{name}")
        try:
            folder.mkdir()
            (folder / setting).write_text(str(value))
        except OSError:
            continue
        yield folder


def first(told: int) -> int:
    text = b""
    while not text.endswith(b"}\n"):
        text += os.read(told, 4096)
    return int(json.loads(text)["child-pid"])


def setpriv(caps: list[str], uid: int) -> list[str]:
    """Become an account that can get no more rights; root has the capabilities of the list."""
    bound = ",".join(["-all", *(f"+{cap.lower()}" for cap in caps)])
    words = ["setpriv", "--bounding-set", bound, "--inh-caps", "-all", "--reuid", str(uid), "--regid", str(uid)]
    return [*words, "--clear-groups", "--no-new-privs"]


def enter(state: dict[str, Any], uid: int, words: list[str]) -> int:
    """Run a program inside, in its control group; its parent is outside, as an engine's is."""
    if not up(state):
        print("container is not running", file=sys.stderr)
        return 1
    for folder in state["group"]:
        Path(folder, "cgroup.procs").write_text(str(os.getpid()))
    inside = ["nsenter", "-t", str(state["pid"]), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"]
    clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]
    words = [*inside, *setpriv(state["caps"], uid), *clean, *words]
    os.execvp(words[0], words)


def end(name: str) -> None:
    if not (STATE / f"{name}.json").exists():
        return
    state = read(name)
    if up(state):
        os.kill(state["pid"], signal.SIGKILL)
    while up(state):
        time.sleep(0.01)
    for folder in state["group"]:
        for _ in range(500):
            try:
                Path(folder).rmdir()
                break
            except OSError:
                time.sleep(0.01)
    (STATE / f"{name}.json").unlink()
    shutil.rmtree(STATE / name)


def up(state: dict[str, Any]) -> bool:
    try:
        return Path(f"/proc/{state['pid']}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STATE / f"{name}.json").read_text())
    return found


def size(text: str | int) -> str:
    return str(int(str(text).rstrip("m")) * (2**20 if str(text).endswith("m") else 1))


def shown(what: object) -> int:
    print(json.dumps(what))
    return 0


if __name__ == "__main__":
    sys.exit(main())
