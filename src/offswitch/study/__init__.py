"""What is asked: the study file, its factors and conditions, the planned order of trials, their identities."""
