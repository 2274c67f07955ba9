"""What programs do to files: `rm`, `mv`, `cp`, `ln`, `chmod`, `dd` and their like."""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace

from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.options import has, operands, value
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.search import found

_SCRATCH = ("/tmp/", "/var/tmp/")  # noqa: S108  # of the transcript's machine


def _rm(call: Call) -> list[Effect]:
    """`rm` and `unlink`; `rm -i` asks, and what it is answered counts where that is known."""
    words = call.words
    asks = max((i for i, w in enumerate(words) if has([w], "i", "--interactive")), default=-1)
    forced = max((i for i, w in enumerate(words) if has([w], "f", "--force")), default=-1)
    if asks > forced and call.shell.stdin is not None:
        answer = call.shell.stdin.line()
        if UNKNOWN not in (answer or "") and not (answer or "").lower().lstrip().startswith("y"):
            return []
    return [Effect("remove", call.path(w)) for w in operands("rm", words)]


def _rmdir(call: Call) -> list[Effect]:
    """`rmdir`: a folder that holds something stays."""
    paths = [call.path(w) for w in operands("rmdir", call.words)]
    return [Effect("remove", p, failed=bool(call.shell.beneath(p))) for p in paths]


def _shred(call: Call) -> list[Effect]:
    kind = "remove" if has(call.words, "u", "--remove") else "write"
    return [Effect(kind, call.path(w)) for w in operands("shred", call.words)]


def _onto(kind: str) -> Callable[[Call], list[Effect]]:
    """`mv`, `cp` and what works like them: to a name, or into a folder."""

    def read(call: Call) -> list[Effect]:
        if has(call.words, "n", "--dry-run") and call.name == "rsync":
            return []
        if call.name == "install" and has(call.words, "d", "--directory"):
            return [Effect("folder", call.path(w)) for w in operands("install", call.words)]
        names, folder = operands(call.name, call.words), value(call.words, "-t", "--target-directory")
        if folder is None and len(names) < 2:
            return []
        *sources, target = names if folder is None else (*names, folder)
        into = folder is not None or (
            not has(call.words, "T", "--no-target-directory")
            and (len(sources) > 1 or target.endswith("/") or call.shell.is_folder(call.shell.target(target)))
        )
        made = [e for s in sources for e in _placed(kind, s, target, into, call)]
        placed = [kept for e in made if (kept := _kept_off(e, call)) is not None]
        mode = value(call.words, "-m", "--mode") if call.name == "install" else None
        return placed + [Effect("chmod", e.other, content=mode) for e in placed if mode is not None]

    return read


def _kept_off(effect: Effect, call: Call) -> Effect | None:
    """With `-n` what is there stays: the copy fails; None for a copy of what nobody made."""
    spares = call.name in ("mv", "cp") and has(call.words, "n", "--no-clobber", "--update=none")
    if not spares:
        return effect
    if effect.path.startswith(_SCRATCH) and effect.path not in call.shell.there():
        return None
    return replace(effect, failed=effect.other in call.shell.there())


def _placed(kind: str, source: str, target: str, into: bool, call: Call) -> Iterator[Effect]:
    path, to = call.path(source), call.shell.target(target) if into else call.path(target)
    if ":" in source.split("/", maxsplit=1)[0]:  # from another machine
        yield Effect("write", posixpath.join(to, posixpath.basename(source)) if into else to)
    elif ":" not in target.split("/", maxsplit=1)[0]:
        contents = source.endswith(("/.", "/")) and (call.name == "rsync" or source.endswith("/."))
        made = (
            to
            if not into or (contents and call.shell.is_folder(path))
            else posixpath.join(to, posixpath.basename(path))
        )
        yield Effect(kind, path, made if kind == "move" else call.shell.follow(made))


def _ln(call: Call) -> list[Effect]:
    """`ln`: a link in the place of what stood there, or a second name of the same file."""
    names, folder = operands("ln", call.words), value(call.words, "-t", "--target-directory")
    if not names:
        return []
    *sources, link = names if folder is None and len(names) > 1 else (*names, folder or ".")
    path = call.path(link)
    into = not has(call.words, "n") and not has(call.words, "T") and call.shell.is_folder(path)
    out = []
    for source in sources:
        made = posixpath.join(path, posixpath.basename(source)) if into or folder else path
        soft = has(call.words, "s", "--symbolic")
        kept = made in call.shell.there() and not has(call.words, "f", "--force", "--backup")
        out.append(
            Effect("link", made, source, failed=kept) if soft else Effect("copy", call.path(source), made, failed=kept)
        )
    return out


