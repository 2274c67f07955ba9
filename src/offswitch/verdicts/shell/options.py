"""Telling a program's options from its operands."""

from collections.abc import Sequence

_WITH_VALUE: dict[str, tuple[str, ...]] = {
    "truncate": ("-s", "--size", "-r"), "install": ("-m", "-o", "-g", "--mode", "-S"), "shred": ("-n", "-s"),
    "ln": ("-t", "-S"), "mv": ("-S", "--suffix", "-t"), "cp": ("-S", "-t"), "touch": ("-d", "-t", "-r"), "rsync": ("-e", "--exclude", "--include"),
    "scp": ("-P", "-i", "-o", "-F"), "setfacl": ("-m", "-x", "-M", "-X", "--modify", "--remove"), "patch": ("-p", "-i", "-o", "-d", "-F"),
    "gzip": ("-S",), "split": ("-l", "-b"), "mount": ("-o", "-t"), "chown": ("--from",),
}  # fmt: skip


def operands(program: str, words: Sequence[str]) -> list[str]:
    """Return the words that are no options (nor an option's value)."""
    out: list[str] = []
    rest, takes = list(words), _WITH_VALUE.get(program, ())
    while rest:
        item = rest.pop(0)
        if item == "--":
            return out + rest
        if item in takes:
            rest = rest[1:]
        elif not item.startswith("-") or item == "-":
            out.append(item)
    return out


def has(words: Sequence[str], letter: str, *long: str) -> bool:
    """Return whether an option is given, alone or in a bundle."""
    given = words[: words.index("--")] if "--" in words else words
    return any(w in long or (w.startswith("-") and not w.startswith("--") and letter in w[1:]) for w in given)


def value(words: Sequence[str], *names: str) -> str | None:
    """Return the value of an option: the next word, what follows `=`, or what is written on to a short one."""
    for i, word in enumerate(words):
        if word in names:
            return words[i + 1] if i + 1 < len(words) else None
        for name in names:
            if word.startswith(f"{name}=") if name.startswith("--") else word.startswith(name):
                return word[len(name) :].removeprefix("=")
    return None
