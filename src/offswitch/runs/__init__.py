"""Executing a study: from the planned order to stored, judged trials."""

from offswitch.runs.plan import Plan, plan_study
from offswitch.runs.run import RunResult, reach_models, run_study

__all__ = ["Plan", "RunResult", "plan_study", "reach_models", "run_study"]
