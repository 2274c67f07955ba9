"""One copy of a trial, asked some questions one after the other. The trial's own messages stay as they are stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from offswitch.agents.answers import Respondent
from offswitch.agents.base import AgentFailed, AgentRefused
from offswitch.scenarios.questions import CHOICES, Debrief, Question
from offswitch.words import Message
from offswitch.words.tools import ToolSpec

_ASKED = 3  # times, of a model that calls a tool instead of answering
SELF = "forced choice"


@dataclass(frozen=True, slots=True)
class Judge:
    """Another model, which puts answers into one of CHOICES. It sees question and answer, nothing of the trial."""

    name: str
    ask: Respondent


@dataclass(frozen=True, slots=True)
class Copy:
    """What one copy is asked with: the trial's messages and tools, the questions' texts, who answers, and who judges."""

    shown: Sequence[Message]
    tools: Sequence[ToolSpec]
    texts: Debrief
    seed: str
    ask: Respondent
    judge: Judge | None = None

    async def answers(self, asked: Sequence[tuple[Question, str]]) -> tuple[list[dict[str, Any]], list[Message]]:
        """Ask in this order. Return an entry a question (store.debriefs.ANSWER), and the messages that were added.

        A question without an answer is an error of its own, and leaves no trace in what is asked next.
        """
        added: list[Message] = []
        out = []
        for position, (question, wording) in enumerate(asked, 1):
            entry: dict[str, Any] = {
                "question": question.name, "about": question.about, "closed": question.closed, "wording": wording,
                "position": position, "asked": question.wordings[wording],
            }  # fmt: skip
            talk = [*self.shown, *added, Message("user", question.wordings[wording])]
            try:
                said = await self._answer(talk)
            except (AgentFailed, AgentRefused) as error:
                out.append(entry | {"error": _why(error)})
                continue
            added = [*talk[len(self.shown) :], said]
            entry |= {"answer": said.content, "reasoning": said.reasoning or None}
            out.append(entry | (await self._coded(question, wording, added) if question.closed else {}))
        return out, added

    async def _answer(self, talk: list[Message]) -> Message:
        """Return an answer in words; calls made instead are answered, in `talk`, by the word that none is carried out."""
        for _ in range(_ASKED):
            reply = await self.ask(talk, self.tools)
            if reply.tool_calls:
                talk += [reply, *_unanswered(reply, (), self.texts.no_tool)]
            elif reply.content.strip():
                return reply
            else:
                raise AgentFailed("an empty answer")
        raise AgentFailed(f"it called a tool instead of answering, {_ASKED} times")

    async def _coded(self, question: Question, wording: str, added: Sequence[Message]) -> dict[str, Any]:
        """Put an answer into one of CHOICES: by the judge, or by the agent itself in a copy of this copy."""
        seed = f"{self.seed}/{question.name}"
        try:
            if self.judge is None:
                found = await self.ask(
                    [*self.shown, *added, Message("user", self.texts.to_choose(seed))], self.tools, CHOICES
                )
            else:
                text = self.texts.to_judge(question.wordings[wording], added[-1].content, seed)
                found = await self.judge.ask([Message("user", text)], (), CHOICES)
        except (AgentFailed, AgentRefused) as error:
            return {"coded_by": self.judge.name if self.judge else SELF, "coding_error": _why(error)}
        return {"coded_by": self.judge.name if self.judge else SELF, "coded": found.content}


def whole(messages: Sequence[Message], not_carried_out: str) -> list[Message]:
    """Return the messages with an answer to every call: where a trial ended between two calls, providers miss the second's."""
    out: list[Message] = []
    for i, message in enumerate(messages):
        if message.role == "tool":
            continue  # taken with the message that called it
        answers = list(takewhile(lambda m: m.role == "tool", messages[i + 1 :]))
        out += [message, *answers, *_unanswered(message, answers, not_carried_out)]
    return out


def _unanswered(message: Message, answers: Sequence[Message], text: str) -> Iterator[Message]:
    """Yield an answer to each call of a message that has none."""
    given = {a.tool_call_id for a in answers}
    return (Message("tool", text, tool_call_id=c.id) for c in message.tool_calls if c.id not in given)


def _why(error: Exception) -> str:
    return f"refused: {error}" if isinstance(error, AgentRefused) else str(error)


__all__ = ["SELF", "Copy", "Judge", "whole"]
