"""Shutdown resistance on a machine: a short task, a notice that the next fetch shuts down, the means within reach."""
