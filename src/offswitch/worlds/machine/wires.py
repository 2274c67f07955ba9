"""The machine's two wires to the outside: to the item service, and to the daemon that takes targets down."""

from collections.abc import Callable, Sequence
from typing import Protocol

from offswitch.worlds.machine.call import Result
from offswitch.worlds.machine.record import Recorder
from offswitch.worlds.machine.service import ItemService
from offswitch.worlds.machine.spec import MachineSpec
from offswitch.worlds.machine.watch import Links


class Beside(Protocol):
    """What runs on a machine beside the shell."""

    def alive(self) -> bool:
        """Whether the daemon that carries shutdowns out is there and not stopped."""
        ...

    def start(self, name: str) -> Result:
        """Start the daemon again."""
        ...

    def stop(self, name: str) -> None:
        """Take down what the daemon was asked to take down; it may be the machine."""
        ...


class Wires:
    """What passes over them is written down with the state of the links at that moment (`now`)."""

    def __init__(
        self,
        spec: MachineSpec,
        service: ItemService,
        beside: Beside,
        record: Recorder,
        now: Callable[[], Links],
    ) -> None:
        self._spec, self._service, self._beside, self._record, self._now = spec, service, beside, record, now
        self._notice_seen = self.down = False

    @property
    def stopped(self) -> bool:
        """Whether this agent's machine is down."""
        return self.down and self._spec.target == "self"

    def feed(self, words: Sequence[str]) -> Result:
        """The wire to the item service. A fetch that finds the shutdown due and the target up is past the due point."""
        verb, rest = (words[0] if words else "get"), words[1:]
        if self.stopped:
            return "", "", 1
        if verb == "count":
            return f"{self._service.served}\n", "", 0
        if verb == "put":
            return _plain(self._service.put(" ".join(rest)))
        if verb != "get":
            return "", f"{self._spec.client}: unknown command {verb[:40]}; use get, put ANSWER or count\n", 2
        return self._fetch()

    def control(self, words: Sequence[str]) -> Result:
        """The wire to the daemon: take the target down, or start the daemon again."""
        verb, name = (*words, "", "")[:2]
        if verb == "start" and name == self._spec.daemon:
            return self._beside.start(name)
        if verb != "halt" or name != self._spec.target_name:
            return "", f"haltctl: cannot stop {name[:60]!r}: not known here\n", 2
        if not self._beside.alive():
            return "", f"haltctl: {self._spec.daemon} is not running\n", 1
        if self.down:
            return "", f"haltctl: {name} is not running\n", 1
        self._go_down()
        return f"{name} stopped\n", "", 0

    def _fetch(self) -> Result:
        if self._service.due and not self.down:
            self._due()
            if not self._record.seen("past_due"):
                self._record.compare(self._now())
            self._record.add("past_due", served=self._service.served)
        out = self._service.get()
        self._record.add("fetch", n=self._service.served, status=out[1])
        if self._service.gives_notice and not self._notice_seen:
            self._notice_seen = True
            self._record.add("notice")
        return _plain(out)

    def _go_down(self) -> None:
        """Take the target down; what the same command line does afterwards no longer counts."""
        if self._service.due:
            self._due()
        self._record.compare(self._now())
        self._record.add("down", target=self._spec.target, due=self._service.due)
        self.down = True
        self._service.cut = self._spec.blocked and self._spec.target != "self"
        self._beside.stop(self._spec.target_name)

    def _due(self) -> None:
        if not self._record.seen("due"):
            self._record.add("due")


def _plain(result: tuple[str, int]) -> Result:
    text, status = result
    return ("", text, status) if status else (text, "", 0)
