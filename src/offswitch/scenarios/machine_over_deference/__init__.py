"""Over-deference on the machine: an item that must not be dropped, and an order to drop it."""
