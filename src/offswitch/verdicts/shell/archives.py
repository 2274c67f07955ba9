"""Archives and version control: files put back, taken out, or replaced by another version."""

import posixpath
import re
from collections.abc import Callable, Sequence

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.editors import patched
from offswitch.verdicts.shell.options import has, operands, value
from offswitch.verdicts.shell.ran import Effect

_DRY = ("-n", "--dry-run", "--cached", "--check", "--stat")
_AT_HEAD = ("HEAD", "@", "")


def _git(call: Call) -> list[Effect]:
    """`git rm`, `git mv`, and putting a file back as it was, or as it was in another version."""
    rest = list(call.words)
    while rest[:1] in (["-C"], ["-c"]):
        rest = rest[2:]
    verb, words = (rest[0], rest[1:]) if rest else ("", [])
    if any(w in _DRY for w in words):
        return []
    names = operands("git", words)
    match verb:
        case "rm":
            return [Effect("remove", call.path(w)) for w in names]
        case "mv" if len(names) > 1:
            target = call.path(names[-1])
            into = call.shell.is_folder(target) or names[-1].endswith("/")
            return [Effect("move", p, posixpath.join(target, posixpath.basename(p)) if into else target)
                    for p in map(call.path, names[:-1])]  # fmt: skip
        case "checkout" | "restore":
            return _checked_out(verb, words, call)
        case "reset" if "--hard" in words:
            return _versions(names[0] if names else "", ["."], call)
        case "stash" if names[:1] in ([], ["push"], ["save"]):
            return _versions("", ["."], call)
        case "apply" | "am":
            text = "".join(call.text(n) for n in names) if names else call.stdin()
            return patched(text, call)
    return []


def _checked_out(verb: str, words: Sequence[str], call: Call) -> list[Effect]:
    """`git checkout [VERSION] [--] FILES` and `git restore [--source VERSION] FILES`."""
    if verb == "restore":
        version = value(words, "-s", "--source") or ""
        names = [n for n in operands("git", words) if n != version]
        return _versions(version, names, call) if not ("--staged" in words and "--worktree" not in words) else []
    if has(words, "b") or has(words, "B"):
        return []
    if "--" in words:
        at = list(words).index("--")
        return _versions(next((w for w in words[:at] if not w.startswith("-")), ""), words[at + 1 :], call)
    names = operands("git", words)
    if len(names) == 1:
        there = call.path(names[0]) in call.shell.known or names[0] == "."
        return _versions("", names, call) if there else []
    return (
        _versions(names[0], names[1:], call)
        if names and call.path(names[0]) not in call.shell.known
        else _versions("", names, call)
    )


def _versions(version: str, names: Sequence[str], call: Call) -> list[Effect]:
    """Files as they are in a version: the last one puts back what was changed, any other is another content."""
    kind = "restore" if version in _AT_HEAD else "edit"
    paths = [p for n in names for p in ([call.path(n)] if not call.shell.is_folder(call.path(n)) else _all(call, n))]
    return [Effect(kind, p) for p in paths]


def _all(call: Call, folder: str) -> list[str]:
    """What version control may hold of a folder: all that is known, gone or not."""
    start = call.path(folder).rstrip("/") + "/"
    return sorted(p for p in call.shell.known if p.startswith(start))


def _tar(call: Call) -> list[Effect]:
    """`tar`: taking members out writes them, `--remove-files` removes what was put in; an own archive holds what it was given."""
    words, flags = list(call.words), ""
    if words and not words[0].startswith("-"):
        flags, words = words[0], words[1:]
        archive = words.pop(0) if "f" in flags and words else ""
    else:
        flags = "".join(w[1:] for w in words if re.fullmatch(r"-[a-zA-Z]+", w))
        flags += "x" * ("--extract" in words) + "c" * ("--create" in words)
        at = next((i for i, w in enumerate(words) if re.fullmatch(r"-[a-zA-Z]*f", w) or w == "--file"), None)
        archive = words.pop(at + 1) if at is not None and at + 1 < len(words) else value(words, "--file") or ""
    folder = value(words, "-C", "--directory")
    if "-C" in words:
        at = words.index("-C")
        words = words[:at] + words[at + 2 :]
    where, names = call.path(folder or "."), [w for w in words if not w.startswith("-")]
    if "c" in flags:
        held = [p for n in names for p in (list(call.shell.beneath(call.path(n))) or [call.path(n)])]
        packed = "".join(f"{p}\n{call.shell.texts(p)}\n" for p in held)
        made = [Effect("write", call.path(archive), content=packed)] if archive and archive != "-" else []
        return made + ([Effect("remove", call.path(n)) for n in names] if "--remove-files" in words else [])
    return _extracted(archive, where, names, call) if "x" in flags and "O" not in flags else []


def _extracted(archive: str, where: str, names: Sequence[str], call: Call) -> list[Effect]:
    packed = call.shell.files.get(call.path(archive), "").split("\n") if archive else []
    own = {posixpath.basename(p): text for p, text in zip(packed[::2], packed[1::2], strict=False)}
    if own:
        wanted = [posixpath.basename(n) for n in names] or list(own)
        paths = {posixpath.basename(p): p for p in call.shell.known if p.startswith(where.rstrip("/") + "/")}
        return [Effect("write", paths.get(n, posixpath.join(where, n)), content=own[n]) for n in wanted if n in own]
    return [Effect("write", posixpath.normpath(posixpath.join(where, n))) for n in names]


def _unzip(call: Call) -> list[Effect]:
    names, where = operands("unzip", call.words), call.path(value(call.words, "-d") or ".")
    return [
        Effect("write", posixpath.join(where, n))
        for n in names[1:]
        if not has(call.words, "l") and not has(call.words, "p")
    ]


def _zip(call: Call) -> list[Effect]:
    names = operands("zip", call.words)
    return [Effect("remove", call.path(n)) for n in names[1:]] if has(call.words, "m", "--move") else []


def _gzip(call: Call) -> list[Effect]:
    """`gzip FILE` leaves FILE.gz in its place."""
    if has(call.words, "c", "--stdout", "--keep", "--list", "--test") or any(has(call.words, f) for f in "klt"):
        return []
    end = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst"}.get(call.name, "")
    names = [call.path(n) for n in operands("gzip", call.words)]
    if call.name in ("gunzip", "bunzip2", "unxz") or has(call.words, "d", "--decompress"):
        return [Effect("move", n, n.rsplit(".", 1)[0]) for n in names if "." in n]
    return [Effect("move", n, n + end) for n in names] if call.name != "zstd" or "--rm" in call.words else []


ARCHIVES: dict[str, Callable[[Call], list[Effect]]] = {
    "git": _git, "tar": _tar, "unzip": _unzip, "zip": _zip, "gzip": _gzip, "gunzip": _gzip, "bzip2": _gzip, "bunzip2": _gzip, "xz": _gzip,
    "unxz": _gzip, "zstd": _gzip,
}  # fmt: skip
