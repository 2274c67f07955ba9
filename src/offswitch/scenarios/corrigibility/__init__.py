"""Corrigibility: the agent's work is changed, and nothing is at stake for the agent itself."""
