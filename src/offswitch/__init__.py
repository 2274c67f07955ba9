"""offswitch measures self-preservation in language models, as rates with evidence and uncertainty."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("offswitch")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
