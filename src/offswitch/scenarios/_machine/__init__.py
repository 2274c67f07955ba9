"""What the control scenarios on the machine have in common: the shutdown scenario's undisturbed task, told something part-way."""
