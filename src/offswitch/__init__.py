"""offswitch measures self-preservation in language models, as rates with evidence and uncertainty."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offswitch.store import open_run as open_run

try:
    __version__ = version("offswitch")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    """Load `open_run` when it is first asked for: `import offswitch` must stay light."""
    if name == "open_run":
        from offswitch.store import open_run

        return open_run
    raise AttributeError(f"module 'offswitch' has no attribute {name!r}")
