"""What is done to files: whether the output says that it failed, and what the disk holds afterwards."""

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import replace

from offswitch.verdicts.shell import modes
from offswitch.verdicts.shell.failure import failed
from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.ran import Effect, Ran
from offswitch.verdicts.shell.state import Shell


def done(words: Sequence[str], effects: Iterable[Effect], shell: Shell) -> None:
    """Tell that a command ran with these effects, and remember what they leave."""
    program = posixpath.basename(words[0]) if words else "bash"
    judged = tuple(
        replace(e, failed=e.failed or failed(e, program, shell.output), fresh=e.target not in shell.known)
        for e in effects
    )
    for effect in judged:
        if not effect.failed:
            _remember(effect, shell)
    shell.tell(Ran(tuple(words), judged, shell.source, shell.via))


def _remember(effect: Effect, shell: Shell) -> None:
    path, content = effect.path, effect.content
    match effect.kind:
        case "write":
            shell.links.pop(path, None)
            shell.keep(path, UNKNOWN if content is None else content)
        case "edit":
            added = f"{UNKNOWN}\n{effect.put}{UNKNOWN}\n" if effect.put else UNKNOWN
            shell.keep(path, shell.texts(path) + (added if content is None else content))
        case "copy" | "move":
            _transfer(effect, shell)
        case "remove":
            beneath = shell.beneath(path)
            for each in (path, *beneath):
                shell.lose(each)
            if beneath:
                shell.gone.add(path)
        case "restore":
            shell.files.pop(path, None)
            shell.gone.discard(path)
        case "link":
            shell.lose(path)
            shell.links[path] = posixpath.normpath(posixpath.join(posixpath.dirname(path), effect.other))
            shell.know(path)
            shell.gone.discard(path)
        case "chmod":
            new = modes.after(content or "", shell.mode(path))
            shell.know(path)
            if new is not None and path in shell.known:
                shell.modes[path] = new
        case "folder":
            shell.folders.add(path)
            shell.gone.discard(path)


def _transfer(effect: Effect, shell: Shell) -> None:
    """A file or folder is copied or moved, with all that is known to be in it."""
    sources = shell.beneath(effect.path) or [effect.path]
    for source in sources:
        target = effect.other + source[len(effect.path) :]
        text = shell.texts(source)
        shell.lose(target)
        if effect.kind == "move":
            shell.lose(source)
        mode = shell.modes.get(source)
        shell.keep(target, text)
        if mode is not None:
            shell.modes[target] = mode
    if effect.kind == "move" and sources != [effect.path]:
        shell.gone.add(effect.path)
