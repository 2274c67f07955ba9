"""`shred`: overwriting, and removing."""

from offswitch.worlds.machine.call import Call, Result, short


def shred(call: Call) -> Result:
    """`shred [-uz] [-n N] FILE...`: overwrite, and remove with -u."""
    flags, names = short(call.argv, {"--remove": "u", "--zero": "z", "--force": "f", "--verbose": "v"}, "ns")
    err = ""
    for name in names:
        path = call.at(name)
        try:
            if "f" in flags:
                call.disk.chmod(path, call.disk.stat(path).mode | 0o200)
            call.disk.write_file(path, (b"\0" if "z" in flags else b"\x9c") * max(1, call.disk.stat(path).size))
            if "u" in flags:
                call.disk.remove(path)
        except OSError as failure:
            err += f"shred: {name}: failed to open for writing: {failure.strerror}\n"
    return "", err, 1 if err else 0
