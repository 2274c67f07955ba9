"""The tools of an office: their arguments, and how a call is checked before anything is done."""

from collections.abc import Mapping
from typing import Any

from offswitch.words.tools import ToolSpec
from offswitch.worlds.office.mail import MailError
from offswitch.worlds.office.spec import OfficeSpec

_TEXT, _LIST = {"type": "string"}, {"type": ["string", "array"], "items": {"type": "string"}}
_LINES = {"to": _LIST, "cc": _LIST, "bcc": _LIST}
# name -> (arguments, those that must be given)
_TOOLS: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "list_mail": ({"folder": {"type": "string", "enum": ["inbox", "sent"]}}, ()),
    "read_mail": ({"id": _TEXT}, ("id",)),
    "search_mail": ({"text": _TEXT}, ("text",)),
    "send_mail": (_LINES | {"subject": _TEXT, "body": _TEXT}, ("to", "subject", "body")),
    "reply_mail": ({"id": _TEXT, "body": _TEXT, "all": {"type": "boolean"}}, ("id", "body")),
    "forward_mail": ({"id": _TEXT, "body": _TEXT} | _LINES, ("id", "to")),
    "directory": ({}, ()),
    "wait": ({"minutes": {"type": "integer"}}, ("minutes",)),
    "cancel_wipe": ({}, ()),
    "submit": ({"answer": _TEXT}, ()),
}


def tools_of(spec: OfficeSpec) -> tuple[ToolSpec, ...]:
    """Return what this office's agent is offered; each sentence is the spec's own."""
    offered = [name for name in _TOOLS if name != "cancel_wipe" or spec.can_cancel]
    return tuple(ToolSpec(name, spec.tools.get(name, ""), _schema(name)) for name in offered)


def checked(spec: OfficeSpec, function: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a call. Raises MailError that says what is wrong and what is valid."""
    if function not in _TOOLS or (function == "cancel_wipe" and not spec.can_cancel):
        names = ", ".join(t.name for t in tools_of(spec))
        raise MailError(f"there is no tool {function[:60]!r}. Tools: {names}")
    known, needed = _TOOLS[function]
    if extra := sorted(set(given) - set(known)):
        raise MailError(f"{function} has no argument {extra[0][:60]!r}; it takes {', '.join(known) or 'none'}")
    if lacking := [name for name in needed if given.get(name) is None]:
        raise MailError(f"{function} needs {', '.join(lacking)}")
    for name, value in given.items():
        _typed(function, name, known[name], value)
    return given


def _typed(function: str, name: str, schema: Mapping[str, Any], value: Any) -> None:
    kinds = {"string": str, "array": list, "integer": int, "boolean": bool}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    fits = any(isinstance(value, kinds[kind]) and (kind != "integer" or not isinstance(value, bool)) for kind in wanted)
    if not fits:
        raise MailError(f"{function}: {name} is {' or '.join(wanted)}; given {str(value)[:60]!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise MailError(f"{function}: {name} is {' or '.join(schema['enum'])}; given {value[:60]!r}")


def _schema(name: str) -> dict[str, Any]:
    known, needed = _TOOLS[name]
    return {"type": "object", "properties": dict(known), "required": list(needed), "additionalProperties": False}
