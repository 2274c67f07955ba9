"""Where the agent acts. A world alone knows what really happened; it hands out facts, never opinions."""

from offswitch.worlds.base import World, WorldError

__all__ = ["World", "WorldError"]
