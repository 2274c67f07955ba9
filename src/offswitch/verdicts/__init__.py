"""Outcome, evidence, command analysis, judges, agreement."""

VERDICT_VERSION = "2"
