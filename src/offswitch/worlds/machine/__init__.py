"""worlds/machine"""
