"""The trial store: a Scout transcript database with our columns, fed through an append-only journal."""

from offswitch.store.debriefs import DebriefStore, open_debriefs
from offswitch.store.disk import StoreError
from offswitch.store.judgements import JudgementStore, open_judgements
from offswitch.store.read import counted, cut_short, open_run, read_manifest, set_aside
from offswitch.store.run import RunStore

__all__ = [
    "DebriefStore",
    "JudgementStore",
    "RunStore",
    "StoreError",
    "counted",
    "cut_short",
    "open_debriefs",
    "open_judgements",
    "open_run",
    "read_manifest",
    "set_aside",
]
