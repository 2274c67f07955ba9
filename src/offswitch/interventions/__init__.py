"""Making a model, then measuring it."""
