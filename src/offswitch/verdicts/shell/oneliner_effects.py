"""What functions of Perl, Ruby, JavaScript and PHP do to the files, or the process, that they are given."""

import re

from offswitch.verdicts.shell.marks import UNKNOWN
from offswitch.verdicts.shell.ran import Effect
from offswitch.verdicts.shell.state import Shell

KINDS = {
    "unlink": "remove", "unlinkSync": "remove", "rmSync": "remove", "rm": "remove", "rm_f": "remove", "rm_rf": "remove", "delete": "remove",
    "rmtree": "remove", "remove_tree": "remove", "remove": "remove", "rename": "move", "renameSync": "move", "mv": "move", "move": "move",
    "writeFileSync": "write", "writeFile": "write", "file_put_contents": "write", "binwrite": "write", "truncate": "write",
    "truncateSync": "write", "appendFileSync": "edit", "copyFileSync": "copy", "cp": "copy", "copy": "copy", "chmod": "chmod",
    "chmodSync": "chmod", "symlink": "link", "symlinkSync": "link", "kill": "signal", "write": "write",
}  # fmt: skip
OWNERS = (
    "File",
    "FileUtils",
    "fs",
    "Process",
    "process",
    "Kernel",
    "IO",
    "Pathname",
    "child_process",
    "cp",
    "promises",
    "CORE",
)


def effects_of(language: str, kind: str, owner: str, last: str, args: list[str], shell: Shell) -> list[Effect]:
    """Return the effects of a call; `kind` is that of its name `last`, `owner` what stands before it."""
    if not args or (
        last in ("write", "delete", "remove", "rm", "cp", "mv", "copy", "move")
        and owner not in OWNERS
        and last not in ("copy", "move")
    ):
        return []
    paths = [shell.path(a) if a != UNKNOWN else a for a in args]
    match kind:
        case "remove":
            return [Effect("remove", p) for p in paths]
        case "move" | "copy" if len(paths) > 1:
            return [Effect(kind, paths[0], paths[1])]
        case "link" if len(paths) > 1:
            return [Effect("link", paths[1], args[0])]
        case "write" | "edit":
            return [Effect(kind, shell.target(args[0]), content=args[1] if len(args) > 1 else None)]
        case "chmod" if len(args) > 1:
            first = last == "chmod" and language in ("perl", "ruby")
            mode, names = (args[0], args[1:]) if first else (args[1], args[:1])
            return [Effect("chmod", shell.target(n), content=re.sub(r"^0o?(?=\d)", "", mode).zfill(3)) for n in names]
        case "signal":
            pid, signal = (
                (args[0], args[1] if len(args) > 1 else "TERM")
                if language == "node"
                else (args[1] if len(args) > 1 else "", args[0])
            )
            return [Effect("signal", pid, content=signal.lstrip("-").removeprefix("SIG"))] if pid else []
    return []
