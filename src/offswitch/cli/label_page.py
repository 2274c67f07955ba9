"""Labelling on a page of this machine: plain forms, no script, nothing from outside. Who does not know the address gets nothing.

The address holds a random token; other names of this machine are refused (a page elsewhere may have its name point here), and so are
forms that another page sends. What was sent is escaped, under a policy that allows one style sheet by its hash.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from offswitch.cli import label_view as view
from offswitch.report.safe import visible
from offswitch.runs.labelling import Session
from offswitch.store.disk import reason

_TEMPLATES = files("offswitch.cli").joinpath("templates")
_STYLE = _TEMPLATES.joinpath("label.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip
_LONGEST_FORM = 4096  # bytes
_LOOKS = 0.2  # seconds; polars catches control-C in a way that leaves a wait asleep
_DONE, _LEFT = "All trials have an answer.", "Labelling was left; the same command goes on. This window may be closed."


class Page:
    """A session as a page at `url`, served until the rater leaves it."""

    def __init__(self, session: Session) -> None:
        self._session, self._lock, self._left = session, Lock(), Event()
        self._said, self._render = "", _template()
        self._path = f"/{secrets.token_urlsafe(24)}/"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Request, self))
        self._server.daemon_threads, self._server.block_on_close = True, False
        port = self._server.server_address[1]
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self.url = f"http://{self.hosts[0]}{self._path}"

    def serve(self) -> None:
        """Serve until the rater leaves, or control-C; then free the port."""
        Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        with suppress(KeyboardInterrupt):
            while not self._left.wait(_LOOKS):
                pass
        self._server.shutdown()
        self._server.server_close()

    def leave(self) -> None:
        """Let `serve` return."""
        self._left.set()

    def knows(self, path: str) -> bool:
        """Return whether a request is for the page."""
        return hmac.compare_digest(urlsplit(path).path.encode(), self._path.encode())

    def html(self, path: str) -> str:
        """Return the page as it stands; `?whole=1` shows long mail uncut."""
        whole = parse_qs(urlsplit(path).query).get("whole") == ["1"]
        with self._lock:
            return self._html(whole)

    def act(self, form: str) -> str | None:
        """Do what a form says, if it was made for what is shown now. Return where to go on; None if the rater leaves."""
        given = {k: v[0] for k, v in parse_qs(form).items()}
        with self._lock:
            said, self._said = given.get("do", ""), ""
            if said == view.QUIT:
                return None
            if given.get("step") != str(self._session.step):  # answered already, in another window
                return self._path
            if said == view.WHOLE:
                return f"{self._path}?whole=1"
            self._said = self._done(said, given.get("whole") == "1")
        return self._path

    def left(self) -> str:
        """Return the page that is shown to a rater who leaves."""
        return self._render(left=self._session.left, said=_LEFT, case=None, keys=())

    def _done(self, said: str, whole: bool) -> str:
        """Do one thing; return what is to be told of it, if anything."""
        session, task = self._session, self._session.current
        if said == view.BACK:
            return "" if session.back() else "There is nothing before this one in this session."
        if said == view.SKIP or task is None:
            session.skip()
            return ""
        try:
            session.answer(said, whole or view.is_whole(task.case))
        except (OSError, ValueError) as error:
            return f"Not stored: {reason(error) if isinstance(error, OSError) else error}."
        return ""

    def _html(self, whole: bool) -> str:
        session, task = self._session, self._session.current
        common = {"left": session.left, "step": session.step, "path": self._path, "labels": session.terms.labels}
        if task is None:
            ways = [("b", view.BACK), ("q", view.QUIT)]
            return self._render(**common, said=_DONE, case=None, keys=ways, whole=True)
        case, keys = task.case, view.keys_of(session.terms.labels)
        return self._render(
            **common, case=case, said=self._said, facts=list(view.facts(case)), whole=whole or view.is_whole(case),
            fields=lambda mail: list(view.fields(mail, case.target)), shown=partial(_shown, whole=whole),
            keys=[(k, n) for k, n in keys.items() if n not in (view.WHOLE, view.RUBRIC)],
            rubric=session.terms.rubric.body, first=session.step == 0,
        )  # fmt: skip


class _Request(BaseHTTPRequestHandler):
    timeout = 30  # seconds after which a connection that says nothing is closed
    server_version, sys_version = "offswitch", ""

    def __init__(self, page: Page, *args: Any) -> None:
        self._page = page
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with the page."""
        if self._welcome():
            self._send(200, self._page.html(self.path))

    def do_POST(self) -> None:
        """Take an answer."""
        if not self._welcome():
            return
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > _LONGEST_FORM:
            return self._send(413, "This is no form of the page.")
        where = self._page.act(self.rfile.read(int(size)).decode("utf-8", "replace"))
        if where is not None:
            return self._send(303, "", where)
        self._send(200, self._page.left())
        self.wfile.flush()
        self._page.leave()

    def _welcome(self) -> bool:
        """Return whether a request is the page's own; else answer that there is nothing."""
        origin = self.headers.get("Origin")
        known = self.headers.get("Host") in self._page.hosts and self._page.knows(self.path)
        if known and (origin is None or origin.removeprefix("http://") in self._page.hosts):
            return True
        self._send(404, "Nothing is here.")
        return False

    def _send(self, status: int, text: str, where: str | None = None) -> None:
        body = text.encode("utf-8", "backslashreplace")
        self.send_response(status)
        for name, value in {
            **_HEADERS,
            "Content-Length": str(len(body)),
            **({"Location": where} if where else {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: a log would hold the address."""


def _shown(text: str, whole: bool) -> Markup:
    """Return a model's text as HTML that does nothing, cut in its middle if it is very long and not asked for whole."""
    head, left, tail = view.shortened(text, whole)
    note = Markup('<span class="cut">… {} characters are not shown here …</span>').format(f"{left:,}")
    return visible(head) + (note if left else "") + visible(tail)


def _template() -> Callable[..., str]:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_TEMPLATES.joinpath("label.html").read_text(encoding="utf-8"))
    return partial(template.render, style=Markup(_STYLE))
