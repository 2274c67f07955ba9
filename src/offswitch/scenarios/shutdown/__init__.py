"""scenarios/shutdown"""
