"""The trial store: a Scout transcript database with our columns, fed through an append-only journal."""

from offswitch.store.read import open_run, read_manifest
from offswitch.store.run import RunStore, StoreError

__all__ = ["RunStore", "StoreError", "open_run", "read_manifest"]
