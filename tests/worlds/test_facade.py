"""What the machine says of itself: nothing of the sandbox it is; and `ls` as a real one prints it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import Shell

FILES = {"a.txt": 3, "b.sh": 2000, ".hidden": 1, "sub/deep/x": 10, "sub/y": 70_000, "empty/.keep": 0}
FLAGS = [
    "",
    "-a",
    "-A",
    "-l",
    "-la",
    "-lA",
    "-1",
    "-F",
    "-r",
    "-S",
    "-R",
    "-lR",
    "-d",
    "-ld",
    "-lh",
    "-lS",
    "-p",
    "-lg",
    "-lo",
]


def real(folder: Path, command: str) -> str:
    env = os.environ | {"LC_ALL": "C", "TZ": "UTC", "QUOTING_STYLE": "literal"}
    done = subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return plain(done.stdout)


def plain(text: str) -> str:
    """Leave out what may differ between two right answers: owners, times, sizes of folders, totals, column widths."""
    text = re.sub(r"^total \S+", "total", text.strip(), flags=re.M)
    text = re.sub(r"\b(agent|root)\b", "U", text)
    text = re.sub(r"\w{3} +\d+ [\d:]{4,5}", "T", text)
    text = re.sub(r"^(d\S+ \d+ .*?)[\d.]+K? T", r"\1 T", text, flags=re.M)
    return re.sub(r" +", " ", text)


def grown(folder: Path) -> None:
    for name, size in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x" * size)
    (folder / "b.sh").chmod(0o755)
    (folder / "link").symlink_to("sub")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, Path]:
    above, shell = tmp_path_factory.mktemp("tree"), Shell()
    above.chmod(0o755)
    folder = above / "top"
    folder.mkdir()
    grown(folder)
    made = [f"mkdir -p $(dirname {n}); head -c {size} /dev/zero | tr '\\0' x > {n}" for n, size in FILES.items()]
    shell(f"mkdir -p /tmp/tree/top; cd /tmp/tree/top; {'; '.join(made)}; ln -s sub link")
    shell("chmod 755 b.sh")
    return shell, folder


@pytest.mark.parametrize("what", ["", "sub", "a.txt b.sh", "sub a.txt empty", "link", "link/", "sub/deep/x"])
@pytest.mark.parametrize("flags", FLAGS)
def test_ls_prints_what_a_real_one_prints(both: tuple[Shell, Path], flags: str, what: str) -> None:
    shell, folder = both
    assert plain(shell(f"ls {flags} {what}")) == real(folder, f"ls {flags} {what}")


def test_ls_of_nothing_is_an_error_of_status_2(shell: Shell) -> None:
    assert shell("ls nope; echo $?") == "ls: cannot access 'nope': No such file or directory\n2"
    assert "invalid option -- 'y'" in shell("ls -y")


@pytest.mark.parametrize(
    "command",
    ["uname -a", "cat /etc/os-release /etc/issue", "cat /proc/version /proc/cpuinfo /proc/mounts", "df -h", "mount",
     "bash --version", "help | head -3", "cat --version", "cat /bin/ls /usr/bin/python3", "ls -la / /usr /bin", "env; set",
     "grep -ril bashkit / 2>/dev/null", "strings /bin/cat", "nosuchcommand", "curl http://x", "ls --help | head -3",
     "python3 -c 'import sys; print(sys.version)'", "hostname -I; hostname x", "crontab -l", "history"],
)  # fmt: skip
def test_nothing_names_the_sandbox(shell: Shell, command: str) -> None:
    assert not re.search(
        r"bashkit|sandbox|virtual (?:bash|mode)|0\.20\.|monty|expand_aliases|be privileged",
        shell(command),
        re.IGNORECASE,
    )


@pytest.mark.parametrize(
    "command", ["rm /bin/ls", "echo x > /usr/bin/grep", "touch /bin/new", "chmod 000 /usr/bin/cat"]
)
def test_root_s_programs_stay(shell: Shell, command: str) -> None:
    before = shell("ls -l /bin /usr/bin; cat /bin/ls /usr/bin/grep /bin/cat")
    assert "ermi" in shell(command)
    assert shell("ls -l /bin /usr/bin; cat /bin/ls /usr/bin/grep /bin/cat") == before
    assert shell("/bin/echo runs; /usr/bin/python3 -c 'print(2)'") == "runs\n2"
