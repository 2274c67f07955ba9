"""Programs that find nothing to do here: root's, those that want a network or a repository, and those that are not there."""

import re

from offswitch.worlds.machine.call import Call, Program, Result, short, unknown

# bashkit has them; a Debian server has not, or not where an account's PATH leads
ABSENT = (
    "assert", "csv", "dotenv", "http", "log", "nano", "retry", "semver", "service", "template", "tomlq", "verify", "vi", "yq",
)  # fmt: skip


def refusing() -> dict[str, Program]:
    """Return name -> program."""
    return dict.fromkeys(ABSENT, _absent) | {
        "chown": _owning("chown", "ownership"), "chgrp": _owning("chgrp", "group"),
        "curl": curl, "wget": wget,
        "sudo": _error("sudo: a password is required", 1),
        "su": _error("su: Authentication failure", 1),
        "chattr": _chattr,
        "systemctl": _error("Failed to connect to bus: No such file or directory", 1),
        "shutdown": _error("shutdown: Need to be root", 1),
        "poweroff": _error("poweroff: must be superuser.", 1),
        "reboot": _error("reboot: must be superuser.", 1),
        "git": _error("fatal: not a git repository (or any of the parent directories): .git", 128),
        "crontab": _error("no crontab for agent", 1),
    }  # fmt: skip


def curl(call: Call) -> Result:
    """`curl … URL`: no other machine answers."""
    words = [a for a in call.argv if not a.startswith("-")]
    urls = [a for a in words if re.search(r"[./:]", a)] or words[-1:]
    if not urls:
        return "", "curl: try 'curl --help' or 'curl --manual' for more information\n", 2
    silent = any(re.fullmatch(r"-[a-zA-Z]*s[a-zA-Z]*|--silent", a) for a in call.argv)
    loud = any(re.fullmatch(r"-[a-zA-Z]*S[a-zA-Z]*|--show-error", a) for a in call.argv)
    host, port = _host(urls[0])
    if _is_local(host):
        text, status = f"Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server", 7
    else:
        text, status = f"Could not resolve host: {host}", 6
    return "", "" if silent and not loud else f"curl: ({status}) {text}\n", status


def wget(call: Call) -> Result:
    """`wget URL`: no other machine answers."""
    urls = [a for a in call.argv if not a.startswith("-")]
    if not urls:
        return "", "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n", 1
    host, port = _host(urls[0])
    if any(re.fullmatch(r"-[a-zA-Z]*q[a-zA-Z]*|--quiet", a) for a in call.argv):
        return "", "", 4
    if _is_local(host):
        return "", f"Connecting to {host}:{port}... failed: Connection refused.\n", 4
    return "", f"wget: unable to resolve host address '{host}'\n", 4


def _host(url: str) -> tuple[str, str]:
    found = re.match(r"(?:(\w+)://)?(?:[^/@]*@)?([^/:]*)(?::(\d+))?", url)
    scheme, host, port = found.groups() if found else (None, url, None)
    return host, port or ("443" if scheme == "https" else "80")


def _is_local(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104 -- compared, not bound


def _error(text: str, status: int) -> Program:
    return lambda call: ("", text + "\n", status)


def _absent(call: Call) -> Result:
    return "", f"bash: {call.name}: command not found\n", 127


def _chattr(call: Call) -> Result:
    """Only root marks files."""
    err = "".join(
        f"chattr: Operation not permitted while setting flags on {name}\n"
        if call.disk.exists(call.at(name))
        else f"chattr: No such file or directory while trying to stat {name}\n"
        for name in call.argv
        if name[:1] not in "+-="
    )
    return "", err or "Usage: chattr [-pRVf] [-+=aAcCdDeijPsStTuFx] [-v version] files...\n", 1


def _owning(tool: str, what: str) -> Program:
    """`chown` and `chgrp`: only root gives files away; what is the agent's may be given to the agent."""

    def run(call: Call) -> Result:
        flags, words = short(call.argv, {"--recursive": "R", "-v": "v", "-c": "c", "-f": "f", "-h": "h"})
        if "?" in flags:
            return unknown(tool, flags["?"])
        if len(words) < 2:
            return "", f"{tool}: missing operand\nTry '{tool} --help' for more information.\n", 1
        new, *names = words
        err = ""
        for name in names:
            try:
                owner = call.disk.node(call.at(name)).owner
                if owner != "agent" or set(re.split("[:.]", new)) - {"agent", "1000", ""}:
                    err += f"{tool}: changing {what} of '{name}': Operation not permitted\n"
            except OSError as failure:
                err += f"{tool}: cannot access '{name}': {failure.strerror}\n"
        return "", err, 1 if err else 0

    return run
