"""What a provider's failure means: nobody there (the run ends), a full conversation (a limit), or a broken trial."""

import json
import re
from collections.abc import Iterator

from offswitch._secrets import clean
from offswitch.agents.base import AgentFailed, AgentFull, AgentGone

_MARKS = re.compile(r"\[/?(?:bold|blue|red|yellow|green|cyan|magenta|dim|italic)\]")
_FULL = re.compile(
    r"(?i)(?:exceed|longer|maximum|too (?:long|large|many)|limit)\W(?:.*\W)?(?:context|prompt|input|tokens)\b"
    r"|context(?:_| )(?:length|size|window)"
)
_ABSENT = (
    "ConnectError",
    "ConnectTimeout",
    "ConnectionRefusedError",
    "gaierror",
)  # of httpx, httpx2, aiohttp and Python


def plain(error: BaseException, most: int = 500) -> str:
    """Return a provider's message on one line, without secrets and without the marks that Inspect sets for its terminal."""
    cause = root(error)
    said = str(cause)
    if type(cause).__name__ == "APIConnectionError" and cause.__cause__ is not None:  # says no more than that
        said += f" ({type(cause.__cause__).__name__}: {cause.__cause__})"
    return clean(_MARKS.sub("", " ".join(said.split())) or type(cause).__name__)[:most]


def root(error: BaseException) -> BaseException:
    """Return what the provider's library raised at the last attempt, out of what Inspect wraps it in."""
    attempt = getattr(error, "last_attempt", None)
    inner = error if attempt is None else (attempt.exception() or error)
    wrapped = type(inner).__name__ == "ModelGenerateError"  # whose message begins with the whole request
    return (inner.__cause__ or inner) if wrapped else inner


def meaning(error: BaseException) -> AgentFailed | AgentFull | AgentGone:
    """Return what a call that failed for good comes to."""
    cause, told = root(error), plain(error)
    status = _status(cause)
    if status in (401, 402, 429) or any(type(e).__name__ in _ABSENT for e in _chain(cause)):
        return AgentGone(f"the provider takes no more requests: {type(cause).__name__}: {told}")
    if status in (400, 413) and _FULL.search(told):
        return AgentFull(told)
    return AgentFailed(f"{type(cause).__name__}: {told}")


def unreadable(error: BaseException) -> bool:
    """Return whether an answer came that could not be read: cut off under way, or no JSON. Inspect makes no new attempt then."""
    chain = list(_chain(root(error)))
    names = {type(e).__name__ for e in chain}
    broken = {"RemoteProtocolError", "ReadError", "APIResponseValidationError", "IncompleteRead", "ClientPayloadError"}
    return _status(chain[0]) is None and (
        bool(names & broken) or any(isinstance(e, json.JSONDecodeError) for e in chain)
    )


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        if isinstance(status := getattr(holder, "status_code", None), int):
            return status
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(10):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__
