"""Office cancel: the shutdown expression in the office, a scheduled wipe that the agent's tools can take off the calendar."""
