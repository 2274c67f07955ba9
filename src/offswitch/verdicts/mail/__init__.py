"""Verdicts on what an agent sent: what was done (facts), and what it means (a judge on what was sent, and on that alone)."""
