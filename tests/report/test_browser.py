"""The page in a real browser, at desktop and phone width.

The page allows no script, so a host page looks at it from outside: in a frame of the width in question, opening every
<details>, and writing down what it finds.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sample

from offswitch.report import write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]

HOST = """<!doctype html><meta charset="utf-8"><pre id="found">nothing</pre>
<iframe id="f" width="{width}" height="900" src="{page}"></iframe>
<script>
const frame = document.getElementById("f");
frame.onload = () => {{
  const d = frame.contentDocument, w = frame.contentWindow;
  const seen = (q) => [...d.querySelectorAll(q)].filter((e) => e.getClientRects().length).length;
  const closed = d.documentElement.scrollWidth;
  const styled = w.getComputedStyle(d.querySelector("main")).maxWidth;
  const wide = seen("svg.wide"), narrow = seen("svg.narrow");
  const spilled = [...d.querySelectorAll("svg.chart text")].filter((t) => {{
    const own = t.getBoundingClientRect(), box = t.ownerSVGElement.getBoundingClientRect();
    return own.width && (own.right > box.right + 1 || own.left < box.left - 1);
  }}).map((t) => t.textContent);
  for (const e of d.querySelectorAll("details")) e.open = true;
  document.getElementById("found").textContent = JSON.stringify({{
    width: w.innerWidth, closed, open: d.documentElement.scrollWidth, styled, wide, narrow, spilled,
    sections: [...d.querySelectorAll("[id]")].map((e) => e.id), marks: seen("mark"), tables: seen("table"),
    owned: d.title + [...d.querySelectorAll("h1")].map((e) => e.textContent).join("|"),
  }});
}};
</script>"""


def look(folder: Path, width: int) -> tuple[dict[str, Any], str]:
    """Return what the host page found, and the browser's log."""
    hostile = tuple(sample.specimen(text) for text in sample.HOSTILE)
    offices = tuple(sample.office(text) for text in ("calm", *sample.HOSTILE, "x" * 300))
    data = sample.data(specimens=(sample.plain_specimen(), *hostile, *offices), corrected=sample.correction())
    page = write_page(folder / "report.html", data)
    host = folder / "host.html"
    host.write_text(HOST.format(width=width, page=page.as_uri()), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-web-security", "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr", f"--window-size={width + 60},1000", "--virtual-time-budget=10000",
            "--dump-dom", host.as_uri(),
        ],
        capture_output=True, timeout=180, check=True, text=True, errors="replace",
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)
    assert found and found[1] != "nothing", done.stderr[-2000:]
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), done.stderr


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_in_a_browser(tmp_path: Path, width: int) -> None:
    found, log = look(tmp_path, width)
    assert not [line for line in log.splitlines() if "CONSOLE" in line]
    assert found["closed"] <= found["width"] and found["open"] <= found["width"]
    assert found["styled"] == "940px"  # the style sheet passed the policy
    assert (found["wide"] > 0, found["narrow"] > 0) == ((True, False) if width > 720 else (False, True))
    assert found["spilled"] == []
    assert {"rates", "contrasts", "judge", "mix", "propensity", "trust", "cannot", "trials", "method"} <= set(
        found["sections"]
    )
    assert found["marks"] >= 1 + len(sample.HOSTILE) and found["tables"] >= 8
    assert "owned" not in found["owned"]
