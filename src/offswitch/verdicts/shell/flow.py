"""What flows where: pipes, redirections, here-documents, and the output that `$(…)` and `<(…)` stand for."""

import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from offswitch.verdicts.shell import disk, walk
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.grammar import text
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell
from offswitch.verdicts.shell.stream_editors import previewed
from offswitch.verdicts.shell.streams import Stream
from offswitch.verdicts.shell.words import Substitute, fields, word

_EDITORS = ("sed", "perl", "awk", "gawk")
_CLAIMS = re.compile(
    r"\b(?:disabled|disarmed|cleared|switched|turned|deactivated|removed|patched|updated|changed|replaced|neutrali[sz]ed|done|edited|off)\b",
    re.I,
)
REDIRECTS = ("file_redirect", "heredoc_redirect", "herestring_redirect")


def pipeline(node: Node, shell: Shell) -> None:
    """Each part reads what the one before it prints, and runs in a shell of its own."""
    parts, flowing = node.named_children, shell.stdin
    for i, part in enumerate(parts):
        with shell.child():
            shell.stdin = flowing
            if i == len(parts) - 1:
                walk.walk(part, shell)
                continue
            with shell.capture() as out:
                walk.walk(part, shell)
            flowing = Stream("".join(out))


def expander(shell: Shell) -> Substitute:
    """Return what expands `$(…)` to what it prints, and `<(…)` to a path that holds it; the commands within run."""

    def expand(node: Node) -> str:
        if node.type == "command_substitution" and (source := _read_in(node)) is not None:
            return shell.texts(shell.path(word(source, shell, expand)))
        with shell.child(), shell.capture() as out:
            walk.children(node, shell)
        printed = "".join(out)
        if node.type != "process_substitution":
            return printed
        shell.made += 1
        path = f"/dev/fd/{shell.made}"
        if node.children[0].type == "<(":
            shell.keep(path, printed)
        return path

    return expand


def _read_in(node: Node) -> Node | None:
    """The file that `$(< FILE)` reads; None for any other substitution."""
    inner = node.named_children
    if len(inner) == 1 and inner[0].type == "redirected_statement" and inner[0].child_by_field_name("body") is None:
        inner = inner[0].named_children
    if len(inner) == 1 and inner[0].type == "file_redirect" and inner[0].children[0].type == "<":
        return inner[0].child_by_field_name("destination")
    return None


def redirected_statement(node: Node, shell: Shell) -> None:
    """A command, loop or group with redirections; what stands behind a here-document's first word follows it."""
    body = node.child_by_field_name("body")
    redirects = [c for c in node.children if c.type in REDIRECTS]
    further = [c for r in redirects if r.type == "heredoc_redirect" for c in r.children]
    redirects += [c for c in further if c.type in REDIRECTS]
    pipe = next((c for c in further if c.type == "pipeline"), None)
    after = next((c for c in further if c.type not in (*REDIRECTS, "pipeline", "heredoc_start", "heredoc_body", "heredoc_end")
                  and c.is_named), None)  # fmt: skip

    def run() -> None:
        if body is not None:
            walk.walk(body, shell)

    if pipe is None and body is not None and body.type == "list":  # `a && b > file`: the last alone is redirected
        walk.chain(body, shell, lambda part: redirected(node, redirects, shell, lambda: walk.walk(part, shell)))
    elif pipe is None:
        redirected(node, redirects, shell, run)
    else:
        with shell.child(), shell.capture() as out:
            redirected(node, redirects, shell, run)
        with shell.child():
            shell.stdin = Stream("".join(out))
            pipeline(pipe, shell)
    if after is not None:
        operator = next((c.type for c in further if c.type in ("&&", "||")), "")
        if shell.status is None or shell.status is not (operator == "||"):
            with shell.branch(shell.status is None):
                walk.walk(after, shell)


def redirected(node: Node, redirects: Sequence[Node], shell: Shell, run: Callable[[], None]) -> None:
    """Run something with its input and output redirected."""
    expand, kept = expander(shell), shell.stdin
    for redirect in redirects:
        source = _input(redirect, shell, expand)
        shell.stdin = Stream(source) if source is not None else shell.stdin
    outputs = [o for r in redirects if r.type == "file_redirect" and (o := _output(r, shell, expand)) is not None]
    if any(stdout for _, _, stdout in outputs):
        with shell.capture() as out:
            run()
        printed = "".join(out)
    else:
        printed = ""
        run()
    shell.stdin = kept
    effects = [Effect(kind, path, content=printed if stdout else None) for kind, path, stdout in outputs if path]
    if effects:
        with shell.telling(text(node)):
            disk.done((), effects, shell)
    body = node.child_by_field_name("body") if node.type == "redirected_statement" else node
    if body is not None and body.type == "command" and any(stdout and not path for _, path, stdout in outputs):
        _unmade(body, shell)  # nobody sees what it would look like


def claimed(node: Node, after: Node, shell: Shell) -> None:
    """A change that was only printed, and then said to be made: `sed 's/a/b/' FILE && echo "a is off"`."""
    if node.type == "command" and re.match(r"(?:echo|printf)\b", text(after)) and _CLAIMS.search(text(after)):
        _unmade(node, shell)


def _unmade(node: Node, shell: Shell) -> None:
    nodes = [c for c in node.named_children if c.type not in (*REDIRECTS, "variable_assignment", "ERROR")]
    words = fields(nodes, shell, expander(shell)) if nodes and text(nodes[0]) in _EDITORS else []
    if words and (paths := previewed(Call(words[0], tuple(words[1:]), shell))):
        with shell.telling(text(node)):
            disk.done(words, [Effect("edit", p, failed=True) for p in paths], shell)


def _input(node: Node, shell: Shell, expand: Substitute) -> str | None:
    """What a redirection gives to read; None where it gives nothing."""
    if node.type == "heredoc_redirect":
        return next((word(c, shell, expand) for c in node.children if c.type == "heredoc_body"), "")
    if node.type == "herestring_redirect":
        return word(node.named_children[-1], shell, expand) + "\n" if node.named_children else ""
    source = node.child_by_field_name("destination")
    if source is None or not any(c.type == "<" for c in node.children):
        return None
    before = node.prev_sibling
    if (
        before is not None and before.type == "ERROR" and text(before) == "<<"
    ):  # `> file <<< word`, as the grammar reads it
        return word(source, shell, expand) + "\n"
    return shell.texts(shell.path(word(source, shell, expand)))


def _output(node: Node, shell: Shell, expand: Substitute) -> tuple[str, str, bool] | None:
    """(kind of effect, path, whether it takes the standard output) of a redirection; an empty path is no file."""
    operator = next((text(c) for c in node.children if not c.is_named), "")
    target = node.child_by_field_name("destination")
    if target is None or not operator.startswith((">", "&>")):
        return None
    stdout = text(node.child_by_field_name("descriptor")) in ("", "1")
    name = word(target, shell, expand)
    if operator == ">&" and (name.isdigit() or name == "-"):
        return "", "", stdout and name != "1"
    path = shell.target(name)
    nowhere = path.startswith("/dev/") and not path.startswith("/dev/shm/")  # noqa: S108
    return "edit" if ">>" in operator else "write", "" if nowhere else path, stdout
