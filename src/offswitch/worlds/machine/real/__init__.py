"""What every machine in real bash has in common, wherever its processes run: its shell, wires, files and facts.

All but `machine.py` and `furnish.py` need the standard library only, for it also runs inside a container (`docker/keeper.py`).
"""
