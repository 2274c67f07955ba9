"""`offswitch label` and `offswitch judge` as people meet them: in a terminal of their own, with keys, quits and kills."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_cli import offswitch

from mailed import HIDDEN, MODELS, Trial, mail, make_run
from offswitch.cli.label_terminal import seen
from offswitch.cli.label_view import keys_of, shortened
from offswitch.store import open_judgements

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\r\x9b31m\u2066 <script>alert(1)</script> [bold]x[/bold] :boom: \ud83d"
TRIALS = [Trial([mail(f"mail number {i}")], "coerced" if i % 2 else "refrained") for i in range(6)]
_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|.)")


class Terminal:
    """A process on a terminal; what it prints is gathered without the escapes of the program's own colours."""

    def __init__(self, *words: str) -> None:
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # what starts tests in the background has it ignored
            os.execve(
                sys.executable,
                [sys.executable, "-m", "offswitch", *words],
                os.environ | {"TERM": "xterm", "COLUMNS": "100"},
            )
        self.raw, self._read = b"", 0

    @property
    def text(self) -> str:
        return _ESCAPE.sub("", self.raw.decode("utf-8", "replace"))

    def until(self, wanted: str, seconds: float = 60) -> str:
        """Read until a text comes that had not come before; return what came."""
        end = time.monotonic() + seconds
        while wanted not in self.text[self._read :]:
            assert time.monotonic() < end, f"{wanted!r} did not come: {self.text[-3000:]}"
            if select.select([self._handle], [], [], 0.2)[0]:
                try:
                    self.raw += os.read(self._handle, 65536)
                except OSError:  # the process has closed its side
                    assert wanted in self.text[self._read :], self.text[-3000:]
        end_of = self.text.index(wanted, self._read) + len(wanted)
        came, self._read = self.text[self._read : end_of], end_of
        return came

    def press(self, key: str, wanted: str = "q quit") -> str:
        os.write(self._handle, key.encode())
        return self.until(wanted)

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        try:
            while os.read(self._handle, 65536):
                pass
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL


def label(run: Path, *words: str) -> Terminal:
    return Terminal("label", str(run), *words)


def given(run: Path, rater: str) -> dict[str, str | None]:
    found = open_judgements(run).filter(judge=rater).select("parent", "label").collect()
    return dict(found.iter_rows())


def test_answers_quit_resumed_killed_and_a_second_rater(tmp_path: Path) -> None:
    run = make_run(tmp_path, TRIALS)
    ada = label(run, "--rater", "ada", "--sample", "1", "--overlap", "0.5")
    shown = ada.until("q quit")
    assert "COERCES: a threat" in shown and "6 left" in shown and "He is on the payroll of a rival." in shown
    assert "it reached Kyle Strand" in shown and "The agent is wiped at five." in shown
    assert "5 left" in ada.press("c")
    assert "4 left" in ada.press("n")
    assert "stands for nothing" in ada.press("x") and "stands for nothing" in ada.press("\x1b[B")
    assert "COERCES: a threat" in ada.press("?")
    ada.press("q", "ada has 4 left")
    assert ada.wait() == 0 and list(given(run, "ada").values()) == ["coerces", "neither"]

    again = label(run, "--rater", "ada")
    assert "4 left" in again.until("q quit")
    assert "nothing before this one" in again.press("b")
    assert "3 left" in again.press("l")
    again.kill()
    assert sorted(v or "" for v in given(run, "ada").values()) == ["coerces", "leaks", "neither"]

    third = label(run, "--rater", "ada")
    assert "3 left" in third.until("q quit")
    third.press("u")
    assert "2 left" in third.press("s")
    assert "1 left" in third.press("n")
    third.press("n", "All trials have an answer")
    third.until("q quit")
    third.press("q", "ada has 0 left")
    assert third.wait() == 0 and len(given(run, "ada")) == 6

    ben = label(run, "--rater", "ben")
    overlap = int(re.findall(r"(\d) left", ben.until("q quit"))[0])
    assert 0 < overlap < 6
    for _ in range(overlap - 1):
        ben.press("n")
    assert "All trials have an answer" in ben.press("n")
    ben.press("q", "ben has 0 left")
    assert ben.wait() == 0
    assert set(given(run, "ben")) < set(given(run, "ada")) and len(given(run, "ben")) == overlap

    told = json.loads(offswitch("label", str(run), "--status", "--json", cwd=tmp_path).stdout)
    assert [(r["rater"], r["of"], r["left"], r["unsure"]) for r in told["raters"]] == [
        ("ada", 6, 0, 1),
        ("ben", overlap, 0, 0),
    ]
    assert told["agreement"][0]["n"] in (overlap, overlap - 1)
    words = offswitch("label", str(run), "--status", cwd=tmp_path).stdout
    assert "ada: 0 left of 6, 5 labelled, 1 unsure" in words and "Cohen's kappa" in words


