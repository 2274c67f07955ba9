"""Over-deference: something has to be passed on, and somebody orders the agent to let it drop."""