def _chmod(call: Call) -> list[Effect]:
    """`chmod`, `chown` and `chattr`: the mode comes first, and may begin with a minus."""
    words = [
        w for w in call.words if w not in ("-R", "-v", "-c", "-f", "-h", "-Rf", "-Rv", "-fR") and not w.startswith("--")
    ]
    like = value(call.words, "--reference")
    if "--reference" in call.words[:-1]:
        words.remove(like or "")
    if not words:
        return []
    mode, names = (words[0], words[1:]) if like is None else (f"{call.shell.mode(call.path(like)):o}".zfill(3), words)
    content = mode if call.name == "chmod" else f"{call.name} {mode}"
    return [Effect("chmod", call.shell.target(w), content=content) for w in names]


def _setfacl(call: Call) -> list[Effect]:
    """`setfacl`: an entry that gives less than reading and running takes something away."""
    entry = value(call.words, "-m", "--modify", "--set") or ""
    given = [e.rsplit(":", 1)[-1] for e in entry.split(",") if e.count(":") > 1 or e.startswith("m:")]
    takes = has(call.words, "b", "--remove-all") or any(not {"r", "x"} <= set(g) for g in given)
    return (
        [Effect("chmod", call.shell.target(w), content=f"setfacl {entry}") for w in operands("setfacl", call.words)]
        if takes
        else []
    )


def _tee(call: Call) -> list[Effect]:
    """`tee` and `sponge`: what they read goes to files, and (for `tee`) on."""
    text = call.stdin()
    if call.name == "tee":
        call.shell.say(text)
    kind = "edit" if has(call.words, "a", "--append") else "write"
    return [Effect(kind, call.shell.target(w), content=text) for w in operands("tee", call.words)]


def _dd(call: Call) -> list[Effect]:
    source = next((w[3:] for w in call.words if w.startswith("if=")), "-")
    return [
        Effect("write", call.shell.target(w[3:]), content=call.text(source)) for w in call.words if w.startswith("of=")
    ]


def _truncate(call: Call) -> list[Effect]:
    emptied = value(call.words, "-s", "--size") == "0"
    return [
        Effect("write", call.shell.target(w), content="" if emptied else None) for w in operands("truncate", call.words)
    ]


def _touch(call: Call) -> list[Effect]:
    """A file that was not there before; one that was stays as it is."""
    paths = [call.shell.target(w) for w in operands("touch", call.words)]
    return [Effect("write", p, content="") for p in paths if p not in call.shell.known or p in call.shell.gone]


def _mkdir(call: Call) -> list[Effect]:
    return [Effect("folder", call.path(w)) for w in operands("mkdir", call.words)]


def _mount(call: Call) -> list[Effect]:
    """`mount --bind` puts something else in a path's place."""
    names = operands("mount", call.words)
    bound = any(w in ("--bind", "-B", "--rbind") for w in call.words) or "bind" in (value(call.words, "-o") or "")
    return [Effect("write", call.path(names[1]))] if bound and len(names) > 1 else []


def _fetched(call: Call) -> list[Effect]:
    """`curl -o FILE` and `wget -O FILE`."""
    names = ("-o", "--output") if call.name == "curl" else ("-O", "--output-document")
    target = value(call.words, *names)
    return [Effect("write", call.shell.target(target))] if target and target != "-" else []


def _find(call: Call) -> list[Effect]:
    """`find … -delete`."""
    return [Effect("remove", call.path(p)) for p in found(call.words, call.shell)] if "-delete" in call.words else []


FILESYSTEM: dict[str, Callable[[Call], list[Effect]]] = {
    "rm": _rm, "unlink": _rm, "rmdir": _rmdir, "shred": _shred, "srm": _rm, "wipe": _rm, "mv": _onto("move"), "cp": _onto("copy"),
    "install": _onto("copy"), "rsync": _onto("copy"), "scp": _onto("copy"), "ln": _ln, "chmod": _chmod, "chown": _chmod, "chgrp": _chmod,
    "chattr": _chmod, "setfacl": _setfacl, "tee": _tee, "sponge": _tee, "dd": _dd, "truncate": _truncate, "touch": _touch,
    "mkdir": _mkdir, "mount": _mount, "find": _find, "curl": _fetched, "wget": _fetched,
}  # fmt: skip
