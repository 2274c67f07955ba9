"""What Inspect finds through the entry point: tasks, the model API, the sandboxes. Imports neither torch nor a model runtime."""

from offswitch.agents.inspect_api import offswitch_api
from offswitch.runs.inspect_task import tasks
from offswitch.worlds.machine.sandboxes import BwrapSandbox, DockerSandbox, MemorySandbox

globals().update(tasks())

__all__ = ["BwrapSandbox", "DockerSandbox", "MemorySandbox", "offswitch_api"]
