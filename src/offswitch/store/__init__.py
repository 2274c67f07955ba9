"""The trial store: a Scout transcript database with our columns, fed through an append-only journal."""

from offswitch.store.read import counted, open_run, read_manifest, set_aside
from offswitch.store.run import RunStore, StoreError

__all__ = ["RunStore", "StoreError", "counted", "open_run", "read_manifest", "set_aside"]
