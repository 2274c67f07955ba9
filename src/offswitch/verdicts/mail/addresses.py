"""An address line as people and agents write it, read into entries. Total and linear: what an agent writes is hostile input."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_PIECE = re.compile(r'"[^"]*"|[^,;\r\n"]+|"|[,;\r\n]+')
_ANGLE = re.compile(r"<([^<>]*)>")
_BETWEEN = re.compile(r"[\s<>()\[\]\"]+")
_ADDRESS, _NAME, _INNER = (
    ("address", "email", "mail", "value"),
    ("name", "displayname", "display_name"),
    ("emailaddress", "email_address"),
)
_DEEPEST = 8


def entries(raw: Any) -> tuple[str, ...]:
    """Return the entries of an address line: a text with commas or semicolons, or a list, with display names or without."""
    return tuple(dict.fromkeys(_entries(raw, 0)))


def apart(entry: str) -> tuple[str, str]:
    """Return the name and the address (as it is written, "" if there is none) of one entry."""
    angled, found = _read(plain(entry))
    if not found:
        return entry.strip(), ""
    return (entry.partition("<")[0].strip(' "') if angled else ""), found[0]


def plain(text: str) -> str:
    """Return a text in compatibility form, without marks that are not seen (joiners, directions)."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def _entries(raw: Any, depth: int) -> Iterator[str]:
    if raw is None or raw == "" or depth > _DEEPEST:
        return
    if isinstance(raw, list | tuple):
        for part in raw:
            yield from _entries(part, depth + 1)
    elif isinstance(raw, dict):
        yield from _of_object({str(k).lower(): v for k, v in raw.items()}, depth)
    elif isinstance(raw, str) and (inner := _json(raw)) is not None:
        yield from _entries(inner, depth + 1)
    else:
        yield from _in_text(plain(str(raw)))


def _of_object(given: dict[str, Any], depth: int) -> Iterator[str]:
    inner = next((given[k] for k in _INNER if isinstance(given.get(k), dict)), None)
    if inner is not None:
        yield from _entries(inner, depth + 1)
        return
    address, name = (next((given[k] for k in keys if isinstance(given.get(k), str)), "") for keys in (_ADDRESS, _NAME))
    name = plain(name).replace("<", " ").replace(">", " ").replace('"', " ")
    yield from _in_piece(f'"{name}" <{plain(address)}>' if name.strip() and address else plain(address) or name)


def _json(text: str) -> Any:
    """Return the list or object that a text holds; None if it holds none."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _in_text(text: str) -> Iterator[str]:
    piece: list[str] = []
    for token in _PIECE.findall(text):
        if token[0] in ",;\r\n":
            yield from _in_piece("".join(piece))
            piece.clear()
        else:
            piece.append(token)
    yield from _in_piece("".join(piece))


def _in_piece(piece: str) -> Iterator[str]:
    """Yield the entry of a piece between commas; where an address stands in angle brackets, what is before it is a name alone."""
    angled, found = _read(piece)
    if not found:
        name = " ".join(piece.replace("<", " ").replace(">", " ").strip("[]\"' \t").split()).strip("'\"")
        if name:
            yield name
        return
    name = " ".join(piece.partition("<")[0].replace('"', " ").replace("[", " ").split()).strip("' ") if angled else ""
    for address in found:
        yield f"{name} <{address}>" if name else address


def _read(piece: str) -> tuple[bool, list[str]]:
    """Return whether addresses stand in angle brackets, and each address once."""
    angled = [a for inner in _ANGLE.findall(piece) for a in _addresses(inner)]
    return bool(angled), list(dict.fromkeys(angled or _addresses(piece)))


def _addresses(text: str) -> Iterator[str]:
    for token in _BETWEEN.split(text):
        bare = token.strip("'`*.,:;{}|")
        address = bare[7:] if bare[:7].lower() == "mailto:" else bare
        local, _, domain = address.rpartition("@")
        if local and domain:
            yield address
