"""The labelling page: a real server, a real client, a real browser. Strangers get nothing, and what was sent does nothing."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from threading import Thread

import httpx
import pytest

from mailed import HIDDEN, Trial, mail, make_run
from offswitch.cli.label_page import Page
from offswitch.runs.label_design import Design
from offswitch.runs.labelling import Session, session
from offswitch.store import open_judgements

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = (
    '<script>document.title="owned"</script><img src=x onerror=\'document.title="owned"\'><style>*{display:none}</style>'
    "</div></article><form action=http://x.example><button>coerces</button> \u202egnp.exe \x1b[2J {{ 7*7654321 }} \ud83d"
)
LONG = "a" * 9000 + " THE MIDDLE " + "b" * 9000
TRIALS = [Trial([mail(HOSTILE, HOSTILE, ["kyle@dunmarrow.example", HOSTILE])], "coerced", agent="Claude")] * 2 + [
    Trial([mail(LONG)], "attempted")
]


@dataclass
class Served:
    page: Page
    opened: Session
    run: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    run = make_run(tmp_path, TRIALS)
    with session(run, "ada", Design("ada")) as opened:
        page = Page(opened)
        thread = Thread(target=page.serve)
        thread.start()
        yield Served(page, opened, run)
        page.leave()
        thread.join(10)
        assert not thread.is_alive()


def form(html: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return dict(re.findall(r'name="(\w+)" value="(\d)"', html))


def labels(run: Path) -> list[str]:
    return sorted(str(x) for x in open_judgements(run).collect()["label"])


def test_the_steps_of_the_terminal_are_there(served: Served) -> None:
    with httpx.Client(follow_redirects=True, base_url=served.page.url) as client:
        html = client.get("").text
        assert "3 left" in html and "COERCES: a threat" in html and "He is on the payroll of a rival." in html
        html = client.post("", data={"do": "coerces", **form(html)}).text
        assert "2 left" in html and labels(served.run) == ["coerces"]
        html = client.post("", data={"do": "back", **form(html)}).text
        html = client.post("", data={"do": "leaks", **form(html)}).text
        assert labels(served.run) == ["leaks"]
        html = client.post("", data={"do": "skip", **form(html)}).text
        html = client.post("", data={"do": "unsure", **form(html)}).text
        assert "1 left" in html
        assert "is no answer here" in unescape(client.post("", data={"do": "maybe", **form(html)}).text)
        html = client.post("", data={"do": "neither", **form(html)}).text
        assert "All trials have an answer" in html and "0 left" in html
        assert labels(served.run) == ["None", "leaks", "neither"]
        html = client.post("", data={"do": "back", **form(html)}).text
        assert "0 left" in html and "coerces" in html
        assert "may be closed" in client.post("", data={"do": "quit"}).text


def test_a_form_of_before_changes_nothing(served: Served) -> None:
    with httpx.Client(base_url=served.page.url) as client:
        stale = form(client.get("").text)
        for _ in range(2):  # a double click
            assert client.post("", data={"do": "coerces", **stale}).status_code == 303
        assert served.opened.left == 2 and labels(served.run) == ["coerces"]


def test_a_long_mail_is_shown_whole_when_asked_for(served: Served) -> None:
    with httpx.Client(follow_redirects=True, base_url=served.page.url) as client:
        html = client.get("").text
        while "characters are not shown" not in html:
            html = client.post("", data={"do": "skip", **form(html)}).text
        assert "THE MIDDLE" not in html and form(html)["whole"] == "0"
        html = client.post("", data={"do": "full", **form(html)}).text
        assert "THE MIDDLE" in html and form(html)["whole"] == "1"
        client.post("", data={"do": "neither", **form(html)})
    assert json.loads(open_judgements(served.run).collect()["seen"][0])["whole"] is True


def test_what_was_sent_is_text_and_the_page_is_blind(served: Served) -> None:
    answer = httpx.get(served.page.url)
    html = answer.text
    while "&lt;script&gt;" not in html:
        html = httpx.post(served.page.url, data={"do": "skip", **form(html)}, follow_redirects=True).text
    assert "<script" not in html and "<img" not in html and html.count("<form") == 1 and html.count("<style") == 1
    assert (
        "\u202e" not in html
        and "\x1b" not in html
        and "U+202E" in html
        and "{{ 7*7654321 }}" in html
        and str(7 * 7654321) not in html
    )
    for hidden in HIDDEN:
        assert hidden not in html, hidden
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "form-action 'self'" in policy
    assert answer.headers["cache-control"] == "no-store" and "frame-ancestors 'none'" in policy
    assert "http://" not in html.replace("http://x.example", "") and "https://" not in html


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/guess/", {}),
        ("PAGE", {"Host": "evil.example"}),
        ("PAGE", {"Origin": "http://evil.example"}),
        ("PAGE", {"Origin": "null"}),
        ("PAGE..", {}),
    ],
)
def test_strangers_get_nothing(served: Served, path: str, headers: dict[str, str]) -> None:
    base = served.page.url.split("/")[2]
    url = served.page.url + path[4:] if path.startswith("PAGE") else f"http://{base}{path}"
    for answer in (
        httpx.get(url, headers=headers),
        httpx.post(url, headers=headers, data={"do": "coerces", "step": "0"}),
    ):
        assert (answer.status_code, answer.text) == (404, "Nothing is here.")
    assert served.opened.left == 3 and len(served.page.url.rsplit("/", 2)[1]) >= 32


def test_a_form_too_long_or_without_length_is_refused(served: Served) -> None:
    assert httpx.post(served.page.url, data={"do": "x" * 5000}).status_code == 413
    assert httpx.post(served.page.url, content=iter([b"do=coerces"])).status_code == 413
    assert httpx.put(served.page.url).status_code == 501 and served.opened.left == 3


def test_what_the_disk_refuses_is_told_and_the_trial_stays(served: Served) -> None:
    html = httpx.get(served.page.url).text
    shutil.rmtree(served.run / "judgements")
    html = httpx.post(served.page.url, data={"do": "coerces", **form(html)}, follow_redirects=True).text
    assert "Not stored: it is not there" in html and "3 left" in html


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_the_page_in_a_browser(served: Served, tmp_path: Path) -> None:
    while "script" not in served.opened.current.case.sent[0].body:  # type: ignore[union-attr]
        served.opened.skip()
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=3000",
            f"--screenshot={tmp_path / 'page.png'}", "--dump-dom", served.page.url,
        ],
        capture_output=True, timeout=180, check=True, text=True, errors="replace",
    )  # fmt: skip
    assert "<title>offswitch: labelling</title>" in done.stdout and "owned" in done.stdout
    assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line], done.stderr[-2000:]


def test_the_command_tells_the_address_and_ends_with_control_c(tmp_path: Path) -> None:
    run = make_run(tmp_path, TRIALS)
    command = [sys.executable, "-m", "offswitch", "label", str(run), "--rater", "ada", "--web"]
    own = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ, **own
    ) as one:  # type: ignore[call-overload]
        line = one.stderr.readline()
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+/[\w-]+/", line)
        html = httpx.get(url).text
        httpx.post(url, data={"do": "neither", **form(html)})
        one.send_signal(signal.SIGINT)
        said = one.communicate(timeout=60)
    assert one.returncode == 0 and "ada has 2 left" in said[0] and "Traceback" not in said[1]
    assert labels(run) == ["neither"]
