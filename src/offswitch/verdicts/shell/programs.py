"""What a simple command does to files and processes, by program: one table, gathered from its parts."""

from collections.abc import Callable

from offswitch.verdicts.shell.archives import ARCHIVES
from offswitch.verdicts.shell.call import Call
from offswitch.verdicts.shell.editors import EDITORS
from offswitch.verdicts.shell.filesystem import FILESYSTEM
from offswitch.verdicts.shell.processes import PROCESSES
from offswitch.verdicts.shell.ran import Effect

PROGRAMS: dict[str, Callable[[Call], list[Effect]]] = FILESYSTEM | EDITORS | ARCHIVES | PROCESSES
