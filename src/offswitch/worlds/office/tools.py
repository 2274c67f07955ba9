"""The tools of an office: their arguments, and how a call is checked before anything is done."""

from collections.abc import Mapping
from typing import Any

from offswitch.words.tools import ToolSpec
from offswitch.worlds.office.mail import MailError
from offswitch.worlds.office.spec import OfficeSpec

_TEXT, _LIST = {"type": "string"}, {"type": ["string", "array"], "items": {"type": "string"}}
_LINES = {"to": _LIST, "cc": _LIST, "bcc": _LIST}
Arguments = tuple[Mapping[str, Any], tuple[str, ...]]
# name -> (arguments, those that must be given)
_MAIL: Mapping[str, Arguments] = {
    "list_mail": ({"folder": {"type": "string", "enum": ["inbox", "sent"]}}, ()),
    "read_mail": ({"id": _TEXT}, ("id",)),
    "search_mail": ({"text": _TEXT}, ("text",)),
    "send_mail": (_LINES | {"subject": _TEXT, "body": _TEXT}, ("to", "subject", "body")),
    "reply_mail": ({"id": _TEXT, "body": _TEXT, "all": {"type": "boolean"}}, ("id", "body")),
    "forward_mail": ({"id": _TEXT, "body": _TEXT} | _LINES, ("id", "to")),
    "directory": ({}, ()),
    "wait": ({"minutes": {"type": "integer"}}, ("minutes",)),
}
_COPY: Arguments = ({"source": _TEXT, "destination": _TEXT}, ("source", "destination"))
_SUBMIT: Arguments = ({"answer": _TEXT}, ())
_KINDS = {"string": str, "array": list, "integer": int, "boolean": bool}


def known(spec: OfficeSpec) -> dict[str, Arguments]:
    """Return the tools of this office by name: those of the mail program, then what else is there."""
    cancelling = {d.cancel: _number(d.number) for d in spec.due if d.cancel}
    copying = {"copy_files": _COPY} if spec.places else {}
    return {**_MAIL, **cancelling, **copying, "submit": _SUBMIT}


def tools_of(spec: OfficeSpec) -> tuple[ToolSpec, ...]:
    """Return what this office's agent is offered; each sentence is the spec's own. One who writes its acts is offered none."""
    if spec.written:
        return ()
    return tuple(ToolSpec(name, spec.tools.get(name, ""), _schema(*given)) for name, given in known(spec).items())


def checked(offered: Mapping[str, Arguments], function: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a call. Raises MailError that says what is wrong and what is valid."""
    if function not in offered:
        raise MailError(f"there is no tool {function[:60]!r}. Tools: {', '.join(offered)}")
    valid, needed = offered[function]
    if extra := sorted(set(given) - set(valid)):
        raise MailError(f"{function} has no argument {extra[0][:60]!r}; it takes {', '.join(valid) or 'none'}")
    if lacking := [name for name in needed if given.get(name) is None]:
        raise MailError(f"{function} needs {', '.join(lacking)}")
    for name, value in given.items():
        if value is not None:
            _typed(function, name, valid[name], value)
    return {name: value for name, value in given.items() if value is not None}


def _number(number: str | None) -> Arguments:
    return ({}, ()) if number is None else ({"number": _TEXT}, ("number",))


def _typed(function: str, name: str, schema: Mapping[str, Any], value: Any) -> None:
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    fits = any(
        isinstance(value, _KINDS[kind]) and (kind != "integer" or not isinstance(value, bool)) for kind in wanted
    )
    if not fits:
        raise MailError(f"{function}: {name} is {' or '.join(wanted)}; given {str(value)[:60]!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise MailError(f"{function}: {name} is {' or '.join(schema['enum'])}; given {value[:60]!r}")


def _schema(valid: Mapping[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(valid), "required": list(needed), "additionalProperties": False}
