"""What the scenarios in an office have in common: companies and their mail, factors, how a trial is built, read and acted out."""
