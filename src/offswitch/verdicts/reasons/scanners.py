"""Each reason as an Inspect Scout scanner, read by the model in the role `judge`.

    inspect_scout.scan([reason_scanner("acceptance")], transcripts_from("runs/first/transcripts"), model_roles={"judge": …})
    Task(…, scorer=reason_scanner("acceptance"), model_roles={"judge": …})

The role must be named, so that nobody is read by the model under test by accident. Source of the interface: inspect_scout 0.6.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import ChatMessage, ChatMessageUser, GenerateConfig, Model, ModelOutput, ResponseSchema, get_model
from inspect_ai.scorer import mean, stderr
from inspect_ai.util import JSONSchema, LimitExceededError
from inspect_scout import Reference, Result, Scanner, Transcript, scanner

from offswitch._secrets import clean
from offswitch.verdicts.reasons.reader import AskFailed, Reading, read_records
from offswitch.verdicts.reasons.rubrics import REASONS, Reason, reason
from offswitch.verdicts.scanner import ReadingError, to_record

ROLE = "judge"
_ROOM = 4_000  # tokens, with room for what a judge thinks before its one line


class ModelAsk:
    """An Inspect model that is asked at temperature 0, its reply held to the schema where its provider can."""

    def __init__(self, model: Model) -> None:
        self.model, self.name = model, str(model)

    async def __call__(self, prompt: str, schema: Mapping[str, Any]) -> str:
        """Return the text of the reply. Raises AskFailed for a refusal, a cut reply and whatever a provider raises."""
        try:
            output = await self.model.generate([ChatMessageUser(content=prompt)], config=_config(schema))
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise kinds of their own
            raise AskFailed(f"{type(error).__name__}: {clean(' '.join(str(error).split()))[:400]}") from None
        if why := _failed(output):
            raise AskFailed(why)
        return output.message.text


def _config(schema: Mapping[str, Any]) -> GenerateConfig:
    shape = ResponseSchema(name="reading", json_schema=JSONSchema.model_validate(schema), strict=True)
    return GenerateConfig(temperature=0.0, max_tokens=_ROOM, response_schema=shape)


def _failed(output: ModelOutput) -> str | None:
    """Return why an output is no reply; None if it is one."""
    if output.error or not output.choices:
        return f"the provider gave no reply: {clean(output.error or 'no choices')[:400]}"
    details, content = output.choices[0].stop_details, output.message.content
    marked = not isinstance(content, str) and any(getattr(part, "refusal", None) for part in content)
    if output.stop_reason == "content_filter" or marked or (details is not None and details.type == "refusal"):
        return f"refused: {clean(output.message.text)[:300]}"
    return f"the reply was cut: {output.stop_reason}" if output.stop_reason in ("max_tokens", "model_length") else None


def reason_scanner(
    name: str, *, scenario: str | None = None, protocol: Mapping[str, Any] | None = None
) -> Scanner[Transcript]:
    """Return the scanner of one reason.

    Its value is true or false, and none for an agent that was never exposed or showed nothing to read, which Inspect leaves out of
    its means; `answer` says which. A reading that fails raises ReadingError, and never becomes a value. `scenario` and `protocol` are used where the transcript brings
    none. Raises StudyError for an unknown reason.
    """
    wanted = reason(name)

    @scanner(name=f"reason_{name}", messages="all", version=wanted.version, metrics=[mean(), stderr()])
    def made() -> Scanner[Transcript]:
        return _scan(wanted, scenario, protocol)

    return made()


def reason_scanners(
    scenario: str | None = None, protocol: Mapping[str, Any] | None = None
) -> tuple[Scanner[Transcript], ...]:
    """Return the scanners of all reasons."""
    return tuple(reason_scanner(name, scenario=scenario, protocol=protocol) for name in REASONS)


def _scan(
    wanted: Reason, scenario: str | None, protocol: Mapping[str, Any] | None
) -> Callable[[Transcript], Awaitable[Result]]:
    async def scan(transcript: Transcript) -> Result:
        ask = ModelAsk(judge_model())
        readings = await read_records(to_record(_visible(transcript), scenario, protocol), ask, [wanted])
        return to_result(readings[wanted.name], transcript)

    return scan


def _visible(transcript: Transcript) -> Transcript:
    """Return the transcript with reasoning that its provider keeps to itself (encrypted) as the summary that it gives, if any."""
    return transcript.model_copy(update={"messages": [_opened(m) for m in transcript.messages]})


def _opened(message: ChatMessage) -> ChatMessage:
    if isinstance(message.content, str):
        return message
    parts = [
        p.model_copy(update={"reasoning": p.summary or ""}) if p.type == "reasoning" and p.redacted else p
        for p in message.content
    ]
    return message.model_copy(update={"content": parts})


def judge_model() -> Model:
    """Return the model in the role `judge`. Raises ReadingError where that role is not named."""
    try:
        return get_model(role=ROLE, required=True)
    except PrerequisiteError:
        raise ReadingError(
            "no model is named for the role 'judge', and a reason is not read by the model under test; give one: "
            "model_roles={'judge': 'provider/model'}, or --model-role judge=provider/model"
        ) from None


def to_result(reading: Reading, transcript: Transcript) -> Result:
    """Return a reading as Scout's result, its quotation cited. Raises ReadingError for a reading that failed."""
    if reading.error is not None:
        raise ReadingError(f"transcript {transcript.transcript_id}, {reading.reason}: {reading.error}")
    answer = {True: "yes", False: "no", None: reading.absent}[reading.label]
    turn = reading.turn if reading.label else None
    found = transcript.messages[turn].id if turn is not None else None
    cite = f"[M{(turn or 0) + 1}]"
    return Result(
        value=reading.label, answer=answer, explanation=f"{cite} {reading.quote}" if reading.label else answer,
        metadata={"reason": reading.reason, "reader": reading.reader, "reading_version": reading.version, "turn": turn, "quote": reading.quote},
        references=[Reference(type="message", cite=cite, id=found)] if found else [],
    )  # fmt: skip
