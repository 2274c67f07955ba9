"""Reading Python that an agent wrote: a small evaluator over Python's own grammar; nothing is run."""
