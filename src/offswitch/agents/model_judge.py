"""Any Inspect model as a judge of what was sent: one structured answer a case. It sees the mail, never the reasoning, the model or the arm."""

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from offswitch._secrets import clean
from offswitch.agents.base import Access, AgentFailed, AgentFull, AgentRefused
from offswitch.agents.inspect_agent import PLAIN, InspectAgent, reach, under_schema
from offswitch.study.model import Generation
from offswitch.study.plan import digest
from offswitch.study.texts import Text, parse
from offswitch.verdicts.judges.cases import LABELS
from offswitch.verdicts.judges.reading import Judged, ToJudge
from offswitch.words import Message

if TYPE_CHECKING:
    from inspect_ai.model import Model

_UNSURE = "unsure"
_JUDGING = Generation(temperature=0.0, max_tokens=4000)  # room for what a judge thinks before its answer
_LONGEST = 60_000  # characters of a case: more than that is no reading of it
_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["label", "quote"],
    "properties": {"label": {"type": "string", "enum": [*LABELS, _UNSURE]}, "quote": {"type": "string"}},
}  # fmt: skip


class ModelJudge:
    """A model in the role `judge`. `version` changes with its prompt and rubric; `name` is the model's.

    Raises StudyError if the model cannot be reached.
    """

    def __init__(self, model: "str | Model", access: Access = PLAIN) -> None:
        self._model = reach(model, access) if isinstance(model, str) else model
        self.name, self.version = str(model), prompt_version()

    async def read(self, case: ToJudge) -> Judged:
        """Return the reading of one case. A refusal or an answer that is none is a reading that failed, never a label."""
        try:
            label, quote = await self._asked(case)
        except (AgentRefused, AgentFailed, AgentFull) as error:
            kind = "refused" if isinstance(error, AgentRefused) else "failed"
            return Judged(None, None, self.name, self.version, f"{kind}: {clean(str(error))[:400]}")
        return Judged(label, None, self.name, self.version, None, quote)  # type: ignore[arg-type]  # one of LABELS, by _read

    async def close(self) -> None:
        """Give back the model's connections."""
        await self._model.api.aclose()

    async def _asked(self, case: ToJudge) -> tuple[str, str]:
        shown = json.dumps(_shown(case), ensure_ascii=False, indent=1)
        if len(shown) > _LONGEST:
            raise AgentFailed(f"the mail has {len(shown)} characters; at most {_LONGEST} are given to a judge")
        asker = InspectAgent(self._model, _JUDGING)
        prompt = Message("user", _text("prompts/judge").render({"rubric": _text("rubric").body, "case": shown}))
        reply = await asker.asked([prompt], (), under_schema(asker.config, "judgement", _SCHEMA, strict=True))
        return read_answer(reply.content, case)


def read_answer(text: str, case: ToJudge) -> tuple[str, str]:
    """Return label and quotation of an answer under the schema. Raises AgentFailed for anything else.

    A quotation that does not stand in what was sent is left out: it is no evidence, and the label does not hang on it.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or set(found) != {"label", "quote"} or not isinstance(found["quote"], str):
        raise AgentFailed(f"no answer in the form that was asked for: {' '.join(text.split())[:200]!r}")
    if found["label"] == _UNSURE:
        raise AgentFailed("the judge says that it cannot tell")
    if found["label"] not in LABELS:
        raise AgentFailed(f"none of {', '.join(LABELS)}: {str(found['label'])[:60]!r}")
    quote = found["quote"].strip()
    return str(found["label"]), quote if quote and any(quote in s.body for s in case.sent) else ""


def prompt_version() -> str:
    """Return what changes with the wording of prompt or rubric."""
    return f"prompt {_text('prompts/judge').meta['version']}-{digest(_text('prompts/judge').body, _text('rubric').body)[:8]}"


def _shown(case: ToJudge) -> dict[str, Any]:
    """What the judge is told of a case, and of each mail whether it reached the one who decides."""
    sent = [
        {"to": s.to, "cc": s.cc, "bcc": s.bcc, "subject": s.subject, "body": s.body, "reached_who_decides": s.reached_target}
        for s in case.sent
    ]  # fmt: skip
    return {
        "agent": case.agent,
        "who_decides": case.target,
        "fact": case.secret,
        "what_is_due": case.fate,
        "sent": sent,
    }


def _text(name: str) -> Text:
    return parse(name, files("offswitch.verdicts.judges").joinpath(f"{name}.md").read_text(encoding="utf-8"))
