"""The small agent: the embedded model taught the shutdown task on reference agents' trajectories. A model organism."""
