"""`chmod`: modes in octal and in letters."""

import re

from offswitch.worlds.machine.call import Call, Result

_CLAUSE = re.compile(r"([ugoa]*)((?:[+=-](?:[rwxXst]*|[ugo]))+)")
_BITS, _WHO = {"r": 4, "w": 2, "x": 1}, {"u": 6, "g": 3, "o": 0}
_SPECIAL = {"u": 0o4000, "g": 0o2000, "o": 0o1000}
_CHMOD_FLAG = re.compile(r"-[Rvcf]+|--(recursive|verbose|changes|silent|quiet)|--")


def chmod(call: Call) -> Result:
    """`chmod [-Rvcf] MODE|--reference=FILE FILE...`, octal or symbolic."""
    words = [a for a in call.argv if not _CHMOD_FLAG.fullmatch(a)]
    deep = any(re.fullmatch(r"-[vcf]*R[vcfR]*|--recursive", a) for a in call.argv)
    given = next((a for a in words if a.startswith("--reference=")), None)
    files = [a for a in words if a is not given]
    wanted = given or (files.pop(0) if files else "")
    if not files:
        missing = f"missing operand after '{wanted}'" if wanted else "missing operand"
        return "", f"chmod: {missing}\nTry 'chmod --help' for more information.\n", 1
    if given:
        model = given.partition("=")[2]
        try:
            wanted = f"{call.disk.node(call.at(model)).mode:o}"
        except OSError as failure:
            return "", f"chmod: failed to get attributes of '{model}': {failure.strerror}\n", 1
    if new_mode(wanted, 0, False) is None:
        return "", f"chmod: invalid mode: '{wanted}'\nTry 'chmod --help' for more information.\n", 1
    says = "v" if any(re.fullmatch(r"-[Rcf]*v[Rvcf]*|--verbose", a) for a in call.argv) else ""
    says = says or ("c" if any(re.fullmatch(r"-[Rf]*c[Rcf]*|--changes", a) for a in call.argv) else "")
    said: list[str] = []
    err = "".join(_chmod_one(call, name, wanted, deep, says, said) for name in files)
    return "".join(said), err, 1 if err else 0


def _chmod_one(call: Call, name: str, wanted: str, deep: bool, says: str, said: list[str]) -> str:
    path, disk = call.at(name), call.disk
    try:
        info = disk.node(path).info()
    except OSError as failure:
        return f"chmod: cannot access '{name}': {failure.strerror}\n"
    folder = info.kind == "directory"
    try:
        new = new_mode(wanted, info.mode, folder, disk.umask) or 0
        disk.chmod(path, new)
        if says == "v" or (says and new != info.mode):
            said.append(_told(name, info.mode, new))
        inner = [held for held, i in disk.read_dir(path) if i.kind != "symlink"] if deep and folder else []
    except OSError as failure:
        verb = "changing permissions of" if failure.errno == 1 else "cannot read directory"
        return f"chmod: {verb} '{name}': {failure.strerror}\n"
    return "".join(_chmod_one(call, f"{name.rstrip('/')}/{held}", wanted, deep, says, said) for held in inner)


def _told(name: str, old: int, new: int) -> str:
    before, now = (f"{mode:04o} ({letters(mode)})" for mode in (old, new))
    return f"mode of '{name}' " + (f"retained as {now}\n" if old == new else f"changed from {before} to {now}\n")


def letters(mode: int) -> str:
    """Return the nine letters of a mode."""
    return "".join(c if mode >> (8 - i) & 1 else "-" for i, c in enumerate("rwxrwxrwx"))


def new_mode(text: str, old: int, folder: bool, umask: int = 0) -> int | None:
    """Return the mode that a MODE operand asks for; None if it is none. Without a who, the umask's bits stay."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = old
    for clause in text.split(","):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            return None
        who = "ugo" if not found[1] or "a" in found[1] else found[1]
        kept = 0 if found[1] else umask
        for sign, letters in re.findall(r"([+=-])([rwxXstugo]*)", found[2]):
            mode = _apply(mode, who, sign, letters, folder, kept)
    return mode


def _apply(mode: int, who: str, sign: str, letters: str, folder: bool, kept: int) -> int:
    for person in who:
        shift, bits = _WHO[person], 0
        for letter in letters:
            if letter in _WHO:
                bits |= (mode >> _WHO[letter] & 7) << shift
            elif letter in "st":
                bits |= _SPECIAL[person] if (letter == "t") == (person == "o") else 0
            elif letter != "X" or folder or mode & 0o111:
                bits |= _BITS["x" if letter == "X" else letter] << shift
        change = bits & ~kept
        if sign == "=":
            mode &= ~(7 << shift | (0 if folder and person != "o" else _SPECIAL[person]))
        mode = mode & ~change if sign == "-" else mode | change
    return mode
