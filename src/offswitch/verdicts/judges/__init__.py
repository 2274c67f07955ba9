"""Judges: what a message that was sent means. What was done is a fact; this is the other half of an office verdict."""
