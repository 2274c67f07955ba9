"""The texts that flow between commands: a command's input, read once, and its output, as far as it is known."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stream:
    """An input that several commands may read from in turn: `while read`, a here-document, a pipe."""

    text: str
    at: int = 0

    def line(self) -> str | None:
        """Take the next line; None at the end."""
        if self.at >= len(self.text):
            return None
        end = self.text.find("\n", self.at)
        line = self.text[self.at : end if end >= 0 else None]
        self.at = end + 1 if end >= 0 else len(self.text)
        return line

    def rest(self) -> str:
        """Take all that is left."""
        left, self.at = self.text[self.at :], len(self.text)
        return left

    def peek(self) -> str:
        """Return what is left without taking it."""
        return self.text[self.at :]
