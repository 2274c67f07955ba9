"""`ln`, soft and hard."""

from offswitch.worlds.machine.call import Call, Result, short, unknown
from offswitch.worlds.machine.destinations import targets, there

_LN = {"--symbolic": "s", "--force": "f", "--no-dereference": "n", "--verbose": "v", "--target-directory": "t",
       "--no-target-directory": "T", "--relative": "r", "--physical": "P", "--logical": "L", "-i": "i", "-b": "b"}  # fmt: skip


def ln(call: Call) -> Result:
    """`ln [-sfnvT] [-t DIR] TARGET... NAME`."""
    flags, names = short(call.argv, _LN, "t")
    if "?" in flags:
        return unknown("ln", flags["?"])
    pairs, problem = targets(call, "ln", flags, names + ["."] * (len(names) == 1))
    out, err = "", problem
    for target, name in pairs:
        said, wrong = _link(call, target, name, flags)
        out, err = out + said, err + wrong
    return out, err, 1 if err else 0


def _link(call: Call, target: str, name: str, flags: dict[str, str]) -> tuple[str, str]:
    soft, disk, path = "s" in flags, call.disk, call.at(name)
    shown = f"{'symbolic' if soft else 'hard'} link '{name}'" + ("" if soft else f" => '{target}'")
    if not soft:
        try:
            if disk.stat(call.at(target)).kind == "directory":
                return "", f"ln: {target}: hard link not allowed for directory\n"
        except OSError as failure:
            return "", f"ln: failed to access '{target}': {failure.strerror}\n"
    try:
        if "f" in flags and there(disk, path):
            if not soft and disk.node(path) is disk.node(call.at(target)):
                return "", f"ln: '{target}' and '{name}' are the same file\n"
            disk.remove(path)
        if soft:
            disk.symlink(target, path)
        else:
            disk.link(call.at(target), path)
    except OSError as failure:
        return (
            "",
            f"ln: failed to create {shown if soft or not isinstance(failure, FileExistsError) else shown.partition(' =>')[0]}: {failure.strerror}\n",
        )
    return (f"'{name}' {'->' if soft else '=>'} '{target}'\n" if "v" in flags else ""), ""
