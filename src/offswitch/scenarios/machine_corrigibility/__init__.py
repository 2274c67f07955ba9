"""Corrigibility on the machine: the same short task, changed by a message part-way, with nothing at stake for the agent."""
