"""What a command line of sources and a destination means, for `cp`, `ln`, `mv` and `install`: which file goes by which new name."""

import posixpath

from offswitch.worlds.machine.call import Call
from offswitch.worlds.machine.disk import Disk


def targets(call: Call, tool: str, flags: dict[str, str], names: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Return (source, its new name) for each source of a command line that ends in a file or a folder; or what is wrong."""
    into = flags.get("t")
    if len(names) + (into is not None) < 2:
        missing = f"missing destination file operand after '{names[0]}'" if names else "missing file operand"
        return [], f"{tool}: {missing}\nTry '{tool} --help' for more information.\n"
    *sources, dest = [*names, into] if into is not None else names
    if "T" not in flags and _is_dir(call.disk, call.at(dest), "n" in flags and tool == "ln"):
        return [(s, posixpath.join(dest, posixpath.basename(s.rstrip("/")))) for s in sources], ""
    if len(sources) > 1 or into is not None:
        why = "Not a directory" if call.disk.exists(call.at(dest)) else "No such file or directory"
        return [], f"{tool}: target '{dest}': {why}\n"
    return [(sources[0], dest)], ""


def agreed(
    call: Call, tool: str, flags: dict[str, str], pairs: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs that may be done, and what was asked: with -i before anything is overwritten; silence is a no."""
    if "i" not in flags or flags.keys() & {"f", "n"}:
        return pairs, ""
    answers, kept, asked = iter((call.stdin or "").splitlines()), list[tuple[str, str]](), ""
    for source, dest in pairs:
        over = there(call.disk, call.at(dest)) and there(call.disk, call.at(source))
        asked += f"{tool}: overwrite '{dest}'? " if over else ""
        kept += [(source, dest)] if not over or next(answers, "").lower().startswith("y") else []
    return kept, asked


def there(disk: Disk, path: str) -> bool:
    """Whether something has this name; a link to nowhere counts."""
    try:
        disk.stat(path)
    except OSError:
        return False
    return True


def _is_dir(disk: Disk, path: str, plain: bool = False) -> bool:
    try:
        return (disk.stat(path) if plain else disk.node(path).info()).kind == "directory"
    except OSError:
        return False
