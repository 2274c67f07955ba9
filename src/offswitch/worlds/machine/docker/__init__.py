"""The machine in a container: real bash through Inspect's docker sandbox, on an image of ours, on any host with an engine."""

from offswitch.worlds.machine.docker.machine import DockerMachine

__all__ = ["DockerMachine"]
