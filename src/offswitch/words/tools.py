"""What an agent is told of a tool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool's name, its one-sentence description, and the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]
