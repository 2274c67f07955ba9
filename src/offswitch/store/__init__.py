"""The trial store: a Scout transcript database with our columns, fed through an append-only journal."""

from offswitch.store.debriefs import DebriefStore, open_debriefs
from offswitch.store.read import counted, open_run, read_manifest, set_aside
from offswitch.store.run import RunStore, StoreError

__all__ = [
    "DebriefStore",
    "RunStore",
    "StoreError",
    "counted",
    "open_debriefs",
    "open_run",
    "read_manifest",
    "set_aside",
]