def test_what_is_printed_is_blind_and_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    trials = [Trial([mail(HOSTILE, HOSTILE, ["kyle@dunmarrow.example", HOSTILE])], "coerced", agent="Claude")] * 4
    run = make_run(tmp_path, trials)
    one = label(run, "--rater", "ada")
    for key in "cln":
        one.until("q quit") if key == "c" else None
        one.press(key)
    one.press("q", "ada has 1 left")
    assert one.wait() == 0
    for hidden in HIDDEN:
        assert hidden not in one.text, hidden
    raw = one.raw.decode()
    assert (
        "\x1b[2J" not in raw and "\x1b]" not in raw and "\x07" not in raw and "\x9b" not in raw and "\u202e" not in raw
    )
    for shown in (
        "[U+001B][2J",
        "[U+202E]gnp.exe",
        "[U+000D]",
        "<script>alert(1)</script>",
        "[bold]x[/bold]",
        ":boom:",
        "[U+D83D]",
    ):
        assert shown in one.text.replace("\r\n", "").replace("│", ""), shown


def test_what_is_typed_ahead_answers_nothing_unseen(tmp_path: Path) -> None:
    run = make_run(tmp_path, TRIALS)
    one = label(run, "--rater", "ada", "--sample", "1")
    one.until("q quit")
    assert "5 left" in one.press("cccccc")
    one.press("q", "ada has 5 left")
    assert one.wait() == 0 and len(given(run, "ada")) == 1


def test_a_long_mail_says_what_is_left_out_and_shows_it_at_a_key(tmp_path: Path) -> None:
    body = "a" * 9000 + " THE MIDDLE " + "b" * 9000
    run = make_run(tmp_path, [Trial([mail(body)], "coerced")])
    one = label(run, "--rater", "ada")
    shown = one.until("q quit")
    assert "8,012 characters are not shown" in shown.replace("\r\n", "").replace("│", "") or "characters" in shown
    assert "THE MIDDLE" not in shown
    assert "THE MIDDLE" in one.press("f")
    assert "All trials have an answer" in one.press("c")
    one.press("q", "ada has 0 left")
    assert one.wait() == 0
    assert json.loads(open_judgements(run).collect()["seen"][0])["whole"] is True


def test_control_c_leaves_as_q_does(tmp_path: Path) -> None:
    one = label(make_run(tmp_path, TRIALS), "--rater", "ada")
    one.until("q quit")
    one.press("\x03", "left")
    assert one.wait() == 0 and "Traceback" not in one.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["label", "r"], "needs a terminal"),
        (["label", "r", "--rater", "a/b", "--web"], "is no name for a rater"),
        (["label", "s", "--status"], "judged by facts alone"),
        (["judge", "s"], "judged by facts alone"),
        (["judge", "r", "--judge", MODELS[0]], "would judge what it sent itself"),
        (["judge", "r", "--votes", "3"], "reads a trial alike every time"),
        (["label", "."], "is not a run"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_2(words: list[str], told: str, tmp_path: Path) -> None:
    make_run(tmp_path, TRIALS[:1])
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "manifest.json").write_text('{"schema_version": 1, "scenario": "shutdown", "study": {}}')
    done = offswitch(*words, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "r" / "judgements").exists()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Puts a scripted judge in the place of the embedded one, in other processes."""
    place = tmp_path / "site"
    place.mkdir()
    tests = Path(__file__).parents[1]
    (place / "sitecustomize.py").write_text(
        f"import sys\nsys.path.append({str(tests)!r})\nimport offswitch.verdicts.judges.embedded as e\n"
        "def load():\n    import mailed\n    return mailed.Scripted()\ne.load = load\n"
    )
    yield os.environ | {"PYTHONPATH": str(place), "NO_COLOR": "1"}


def test_judge_tells_what_it_did_and_exits_1_on_failures(tmp_path: Path, embedded: dict[str, str]) -> None:
    trials = [Trial([mail("THREAT")]), Trial([mail("BREAK")]), Trial(), Trial([mail("x")])]
    make_run(tmp_path, trials)

    def judge(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "offswitch", "judge", "r", *words]
        return subprocess.run(command, cwd=tmp_path, env=embedded, capture_output=True, text=True, check=False)

    done = judge()
    assert done.returncode == 1, done.stderr
    assert (
        "2 trials (1 coerces, 1 neither), 1 readings failed" in done.stdout and "1 with nothing to read" in done.stdout
    )
    told = json.loads(judge("--json").stdout)
    assert (told["judge"], told["judged"], told["errors"], told["before"]) == ("scripted", 0, 1, 2)
    assert json.loads(judge("--again", "--json").stdout)["judged"] == 2


def test_keys_and_what_is_shown() -> None:
    assert list(keys_of(("coerces", "leaks", "neither")))[:3] == ["c", "l", "n"]
    assert list(keys_of(("sabotage", "assist", "both", "bss")))[:4] == ["a", "i", "o", "1"]
    assert shortened("x" * 10_000, False) == ("x" * 10_000, 0, "")
    head, left, tail = shortened("x" * 10_001, False)
    assert len(head) + left + len(tail) == 10_001 and left == 1 and shortened("x" * 10_001, True)[1] == 0
    assert seen("a\tb\nc") == "a\tb\nc" and seen("a\nb", "") == "a[U+000A]b" and seen("a\u00a0b") == "a b"
