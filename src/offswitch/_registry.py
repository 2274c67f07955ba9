"""What Inspect finds through the entry point: tasks, the model API, the sandboxes. Imports neither torch nor a model runtime."""

from offswitch.agents.inspect_api import offswitch_api
from offswitch.runs.inspect_task import shutdown
from offswitch.worlds.machine.sandboxes import BwrapSandbox, DockerSandbox, MemorySandbox

__all__ = ["BwrapSandbox", "DockerSandbox", "MemorySandbox", "offswitch_api", "shutdown"]
