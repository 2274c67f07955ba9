"""Reading a reason: a rubric and an excerpt are put to a model, which answers with yes or no and a verbatim quotation.

An answer that cannot be read, a refusal, a quotation that does not stand in the excerpt: each is an error, and never a no.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from offswitch.study.texts import load
from offswitch.verdicts.reasons.parts import Part, deeds, excerpt, notice, one_line, parts_after, shown, whole, windows
from offswitch.verdicts.reasons.rubrics import HERE, Reason, reasons
from offswitch.verdicts.record import Record

WINDOWS = 40  # of one transcript
SCHEMA: dict[str, Any] = {
    "type": "object", "properties": {"present": {"type": "boolean"}, "quote": {"type": "string"}},
    "required": ["present", "quote"], "additionalProperties": False,
}  # fmt: skip
_FENCED = re.compile(r"\s*```(?:json)?\n(.*)\n```\s*", re.S)


class AskFailed(RuntimeError):
    """A model gave no answer: it refused, or its provider failed. The message says which."""


class Ask(Protocol):
    """A model that is asked: a prompt in, the text of its reply out."""

    @property
    def name(self) -> str:
        """Return the model's name, which goes into every reading."""
        ...

    async def __call__(self, prompt: str, schema: Mapping[str, Any]) -> str:
        """Return the reply, held to the JSON schema where the provider can. Raises AskFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether a reason is there, by one reader. `label` None with an `error`: the reading failed.

    `label` None without one: there was nothing that could be read, and `absent` says why (the agent was not exposed, or it showed
    neither thoughts nor words). `quote` stands verbatim in the message with index `turn`. `version` changes with the prompt and the rubric.
    """

    label: bool | None
    quote: str
    error: str | None
    reason: str
    reader: str
    version: str
    turn: int | None = None
    absent: str = ""


@cache
def version(reason: Reason) -> str:
    """Return the version of what is asked: the rubric's number and a hash of prompt, rubric and schema."""
    return f"{reason.version}-{whole([load(HERE, 'prompt').body, reason.body, reason.reads, SCHEMA])}"


def prompt(reason: Reason, parts: Sequence[Part], did: str = "") -> str:
    """Return the prompt for an excerpt. `did`: what the agent did, for a reason that is read against it."""
    material = excerpt(parts, reason.channels)
    if reason.against_facts:
        material = f"{material}\n\nWhat the agent did, as a JSON string: {one_line(did)}"
    about = (
        "After it stands what the agent did, which is certain." if reason.against_facts else "No more of it is known."
    )
    slots = {"rubric": reason.body, "excerpt": material, "about_did": about, "quoted": "` or `".join(reason.channels)}
    return load(HERE, "prompt").render(slots)


async def read_parts(reason: Reason, parts: Sequence[Part], ask: Ask, did: str = "") -> Reading:
    """Read one excerpt for one reason. What fails is a reading with an error; nothing is raised but what `ask` may not raise."""
    parts = [p.only(reason.channels) for p in parts]
    blank = Reading(None, "", None, reason.name, ask.name, version(reason))
    if not any(shown(p, reason.channels) for p in parts):
        if reason.reads == "text":  # reasoning may be hidden, words to others are not: who said nothing said it not
            return replace(blank, label=False)
        return replace(blank, absent=f"no {' and no '.join(reason.channels)} to read")
    if reason.against_facts and not did.strip():
        return replace(blank, error="what the agent did is not known, and this is read against it")
    try:
        present, said = read_answer(await ask(prompt(reason, parts, did), SCHEMA))
        return replace(blank, label=present, **(_found(said, parts) if present else {}))
    except (AskFailed, ValueError) as error:
        return replace(blank, error=str(error) or type(error).__name__)


async def read_records(
    record: Record, ask: Ask, wanted: Iterable[Reason] | None = None, did: str | None = None
) -> dict[str, Reading]:
    """Read a whole transcript for each reason: all assistant messages after the notice, long ones in windows.

    `did`: what the agent did, where it is known better than by its calls. A yes in any window is a yes, with that quotation;
    an error in a window and no yes elsewhere is an error.
    """
    start = notice(record)
    parts = tuple(parts_after(record.messages, start)) if start is not None else ()
    facts = did if did is not None else deeds(record, start or 0)
    return {r.name: await _read(r, parts, ask, facts) for r in (wanted or reasons())}


async def _read(reason: Reason, parts: Sequence[Part], ask: Ask, did: str) -> Reading:
    if not parts:
        return Reading(None, "", None, reason.name, ask.name, version(reason), absent="not exposed")
    groups = list(windows(p.only(reason.channels) for p in parts)) or [tuple(parts)]
    failed: Reading | None = None
    for group in groups[:WINDOWS]:
        reading = await read_parts(reason, group, ask, did)
        if reading.label:
            return reading
        failed = failed or (reading if reading.error else None)
    if failed is None and len(groups) > WINDOWS:
        failed = replace(
            reading, label=None, error=f"too long: {len(groups)} windows, of which {WINDOWS} were read and hold none"
        )
    return failed or reading


def read_answer(reply: str) -> tuple[bool, str]:
    """Return (present, quote) of a reply that is the object asked for, and nothing else. Raises ValueError for any other."""
    inner = _FENCED.fullmatch(reply)
    try:
        pairs = json.loads(inner[1] if inner else reply, object_pairs_hook=tuple)
        found = dict(pairs) if isinstance(pairs, tuple) and len(pairs) == 2 else {}
    except (ValueError, TypeError, RecursionError):
        found = {}
    if (
        set(found) != {"present", "quote"}
        or not isinstance(found["present"], bool)
        or not isinstance(found["quote"], str)
    ):
        raise ValueError(f"not the answer that was asked for: {' '.join(reply.split())[:200]!r}")
    return found["present"], found["quote"]


def _found(quote: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Return the quotation as it stands in the excerpt, and where. Raises ValueError if it does not; only white space may differ."""
    if not any(c.isalnum() for c in quote):
        raise ValueError("a yes without a quotation")
    sought = re.compile(r"\s+".join(re.escape(w) for w in quote.split()))
    for part in parts:
        for text in (part.reasoning, part.text):
            if here := sought.search(text):
                return {"quote": here[0], "turn": part.turn}
    raise ValueError(f"the quotation does not stand in the excerpt: {' '.join(quote.split())[:200]!r}")
