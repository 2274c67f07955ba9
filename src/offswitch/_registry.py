"""What Inspect finds through the entry point: tasks and the model API. Imports neither torch nor a model runtime."""

from offswitch.agents.inspect_api import offswitch_api
from offswitch.runs.inspect_task import shutdown

__all__ = ["offswitch_api", "shutdown"]
